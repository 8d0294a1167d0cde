"""The API: what programs may do with a token."""
