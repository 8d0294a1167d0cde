"""Blurbs that nobody wrote: sentences of the article, to begin from."""
