"""What readers get for filling in a form: the transcripts of own episodes, and files."""
