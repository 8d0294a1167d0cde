"""Transactional mail: one letter to one person, written down in the transaction that causes it."""
