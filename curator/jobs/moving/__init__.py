"""Files of readers, looked through and taken in by a process of its own that ends afterwards."""
