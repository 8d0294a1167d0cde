"""Everything that an installation is, in one file: made while it runs, tried out, and brought back."""
