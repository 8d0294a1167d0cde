"""A newsletter's logo: taken from an upload, made small, kept, and taken away again."""

from dataclasses import replace
from datetime import datetime

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import InvalidError
from curator.newsletters import store as newsletters
from curator.pictures import make, store
from curator.pictures.values import Logo, Picture, PictureError, PictureStore, Use

MAX_LOGO_BYTES = 2_000_000
"""What a logo's file may weigh; one for print may have more, and looks no better in a mail."""

MAX_ALT = 200
_LEAST_WIDTH = 40


def take(
    db: Database,
    kept: PictureStore,
    newsletter_id: int,
    content: bytes,
    *,
    alt: str,
    by: int | None,
    now: datetime,
) -> Logo:
    """Keeps a newsletter's logo and returns it; an older one can come back by Undo.

    Empty `alt` is the newsletter's name. The picture is made and kept before the transaction. Raises
    InvalidError("logo") with the reason, or ("alt").
    """
    picture = _picture(kept, content)
    with db.write() as session:
        logo = Logo(newsletter_id, picture, _words(session, newsletter_id, alt), now)
        _write(session, logo, by=by, now=now)
        return logo


def describe(db: Database, newsletter_id: int, *, alt: str, by: int | None, now: datetime) -> None:
    """Writes other words for the logo that is there. Raises InvalidError("logo") where there is none."""
    with db.write() as session:
        found = store.logo(session, newsletter_id)
        if found is None:
            raise InvalidError("logo", "Choose a file.")
        _write(session, replace(found, alt=_words(session, newsletter_id, alt)), by=by, now=now)


def remove(db: Database, newsletter_id: int, *, by: int | None, now: datetime) -> bool:
    """Takes a newsletter's logo away; False where it has none."""
    with db.write() as session:
        if store.logo(session, newsletter_id) is None:
            return False
        put(session, newsletter_id, None, by=by, now=now)
        return True


def put(
    session: Session, newsletter_id: int, facts: dict[str, object] | None, *, by: int | None, now: datetime
) -> None:
    """Writes a logo down, or with None none, and says so in the log."""
    was = store.logo_facts(store.logo(session, newsletter_id))
    store.put_logo(session, newsletter_id, facts, now=now)
    activity.record(
        session,
        at=now,
        actor=by,
        verb="changed the logo of",
        subject="newsletter",
        subject_id=newsletter_id,
        before={"logo": was},
        after={"logo": facts},
    )


def _write(session: Session, logo: Logo, *, by: int | None, now: datetime) -> None:
    facts = store.logo_facts(logo)
    if facts != store.logo_facts(store.logo(session, logo.newsletter_id)):
        put(session, logo.newsletter_id, facts, by=by, now=now)


def _words(session: Session, newsletter_id: int, alt: str) -> str:
    words = " ".join(alt.split()) or newsletters.newsletter(session, newsletter_id).name
    if len(words) > MAX_ALT:
        raise InvalidError("alt", f"This is {len(words):,} characters long; at most {MAX_ALT} fit.")
    return words


def _picture(kept: PictureStore, content: bytes) -> Picture:
    if len(content) > MAX_LOGO_BYTES:
        raise InvalidError("logo", f"The file has more than {MAX_LOGO_BYTES // 1_000_000} MB. Save a smaller one.")
    try:
        made = make.made(content, Use.LOGO)
    except PictureError as error:
        raise InvalidError("logo", error.reason) from error
    if made.width < _LEAST_WIDTH and made.height < _LEAST_WIDTH:
        told = f"It would show at {made.width} by {made.height} pixels"
        raise InvalidError("logo", f"{told}. Choose a larger one, at best 480 pixels wide.")
    return Picture(kept.put(made.content, made.kind), made.width, made.height, len(made.content))
