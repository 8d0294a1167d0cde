"""Notes: what the desk writes about a subscriber, for itself."""
