"""The archive: the issues that were sent, as anybody may see them."""
