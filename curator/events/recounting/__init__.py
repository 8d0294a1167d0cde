"""What every event of a mailing comes to, to hold its counters against."""
