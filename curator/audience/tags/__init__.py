"""Tags: words that the desk puts on subscribers, on one or on all that a filter shows."""
