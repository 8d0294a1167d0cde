"""What was passed over or put off and is worth a second look."""
