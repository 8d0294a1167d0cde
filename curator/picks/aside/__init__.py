"""What is set aside without being skipped: items put off, muted feeds, muted words."""
