"""Who has an issue's board open."""
