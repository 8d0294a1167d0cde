"""Carries an installation from its database into an empty PostgreSQL database, and compares every table."""
