"""Cohorts: of those who joined in a month, how many are still there months later."""
