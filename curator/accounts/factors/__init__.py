"""Second factors: authenticator secrets and recovery codes."""
