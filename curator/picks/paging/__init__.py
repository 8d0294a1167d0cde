"""Items and picks, page by page."""
