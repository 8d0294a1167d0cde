"""What of a newsletter readers got, handed down to the picks."""
