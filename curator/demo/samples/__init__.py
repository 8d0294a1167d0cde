"""Sample feeds written for the demo: an invented podcast, and invented publishers who write about data."""
