"""Bounces: what a mail that came back says of its recipients, and how far it is to be believed."""
