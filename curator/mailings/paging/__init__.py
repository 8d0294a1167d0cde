"""Mailings, page by page."""
