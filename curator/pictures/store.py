"""The pictures' rows: which are wanted and due, what became of them, logos and share images."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from curator.db import in_parts, insert_once, upsert
from curator.errors import NotFoundError
from curator.pictures.tables import NewsletterLogo, ShareImage, SourcePicture
from curator.pictures.values import Logo, Picture, PictureRow, PictureState, Source, Use

FORGIVEN_AFTER = timedelta(days=7)
"""What was given up is asked for again after so long, if somebody still wants it."""

_NOTE = 300


def pictures(session: Session, sources: Collection[Source]) -> dict[Source, PictureRow]:
    """Returns what is known of pictures elsewhere, by their source; one query, what nobody asked for is left out."""
    found: dict[Source, PictureRow] = {}
    for urls in in_parts(list(dict.fromkeys(source.url for source in sources))):
        for row in session.scalars(select(SourcePicture).where(SourcePicture.url.in_(urls))):
            found[Source(row.url, Use(row.use))] = _row(row)
    return {source: found[source] for source in sources if source in found}


def picture(session: Session, picture_id: int) -> PictureRow:
    """Returns one picture. Raises NotFoundError."""
    row = session.get(SourcePicture, picture_id, populate_existing=True)
    if row is None:
        raise NotFoundError("picture", picture_id)
    return _row(row)


def want(session: Session, sources: Collection[Source], *, now: datetime) -> list[int]:
    """Notes that pictures are wanted and returns the ids of those that are due now; others are known or were given up.

    What was given up long ago is due again.
    """
    known = pictures(session, sources)
    for source in dict.fromkeys(sources):
        if source not in known:
            insert_once(session, SourcePicture, {"url": source.url, "use": source.use, "next_try_at": now})
    over = [row.id for row in known.values() if is_forgiven(row, now=now)]
    if over:
        again = update(SourcePicture).where(SourcePicture.id.in_(over))
        session.execute(again.values(tries=0, next_try_at=now))
    found = pictures(session, sources).values()
    return [row.id for row in found if row.next_try_at is not None and row.next_try_at <= now]


def is_forgiven(row: PictureRow, *, now: datetime) -> bool:
    """Tells whether a picture was given up so long ago that it is asked for again."""
    is_over = row.state is PictureState.FAILED and row.next_try_at is None
    return is_over and row.tried_at is not None and row.tried_at <= now - FORGIVEN_AFTER


def ask_again(session: Session, source: Source, *, now: datetime) -> int:
    """Makes a picture due, whatever became of it, and returns its id; what is kept stays until another is had."""
    if not pictures(session, [source]):
        insert_once(session, SourcePicture, {"url": source.url, "use": source.use})
    row = pictures(session, [source])[source]
    session.execute(update(SourcePicture).where(SourcePicture.id == row.id).values(tries=0, next_try_at=now))
    return row.id


def due_ids(session: Session, *, now: datetime, limit: int = 50) -> list[int]:
    """Returns the pictures that are to be asked for, the longest due first."""
    due = select(SourcePicture.id).where(SourcePicture.next_try_at <= now)
    return list(session.scalars(due.order_by(SourcePicture.next_try_at, SourcePicture.id).limit(limit)))


def note_stored(session: Session, picture_id: int, kept: Picture, *, now: datetime) -> None:
    """Writes down what was had. The same picture again stays what it was, since when it was."""
    is_other = or_(SourcePicture.name.is_(None), SourcePicture.name != kept.name)
    which = update(SourcePicture).where(SourcePicture.id == picture_id)
    told = {"name": kept.name, "width": kept.width, "height": kept.height, "bytes": kept.bytes, "stored_at": now}
    session.execute(which.where(is_other).values(state=PictureState.STORED, **told))
    session.execute(which.values(note="", tries=0, next_try_at=None, tried_at=now))


def note_failed(session: Session, picture_id: int, note: str, *, tries: int, next_try_at: datetime | None) -> None:
    """Writes down why nothing was had, and when it is tried again; what was kept before stays."""
    which = update(SourcePicture).where(SourcePicture.id == picture_id)
    session.execute(which.values(note=note[:_NOTE], tries=tries, next_try_at=next_try_at))
    session.execute(which.where(SourcePicture.name.is_(None)).values(state=PictureState.FAILED))


def note_tried(session: Session, picture_id: int, *, now: datetime) -> None:
    """Writes down that somebody asked just now."""
    session.execute(update(SourcePicture).where(SourcePicture.id == picture_id).values(tried_at=now))


# -- logos


def logo(session: Session, newsletter_id: int) -> Logo | None:
    """Returns a newsletter's logo, None where it has none."""
    row = session.get(NewsletterLogo, newsletter_id, populate_existing=True)
    if row is None:
        return None
    return Logo(row.newsletter_id, Picture(row.name, row.width, row.height, row.bytes), row.alt, row.uploaded_at)


def put_logo(session: Session, newsletter_id: int, facts: dict[str, Any] | None, *, now: datetime) -> None:
    """Writes a newsletter's logo down as `logo_facts` tells of it; None takes it away."""
    if facts is None:
        session.execute(delete(NewsletterLogo).where(NewsletterLogo.newsletter_id == newsletter_id))
        return
    told = {**facts, "uploaded_at": now}
    upsert(
        session, NewsletterLogo, [{"newsletter_id": newsletter_id, **told}], keys=["newsletter_id"], update=list(told)
    )


def logo_facts(found: Logo | None) -> dict[str, Any] | None:
    """Returns what the log keeps of a logo: its file stays, so it can come back."""
    if found is None:
        return None
    kept = found.picture
    return {"name": kept.name, "width": kept.width, "height": kept.height, "bytes": kept.bytes, "alt": found.alt}


# -- share images


def share_image(session: Session, issue_id: int) -> Picture | None:
    """Returns the picture that stands for an issue, None where none is drawn (yet)."""
    row = session.get(ShareImage, issue_id, populate_existing=True)
    return None if row is None else Picture(row.name, row.width, row.height, row.bytes)


def put_share_image(session: Session, issue_id: int, drawn: Picture, *, now: datetime) -> None:
    """Writes down the picture that stands for an issue, over an older one."""
    told = {"name": drawn.name, "width": drawn.width, "height": drawn.height, "bytes": drawn.bytes, "drawn_at": now}
    upsert(session, ShareImage, [{"issue_id": issue_id, **told}], keys=["issue_id"], update=list(told))


def _row(row: SourcePicture) -> PictureRow:
    kept = None if row.name is None else Picture(row.name, row.width, row.height, row.bytes)
    return PictureRow(
        id=row.id,
        source=Source(row.url, Use(row.use)),
        state=PictureState(row.state),
        picture=kept,
        note=row.note,
        tries=row.tries,
        next_try_at=row.next_try_at,
        tried_at=row.tried_at,
        stored_at=row.stored_at,
    )
