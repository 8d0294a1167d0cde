"""Items of several feeds that tell the same thing, folded into one story."""
