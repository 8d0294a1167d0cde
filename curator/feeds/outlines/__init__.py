"""Feeds as lists hold them: folders in and out, and what a web page offers."""
