"""Corrections of sent issues: a dated note, and better words on the web; the mail that left stays as it was."""
