"""Outgoing webhooks: what others' programs want to hear of, and the calls that tell them."""
