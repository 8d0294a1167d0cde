"""Quotes and people that are withdrawn: out of everything that was kept, but for the note that it happened."""
