"""Addresses that are never mailed, whoever subscribed with them."""
