"""What a transport may send: its buckets and its days."""
