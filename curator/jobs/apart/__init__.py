"""What takes much memory and time, done in a process of its own that ends afterwards."""
