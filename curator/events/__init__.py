"""Delivery to event: what readers and their mail hosts did with what was sent."""
