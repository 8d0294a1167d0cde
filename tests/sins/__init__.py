"""What a sinner would try at every door of an installation, and that each of it is refused."""
