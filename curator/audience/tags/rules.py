"""Which spellings are one tag, and which are none. Pure."""

from curator.audience.tags.values import MAX_NAME
from curator.errors import InvalidError
from curator.names import one_line


def key_of(name: str) -> str:
    """Returns the form that makes two spellings of a tag one."""
    return " ".join(name.split()).casefold()[:MAX_NAME]


def checked_name(typed: str, *, field: str = "tag") -> str:
    """Returns a tag's name in one line. Raises InvalidError where there is none, or one too long."""
    name = one_line(typed, max_characters=MAX_NAME + 1)
    if not name:
        raise InvalidError(field, "Type a tag.")
    if len(name) > MAX_NAME:
        raise InvalidError(field, f"A tag has at most {MAX_NAME} characters.")
    return name
