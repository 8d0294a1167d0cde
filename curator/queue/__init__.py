"""Jobs: the queue of record and its claim."""
