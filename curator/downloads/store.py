"""The downloads' rows: who may get what, who asked, and how many came how far."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from curator.db import changed, in_parts, insert_once, upsert
from curator.downloads.tables import DownloadRequest, EpisodeAccess, OfferedFile, ShowAccess
from curator.downloads.values import (
    Access,
    Agreed,
    Download,
    DownloadKind,
    FileForm,
    FileOffer,
    Funnel,
    Request,
    ShowForm,
    StoredFile,
    TranscriptOffer,
)
from curator.episodes import store as episodes
from curator.episodes.tables import Transcript
from curator.errors import NotFoundError
from curator.feeds.tables import Feed, Item
from curator.feeds.values import ItemKind

_COUNTERS = ("views", "wishes", "requests", "confirmed", "downloads", "sign_ups")
_NO_COUNTS = dict.fromkeys(_COUNTERS, 0)


# -- transcripts


def transcripts(session: Session, item_ids: Collection[int]) -> dict[int, TranscriptOffer]:
    """Returns how the transcripts of these episodes of own shows may be got; others are left out. Two queries."""
    found: dict[int, TranscriptOffer] = {}
    for part in in_parts(list(item_ids)):
        read = episodes.transcribed(session, part)
        for item_id, feed_id, of_show, own in session.execute(_offers().where(Item.id.in_(part))):
            found[item_id] = _transcript(item_id, feed_id, of_show, own, has_transcript=item_id in read)
    return found


def transcript(session: Session, item_id: int) -> TranscriptOffer:
    """Returns how one episode's transcript may be got. Raises NotFoundError for what is no episode of an own show."""
    found = transcripts(session, [item_id]).get(item_id)
    if found is None:
        raise NotFoundError("episode", item_id)
    return found


def lock_transcript(session: Session, item_id: int) -> TranscriptOffer:
    """Makes the row of an episode's access where there is none, and holds it. Raises NotFoundError."""
    found = transcript(session, item_id)
    insert_once(session, EpisodeAccess, {"item_id": item_id, "is_in_work": False, **_NO_COUNTS})
    session.execute(select(EpisodeAccess.item_id).where(EpisodeAccess.item_id == item_id).with_for_update())
    return transcript(session, found.item_id)


def set_transcript(session: Session, item_id: int, *, access: Access | None, is_in_work: bool) -> None:
    """Writes who gets an episode's transcript; its row is held."""
    which = update(EpisodeAccess).where(EpisodeAccess.item_id == item_id)
    session.execute(which.values(access=access, is_in_work=is_in_work))


def show(session: Session, feed_id: int) -> ShowForm:
    """Returns what holds for all transcripts of a show."""
    row = session.get(ShowAccess, feed_id, populate_existing=True)
    return ShowForm() if row is None else ShowForm(Access(row.access), row.credit)


def set_show(session: Session, feed_id: int, form: ShowForm) -> None:
    """Writes what holds for all transcripts of a show."""
    row = {"feed_id": feed_id, "access": form.access, "credit": form.credit}
    upsert(session, ShowAccess, [row], keys=["feed_id"], update=["access", "credit"])


def demand(session: Session, item_ids: Collection[int]) -> dict[int, int]:
    """Returns how many asked for the transcripts of these items, where anybody did; one query."""
    asked = EpisodeAccess.requests + EpisodeAccess.wishes
    query = select(EpisodeAccess.item_id, asked).where(EpisodeAccess.item_id.in_(list(item_ids)), asked > 0)
    return {row[0]: row[1] for row in session.execute(query)}


def asked_for(session: Session, *, limit: int = 100) -> list[int]:
    """Returns at most `limit` episodes of own shows that somebody saw or asked for, the most asked for first."""
    asked = EpisodeAccess.requests + EpisodeAccess.wishes
    query = (
        select(EpisodeAccess.item_id)
        .join(Item, Item.id == EpisodeAccess.item_id)
        .join(Feed, Feed.id == Item.feed_id)
        .where(Feed.is_own_show, or_(asked > 0, EpisodeAccess.views > 0))
        .order_by(asked.desc(), EpisodeAccess.views.desc(), EpisodeAccess.item_id.desc())
    )
    return list(session.scalars(query.limit(limit)))


# -- files


def files(
    session: Session, *, item_id: int | None = None, newsletter_id: int | None = None, with_removed: bool = False
) -> list[FileOffer]:
    """Returns the files of an episode or of a newsletter (of all of them without either), the oldest first; 100."""
    query = select(OfferedFile).order_by(OfferedFile.id).limit(100)
    if item_id is not None:
        query = query.where(OfferedFile.item_id == item_id)
    if newsletter_id is not None:
        query = query.where(OfferedFile.newsletter_id == newsletter_id)
    if not with_removed:
        query = query.where(OfferedFile.is_removed.is_(False))
    return [_file(row) for row in session.scalars(query)]


def file(session: Session, file_id: int, *, lock: bool = False) -> FileOffer:
    """Returns one file, a removed one too; `lock` holds it until the transaction ends. Raises NotFoundError."""
    query = select(OfferedFile).where(OfferedFile.id == file_id).execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("file", file_id)
    return _file(row)


def newsletter_of_file(session: Session, file_id: int) -> int | None:
    """Returns the newsletter of a file; None for one of an episode, or one that is not there."""
    return session.scalar(select(OfferedFile.newsletter_id).where(OfferedFile.id == file_id))


def add_file(
    session: Session,
    form: FileForm,
    stored: StoredFile,
    *,
    item_id: int | None,
    newsletter_id: int | None,
    now: datetime,
) -> int:
    """Writes a file of an episode or of a newsletter down and returns its number."""
    row = OfferedFile(
        item_id=item_id,
        newsletter_id=newsletter_id,
        title=form.title,
        about=form.about,
        access=form.access,
        name=stored.name,
        file_name=stored.file_name,
        kind=stored.kind,
        bytes=stored.bytes,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def set_file(session: Session, file_id: int, **values: Any) -> None:
    """Writes some of a file's columns; its version rises."""
    values["version"] = OfferedFile.version + 1
    session.execute(update(OfferedFile).where(OfferedFile.id == file_id).values(**values))


# -- requests


def request(session: Session, request_id: int, *, lock: bool = False) -> Request | None:
    """Returns a request, None when it was forgotten; `lock` holds it until the transaction ends."""
    query = select(DownloadRequest).where(DownloadRequest.id == request_id).execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _request(row)


def newsletter_of_request(session: Session, request_id: int) -> int | None:
    """Returns whose sender a request's letters bear."""
    return session.scalar(select(DownloadRequest.newsletter_id).where(DownloadRequest.id == request_id))


def add_request(
    session: Session,
    download: Download,
    *,
    address: str,
    address_key: str,
    name: str,
    newsletter_id: int,
    agreed: Agreed,
    now: datetime,
) -> tuple[Request, bool]:
    """Writes a request down, once for each address, and returns it with whether it is new; it is held.

    What was agreed stays as it was the first time; so does the name, which only the mailbox's owner could vouch for.
    """
    row = {
        "address": address,
        "address_key": address_key,
        "name": name,
        "newsletter_id": newsletter_id,
        "asked_at": now,
        "place": agreed.place,
        "words": agreed.words,
        "downloads": 0,
        "item_id": download.id if download.kind is DownloadKind.TRANSCRIPT else None,
        "file_id": download.id if download.kind is DownloadKind.FILE else None,
    }
    is_new = insert_once(session, DownloadRequest, row)
    query = select(DownloadRequest).where(_is_for(download), DownloadRequest.address_key == address_key)
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
    return _request(found), is_new


def note_written(session: Session, request_id: int, *, now: datetime) -> None:
    """Writes down that a letter with a link was written."""
    session.execute(update(DownloadRequest).where(DownloadRequest.id == request_id).values(written_at=now))


def note_download(session: Session, request: Request, *, now: datetime) -> None:
    """Counts a download by a letter's link; the first one confirms the request."""
    which = update(DownloadRequest).where(DownloadRequest.id == request.id)
    session.execute(which.values(downloads=DownloadRequest.downloads + 1))
    unconfirmed = which.where(DownloadRequest.confirmed_at.is_(None)).values(confirmed_at=now)
    count(session, request.download, downloads=1, confirmed=changed(session, unconfirmed))


def waiting(session: Session, *, after_id: int = 0, limit: int = 500) -> list[Request]:
    """Returns at most `limit` requests that nobody was written for though what they asked for is there, by number."""
    of_episode = EpisodeAccess.item_id == DownloadRequest.item_id
    access = func.coalesce(EpisodeAccess.access, ShowAccess.access, Access.GATED)
    query = (
        select(DownloadRequest)
        .join(Transcript, Transcript.item_id == DownloadRequest.item_id)
        .join(Item, Item.id == DownloadRequest.item_id)
        .outerjoin(EpisodeAccess, of_episode)
        .outerjoin(ShowAccess, ShowAccess.feed_id == Item.feed_id)
        .where(DownloadRequest.written_at.is_(None), Transcript.is_ok, access != Access.OFF)
        .where(DownloadRequest.id > after_id)
        .order_by(DownloadRequest.id)
        .limit(limit)
    )
    return [_request(row) for row in session.scalars(query)]


# -- what readers may ask of us


def requests_of(session: Session, address_key: str, *, limit: int = 1000) -> list[Request]:
    """Returns at most `limit` requests of an address, the oldest first: for a copy of what is kept of it."""
    query = select(DownloadRequest).where(DownloadRequest.address_key == address_key)
    return [_request(row) for row in session.scalars(query.order_by(DownloadRequest.id).limit(limit))]


def erase(session: Session, address_key: str) -> int:
    """Forgets every request of an address and returns how many there were; what was counted stays counted."""
    return changed(session, delete(DownloadRequest).where(DownloadRequest.address_key == address_key))


def prune(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Forgets at most `limit` requests that were made before a moment, and returns how many."""
    old = select(DownloadRequest.id).where(DownloadRequest.asked_at < before)
    old = old.order_by(DownloadRequest.asked_at).limit(limit)
    statement = delete(DownloadRequest).where(DownloadRequest.id.in_(old))
    return changed(session, statement.execution_options(synchronize_session=False))


# -- counting


def count(session: Session, download: Download, **more: int) -> None:
    """Adds to the counters of a download: views, wishes, requests, confirmed, downloads, sign_ups."""
    added = {name: number for name, number in more.items() if number}
    if not added:
        return
    if download.kind is DownloadKind.FILE:
        counted = {name: getattr(OfferedFile, name) + number for name, number in added.items()}
        session.execute(update(OfferedFile).where(OfferedFile.id == download.id).values(**counted))
        return
    is_there = episodes.public_ids(session, [download.id])
    if is_there:
        insert_once(session, EpisodeAccess, {"item_id": download.id, "is_in_work": False, **_NO_COUNTS})
        counted = {name: getattr(EpisodeAccess, name) + number for name, number in added.items()}
        session.execute(update(EpisodeAccess).where(EpisodeAccess.item_id == download.id).values(**counted))


def count_all(session: Session, seen: Mapping[tuple[Download, str], int]) -> None:
    """Adds to the counters of many downloads at once, in one order, so that two writers never wait for each other."""
    for download, name in sorted(seen, key=lambda each: (each[0].kind, each[0].id, each[1])):
        count(session, download, **{name: seen[download, name]})


# -- rows to values


def _offers() -> Select[int, Any, ShowAccess, EpisodeAccess]:
    return (
        select(Item.id, Item.feed_id, ShowAccess, EpisodeAccess)
        .join(Feed, Feed.id == Item.feed_id)
        .outerjoin(ShowAccess, ShowAccess.feed_id == Item.feed_id)
        .outerjoin(EpisodeAccess, EpisodeAccess.item_id == Item.id)
        .where(Item.kind == ItemKind.EPISODE, Feed.is_own_show)
        .execution_options(populate_existing=True)
    )


def _transcript(
    item_id: int, feed_id: int, of_show: ShowAccess | None, own: EpisodeAccess | None, *, has_transcript: bool
) -> TranscriptOffer:
    return TranscriptOffer(
        item_id=item_id,
        feed_id=feed_id,
        show_access=Access.GATED if of_show is None else Access(of_show.access),
        chosen=None if own is None or own.access is None else Access(own.access),
        has_transcript=has_transcript,
        is_in_work=own is not None and own.is_in_work,
        funnel=Funnel() if own is None else _funnel(own),
    )


def _file(row: OfferedFile) -> FileOffer:
    return FileOffer(
        id=row.id,
        item_id=row.item_id,
        newsletter_id=row.newsletter_id,
        form=FileForm(row.title, row.about, Access(row.access)),
        stored=StoredFile(row.name, row.file_name, row.kind, row.bytes),
        is_removed=row.is_removed,
        version=row.version,
        funnel=_funnel(row),
    )


def _funnel(row: EpisodeAccess | OfferedFile) -> Funnel:
    return Funnel(*(getattr(row, name) for name in _COUNTERS))


def _is_for(download: Download) -> ColumnElement[bool]:
    column = DownloadRequest.item_id if download.kind is DownloadKind.TRANSCRIPT else DownloadRequest.file_id
    return column == download.id


def _request(row: DownloadRequest) -> Request:
    is_file = row.file_id is not None
    number = row.file_id if row.file_id is not None else row.item_id
    assert number is not None, "a check of the table: one of the two is there"
    return Request(
        id=row.id,
        download=Download(DownloadKind.FILE if is_file else DownloadKind.TRANSCRIPT, number),
        address=row.address,
        address_key=row.address_key,
        name=row.name,
        asked_at=row.asked_at,
        agreed=Agreed(row.place, row.words),
        written_at=row.written_at,
        confirmed_at=row.confirmed_at,
        downloads=row.downloads,
    )
