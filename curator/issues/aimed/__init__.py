"""Aim: the segment of its newsletter that an issue goes to."""
