"""FORM -> REQUEST: takes in that somebody asks for a transcript or a file, and writes the letter with the link.

No subscription comes of it, and no subscriber: who asks for a transcript has not asked for a newsletter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from curator.addresses import checked_address
from curator.audience.suppressed import store as suppressed
from curator.db import Database, Session
from curator.downloads import store
from curator.downloads.links import DownloadLink
from curator.downloads.values import Agreed, Download, DownloadKind, Request, Standing
from curator.errors import NotFoundError
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.names import cleaned_name

# Who reads one episode after the other asks for a few on an evening; nobody can have a stranger's mailbox filled.
LETTERS_A_DAY = 5
_DAY = timedelta(days=1)
CHUNK = 200


@dataclass(frozen=True)
class Asker:
    """Who asks, as they typed it, and what they agreed to. `newsletter_id` is whose sender the letter bears."""

    address: str
    name: str
    agreed: Agreed
    newsletter_id: int


def ask(db: Database, download: Download, asker: Asker, *, valid_for: timedelta, now: datetime) -> None:
    """Takes a request in, and says nothing about it: the answer is the mailbox's alone.

    What is there is written about at once, what is not when it comes (`fulfil`). Asked again the record stays and the
    letter is written anew. Raises InvalidError("address") for what is no address, and NotFoundError for what readers
    cannot ask for. All of it is one transaction.
    """
    checked = checked_address(asker.address)
    with db.write() as session:
        standing = standing_of(session, download)
        if suppressed.why(session, checked.key) is not None:
            return
        found, is_new = store.add_request(
            session,
            download,
            address=checked.address,
            address_key=checked.key,
            name=cleaned_name(asker.name),
            newsletter_id=asker.newsletter_id,
            agreed=asker.agreed,
            now=now,
        )
        store.count(session, download, requests=int(is_new))
        if standing is not Standing.WANTED:
            write(session, found, valid_for=valid_for, now=now)


def wish(db: Database, download: Download) -> None:
    """Counts somebody who asks for what is not there without saying who they are. Raises NotFoundError."""
    with db.write() as session:
        standing_of(session, download)
        store.count(session, download, wishes=1)


def note_sign_up(db: Database, download: Download) -> None:
    """Counts somebody who asked for a newsletter beside it; that they confirm it is another matter."""
    with db.write() as session:
        store.count(session, download, sign_ups=1)


def ask_again(db: Database, link: DownloadLink, *, valid_for: timedelta, now: datetime) -> bool:
    """Writes a new link to whoever holds an old one, so the mailbox is theirs; tells whether a letter is on its way.

    False where the request was forgotten, nothing is there any more, or the mailbox had its letters of the day.
    """
    with db.write() as session:
        found = store.request(session, link.request_id, lock=True)
        if found is None or suppressed.why(session, found.address_key) is not None:
            return False
        try:
            standing = standing_of(session, found.download)
        except NotFoundError:
            return False
        return standing is not Standing.WANTED and write(session, found, valid_for=valid_for, now=now)


def forget(db: Database, link: DownloadLink) -> int:
    """Forgets every request of the mailbox that a link went to and returns how many; twice forgets none."""
    with db.write() as session:
        found = store.request(session, link.request_id)
        return 0 if found is None else store.erase(session, found.address_key)


def fulfil(db: Database, *, valid_for: timedelta, now: datetime) -> int:
    """Writes the letters to whoever waited for what has come, and returns how many; the clock asks for it.

    A mailbox that had its letters of the day waits for tomorrow. 200 are one transaction: a crash leaves whole chunks,
    and the next call does the rest.
    """
    written, after_id = 0, 0
    while True:
        with db.read() as session:
            found = store.waiting(session, after_id=after_id, limit=CHUNK)
        if not found:
            return written
        with db.write() as session:
            for each in found:
                held = store.request(session, each.id, lock=True)
                if held is None or held.written_at is not None:
                    continue
                if suppressed.why(session, held.address_key) is not None:
                    # It is asked about no more; its age forgets it.
                    store.note_written(session, held.id, now=now)
                else:
                    written += write(session, held, valid_for=valid_for, now=now)
        after_id = found[-1].id


def standing_of(session: Session, download: Download) -> Standing:
    """Returns what a reader meets. Raises NotFoundError for what they cannot see."""
    if download.kind is DownloadKind.TRANSCRIPT:
        return store.transcript(session, download.id).standing
    standing = store.file(session, download.id).standing
    if standing is None:
        raise NotFoundError("file", download.id)
    return standing


def write(session: Session, found: Request, *, valid_for: timedelta, now: datetime) -> bool:
    """Writes the letter with a link; False when the mailbox had its letters of the day. The request is held.

    A form posted twice in a minute writes one letter.
    """
    since = now - _DAY
    if letters.written_since(session, found.address_key, (LetterKind.DOWNLOAD,), since=since) >= LETTERS_A_DAY:
        return False
    newsletter_id = store.newsletter_of_request(session, found.id)
    payload = {"request_id": found.id, "ends_at": (now + valid_for).isoformat()}
    # The name is left out: it is a stranger's words until the mailbox confirms them.
    letter = NewLetter(
        LetterKind.DOWNLOAD,
        found.address,
        found.address_key,
        "",
        payload,
        f"download:{found.id}:{now:%Y%m%d%H%M}",
        newsletter_id=newsletter_id,
    )
    letters.write(session, letter, now=now)
    store.note_written(session, found.id, now=now)
    return True
