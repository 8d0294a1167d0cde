"""Growth: how many readers came and left, by day and in which way."""
