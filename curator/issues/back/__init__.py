"""Back issues: numbers that went out before Curator, read from files."""
