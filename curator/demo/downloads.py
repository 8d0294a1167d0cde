"""What the demo's readers may download: a transcript by form, an open one, one that is asked for, and a file."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from curator.db import Database, Session
from curator.demo.samples.texts import FOLDER
from curator.downloads import edit, store
from curator.downloads.values import Access, Agreed, Download, DownloadKind, FileForm, FileStore, ShowForm
from curator.episodes import enrich
from curator.episodes import store as episodes

_CREDIT = "© Held Out. You may quote from it and pass it on, whole and with this line."
_OPEN, _WANTED, _GATED = "forecasting-bread", "a-speech-model-for-small-languages", "the-test-set-that-leaked"
_WORDS = "We send a link to this address and use it for nothing else. After 365 days we forget it."
_NAMES = ("ada", "bo", "chidi", "dana", "emre", "fatou")


@dataclass(frozen=True)
class _Past:
    """What readers did before the demo began: so many looks, wishes, requests, and who of those came back."""

    views: int
    wishes: int = 0
    requests: int = 0
    confirmed: int = 0
    downloads: int = 0
    sign_ups: int = 0


def write_downloads(db: Database, kept: FileStore, newsletter_id: int, *, by: int, now: datetime) -> None:
    """Says who gets what, and writes down what readers did so far, where nobody said anything yet; twice is once."""
    with db.read() as session:
        views = episodes.views(session, episodes.episode_ids(session)).values()
        by_slug = {(view.told.url or "").rpartition("/")[2]: view for view in views}
        is_written = bool(store.files(session, with_removed=True))
    if is_written or not {_OPEN, _WANTED, _GATED} <= by_slug.keys():
        return
    opened, wanted, gated = (by_slug[slug].item_id for slug in (_OPEN, _WANTED, _GATED))
    edit.set_show(db, by_slug[_GATED].told.feed_id, ShowForm(Access.GATED, _CREDIT), by=by, now=now)
    enrich.paste(db, opened, (FOLDER / "talks" / f"{_OPEN}.txt").read_text(encoding="utf-8"), by=by, now=now)
    edit.set_transcript(db, opened, access=Access.OPEN, is_in_work=False, by=by, now=now)
    edit.set_transcript(db, wanted, access=None, is_in_work=True, by=by, now=now)
    form = FileForm("Four checks for an afternoon", "The list from the second half, on one page.", Access.GATED)
    content = (FOLDER / "talks" / "four-checks.txt").read_bytes()
    file_id = edit.offer_file(db, kept, form, content, name="four-checks.txt", item_id=gated, by=by, now=now)
    with db.write() as session:
        for download, past in (
            (Download(DownloadKind.TRANSCRIPT, gated), _Past(212, requests=6, confirmed=4, downloads=7, sign_ups=2)),
            (Download(DownloadKind.TRANSCRIPT, wanted), _Past(94, wishes=3, requests=4, sign_ups=1)),
            (Download(DownloadKind.TRANSCRIPT, opened), _Past(131, downloads=18)),
            (Download(DownloadKind.FILE, file_id), _Past(40, requests=3, confirmed=2, downloads=2)),
        ):
            _write_past(session, download, past, newsletter_id, now=now)


def _write_past(session: Session, download: Download, past: _Past, newsletter_id: int, *, now: datetime) -> None:
    """No letter is written: whoever got theirs has it, and whoever waits gets it when the transcript comes."""
    store.count(session, download, views=past.views, wishes=past.wishes, requests=past.requests)
    store.count(session, download, sign_ups=past.sign_ups)
    for number, name in enumerate(_NAMES[: past.requests]):
        asked_at = now - timedelta(hours=3 * number + 2)
        found, _ = store.add_request(
            session,
            download,
            address=f"{name}@example.test",
            address_key=f"{name}@example.test",
            name=name.capitalize(),
            newsletter_id=newsletter_id,
            agreed=Agreed("/e", _WORDS),
            now=asked_at,
        )
        if past.confirmed:
            store.note_written(session, found.id, now=asked_at)
        if number < past.confirmed:
            store.note_download(session, found, now=asked_at + timedelta(minutes=9))
    store.count(session, download, downloads=max(past.downloads - past.confirmed, 0))
