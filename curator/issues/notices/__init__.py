"""What the desk is told by mail about an issue on its way."""
