"""Plays the days of an archive of feeds through the line: faults, a clock that is set, and what must hold."""
