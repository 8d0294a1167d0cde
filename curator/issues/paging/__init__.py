"""Issues, page by page."""
