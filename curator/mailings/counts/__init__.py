"""How many deliveries of a mailing stand where, so that no page has to look at each."""
