"""SOURCE -> PICTURE: asks for a picture through the guard, makes it fit for mail, and keeps it."""

from dataclasses import dataclass
from datetime import datetime

from curator.clock import Clock
from curator.db import Database, Session
from curator.errors import CuratorError, FetchError
from curator.http.values import Fetcher, phrase
from curator.pictures import make, patience, store
from curator.pictures.values import Made, Picture, PictureError, PictureRow, PictureStore
from curator.queue import store as queue

FETCH = "fetch_picture"
"""The task's name; its payload is {picture_id}."""

# Some servers send what a browser would not show otherwise.
_ACCEPT = {"Accept": "image/jpeg,image/png,image/webp,image/avif,image/gif"}


@dataclass(frozen=True)
class Came:
    """What came of asking: whether a picture is kept, and whether it is another one than before."""

    is_kept: bool
    is_other: bool = False
    note: str = ""


def queue_fetch(session: Session, picture_id: int, *, now: datetime) -> bool:
    """Queues asking for a picture; False where that waits already."""
    return queue.enqueue(session, FETCH, {"picture_id": picture_id}, now=now, key=key_of(picture_id))


def key_of(picture_id: int) -> str:
    """Returns the key under which a picture is asked for: by one worker at a time."""
    return f"picture:{picture_id}"


def fetch(db: Database, fetcher: Fetcher, kept: PictureStore, picture_id: int, *, clock: Clock) -> Came:
    """Asks for a picture that is due and writes down what came; one that is not due is left alone.

    Three acts: read, ask and keep the file without a transaction, write. A crash between the last two leaves a file
    that nobody speaks of, and the next call asks again. Whatever is wrong with a picture is noted on it; StorageError
    where it cannot be kept.
    """
    with db.read() as session:
        row = store.picture(session, picture_id)
    now = clock()
    if row.next_try_at is None or row.next_try_at > now:
        return Came(row.picture is not None)
    try:
        found = _had(fetcher, row)
    except (FetchError, PictureError) as error:
        return _failed(db, row, str(error), now=now, error=error)
    except CuratorError as error:
        if error.retry_in is None:
            raise
        # The host wants to be left alone: that is no try.
        return _failed(db, row, str(error), now=now, error=error, is_try=False)
    picture = Picture(kept.put(found.content, found.kind), found.width, found.height, len(found.content))
    with db.write() as session:
        # Of now, not of when it was asked: what was approved while the answer was on its way was approved without it.
        store.note_stored(session, picture_id, picture, now=clock())
    return Came(is_kept=True, is_other=row.picture is not None and row.picture.name != picture.name)


def _had(fetcher: Fetcher, row: PictureRow) -> Made:
    answer = fetcher.get(row.source.url, headers=_ACCEPT)
    if not 200 <= answer.status < 300:
        raise FetchError(row.source.url, f"The server answers {phrase(answer.status)}.")
    return make.made(answer.body, row.source.use)


def _failed(
    db: Database, row: PictureRow, note: str, *, now: datetime, error: CuratorError, is_try: bool = True
) -> Came:
    tries = row.tries + 1 if is_try else row.tries
    again = patience.next_try(
        tries, now=now, is_hopeless=isinstance(error, PictureError), at_least=None if is_try else error.retry_in
    )
    with db.write() as session:
        store.note_failed(session, row.id, note, tries=tries, next_try_at=again)
        store.note_tried(session, row.id, now=now)
    return Came(is_kept=row.picture is not None, note=note)
