"""Segments: a small language that says which readers are meant, and the filters that are kept in it."""
