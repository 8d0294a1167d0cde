"""Where picks stand in issues, for pages that show items."""
