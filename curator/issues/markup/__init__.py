"""The rendered mail as programs read it: its elements, their words, and the colours that these get."""
