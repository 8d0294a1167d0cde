"""Feeds, page by page."""
