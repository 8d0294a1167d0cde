"""Received: the deliveries of one subscriber, over all mailings."""
