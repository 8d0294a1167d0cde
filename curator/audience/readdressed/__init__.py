"""Readers who want their mail at another address: what was asked, agreed to and taken back."""
