"""How far a mailing is."""
