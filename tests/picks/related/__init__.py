"""What is about the same."""
