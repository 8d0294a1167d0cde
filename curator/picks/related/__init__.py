"""What is about the same: own episodes and past picks beside an item, an episode, an issue."""
