"""Item to pick."""
