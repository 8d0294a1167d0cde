"""Hits that name no reader: the mail does not say whose they are, or nobody of that number is kept any more."""
