"""A SQLite file on its way into a backup and out of it."""
