"""Links of issues that have left, and where they lead by now."""
