"""What there is to learn a taste from: what was decided about which item, and what is on offer."""
