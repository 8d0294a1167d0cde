"""Cells that a spreadsheet would take for a formula: made harmless on the way out, and read back unchanged."""

import re

# What spreadsheets evaluate, or what shifts into a neighbour's cell (OWASP, CSV injection). A cell that has the mark
# before such a sign already gets one more, so that taking one off gives back exactly what was written.
_RISKY = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")


def defused(text: str) -> str:
    """Returns a cell that no spreadsheet evaluates."""
    return f"'{text}" if _RISKY.match(text) else text


def as_it_was(text: str) -> str:
    """Returns what `defused` was given. Other tools write the same mark (Ghost does), so their cells are read alike."""
    return text[1:] if text.startswith("'") and _DEFUSED.match(text) else text
