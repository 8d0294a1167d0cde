"""Matching: which readers of a newsletter fit a filter, and how many."""
