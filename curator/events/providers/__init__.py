"""What providers tell of mail that left, read provider by provider. Pure."""
