"""What came of a promotion in the issues that it ran in."""
