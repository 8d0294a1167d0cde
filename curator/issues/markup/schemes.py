"""Shows a mail as one colour scheme has it, whatever the browser prefers: its own questions are answered. Pure."""

import re

_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_ALWAYS, _NEVER = "(min-width: 0)", "(max-width: 0)"


def in_scheme(html: str, scheme: str) -> str:
    """Returns HTML whose style sheets take the scheme for "light" or "dark" without asking for it."""
    return _QUERY.sub(lambda found: _ALWAYS if found[1].lower() == scheme else _NEVER, html)
