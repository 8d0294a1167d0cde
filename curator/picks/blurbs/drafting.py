"""What a pick's blurb may begin from."""

from curator.db import Session
from curator.errors import StateError
from curator.picks.blurbs import extract, store
from curator.picks.values import PickedItem

MOST_WORDS = 2_000


def drafted(session: Session, pick: PickedItem) -> str:
    """Returns the best sentences of what a pick is about.

    Raises StateError for one that has words already, and where nothing is known that could be quoted.
    """
    if pick.blurb.strip() and not pick.is_blurb_draft:
        raise StateError("It has words already, which stay as they are. Empty them first to have others drafted.")
    title, text = store.source(session, pick.item.id)
    found = extract.draft(text, title=title)[:MOST_WORDS]
    if not found:
        raise StateError(
            "No sentence of it is known that could stand as a blurb. Have its page read first, or write one."
        )
    return found
