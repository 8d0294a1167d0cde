"""Newsletters: cadence, sender, sections."""
