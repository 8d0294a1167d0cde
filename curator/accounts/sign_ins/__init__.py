"""Running sign-ins, and the history of tries."""
