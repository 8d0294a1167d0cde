"""What a form has done, in words, on the page that follows."""

from flask import flash


def said(words: str) -> None:
    """Shows the words on the next page."""
    flash(words, "done")
