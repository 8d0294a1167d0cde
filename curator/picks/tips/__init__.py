"""What readers send in: a link and why. It waits for an editor before anything is fetched, and may become an item."""
