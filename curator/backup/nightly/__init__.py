"""A backup every night: made, tried out, counted, and the old ones put out."""
