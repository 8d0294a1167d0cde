"""The demo: the whole line on one machine, with its own feeds, readers and mail sink, and nothing leaves."""
