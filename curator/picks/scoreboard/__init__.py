"""How well the order would have met what was picked: measured on the own archive, and kept for a page."""
