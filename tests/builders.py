"""Small named builders with defaults; each takes what its test cares about."""
