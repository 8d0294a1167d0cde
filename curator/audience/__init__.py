"""Who asked for mail, and who must never get any."""
