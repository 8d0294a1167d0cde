"""The doors at which providers tell what became of mail."""
