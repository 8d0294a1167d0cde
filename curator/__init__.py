"""Curator: from feeds to a newsletter in readers' mail, one folder a stage."""

__version__ = "0.1.0"
