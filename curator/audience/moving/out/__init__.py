"""Everything about readers, written out for another tool or for keeping."""
