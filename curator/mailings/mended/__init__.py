"""Mailings that were stopped to be mended, and those that finish them with another revision."""
