"""What proves that a newsletter's mail is set up right: its DNS records as they were found, and probes."""
