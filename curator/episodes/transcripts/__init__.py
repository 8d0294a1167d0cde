"""Transcripts: read in whatever form they come, kept turn by turn, searched."""
