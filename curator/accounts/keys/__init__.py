"""API tokens as rows."""
