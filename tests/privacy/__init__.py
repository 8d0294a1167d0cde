"""What is kept of readers, and how it goes."""
