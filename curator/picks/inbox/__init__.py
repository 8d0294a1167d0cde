"""What the inbox shows: a page of items with what became of each, and how many there are."""
