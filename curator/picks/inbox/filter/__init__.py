"""Which items stand under which tab of the inbox."""
