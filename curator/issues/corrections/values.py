"""A correction as pages and feeds show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

MOST_NOTE_CHARACTERS = 1_000
MOST_WORDS_CHARACTERS = 10_000
MOST_OF_AN_ISSUE = 50
"""An issue that needs more is to be written anew: readers' pages show each of them."""


@dataclass(frozen=True)
class Correction:
    """What is said of a sent issue, or of one entry of it (`block_id`); `words` stand in place of the entry's own.

    They are named by the entry's fields as `editing.words_of` gives them; the body is Markdown. What is not named stays
    as it was.
    """

    id: int
    issue_id: int
    block_id: int | None
    note: str
    words: Mapping[str, str]
    made_by: int | None
    made_at: datetime
