"""Portrait: what a subscriber chose in each newsletter, as the desk sees it."""
