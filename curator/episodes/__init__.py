"""Item to quote: what a show and its episodes are, transcripts, and passages worth quoting."""
