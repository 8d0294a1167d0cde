"""Rendered states of an issue."""
