"""Feeds that move: when a new address is believed, and what becomes of the old one."""
