"""Quotes: passages that editors took from transcripts."""
