"""What is so old that it need not name readers any more."""
