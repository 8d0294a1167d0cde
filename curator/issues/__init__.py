"""Pick to issue."""
