"""What may be kept of a reader, and for how long."""
