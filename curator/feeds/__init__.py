"""Feed to item."""
