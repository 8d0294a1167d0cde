"""What providers told at their doors: kept as it came, read later."""
