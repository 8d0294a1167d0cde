"""What hands messages over."""
