"""Heard: the events of one subscriber, over all mailings."""
