"""How readers come in: what a newsletter asks and offers at its sign-up, and what it does not take from strangers."""
