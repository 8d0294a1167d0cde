"""Links by which a sponsor sees what came of a promotion, without an account."""
