"""Readers, page by page."""
