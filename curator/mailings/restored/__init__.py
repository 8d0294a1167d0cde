"""Mailings whose ledger may not be the last word: nothing of them leaves before a person has looked."""
