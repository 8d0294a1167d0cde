"""The quick reader of well-formed feeds."""
