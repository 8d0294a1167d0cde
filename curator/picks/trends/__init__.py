"""Which topics rise over the feeds, with the evidence for each."""
