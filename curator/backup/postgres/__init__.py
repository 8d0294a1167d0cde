"""The tables of a PostgreSQL database on their way into a backup and out of it."""
