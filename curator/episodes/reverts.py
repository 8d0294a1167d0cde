"""The opposites of what people do to episodes, shows, platforms and transcripts, for the log's Undo."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.episodes import edit, enrich, kept, store
from curator.episodes.platforms import Platform, known
from curator.episodes.transcripts import store as transcripts
from curator.episodes.transcripts.values import Source
from curator.episodes.values import ListeningLink
from curator.errors import StateError


def _words_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        view = store.view(session, change.subject_id)
    stands = edit.told(view.words, view.own_links)
    before, after = dict(change.before or {}), dict(change.after or {})
    changed = next((name for name in after if stands.get(name) != after[name]), None)
    if changed is not None:
        raise StateError(
            f"Somebody changed it since ({changed.replace('_', ' ')}). Look at the episode, then change it."
        )
    wanted = {**stands, **before}
    edit.edit_episode(
        db,
        change.subject_id,
        kept.words(wanted),
        _links(wanted["links"]),
        expected_version=view.version,
        by=by,
        now=now,
    )
    return f"“{view.title}” says what it said before."


def _links_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        show = store.show_row(session, change.subject_id)
    if show.links != _links(change.became("links")):
        raise StateError(f"The links of {show.title} were changed again since.")
    edit.edit_show_links(
        db,
        change.subject_id,
        _links(change.was("links")),
        expected_version=edit.links_version(show.links),
        by=by,
        now=now,
    )
    return f"{show.title} has its links of before."


def _brought_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    edit.bring_back(db, _platform(change), by=by, now=now)
    return f"{change.became('name')} is shown again."


def _retired(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    edit.retire(db, _platform(change), by=by, now=now)
    return f"{change.became('name')} is shown nowhere any more."


def _upload_removed(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    if change.was("source") == Source.EDITOR:
        raise StateError("It stands in the place of another uploaded file, which was not kept. Upload that one again.")
    with db.read() as session:
        row = transcripts.transcript_row(session, change.subject_id)
    if row is None or row.at != change.at:
        raise StateError("The transcript was changed since; look at it before you remove it.")
    enrich.remove_upload(db, change.subject_id, by=by, now=now)
    return "The transcript is removed; the feed's is fetched, if it has one."


def _speaker_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    old, new = change.was("speaker"), change.became("speaker")
    if change.was("is_shared") is not False or not old:
        raise StateError(f"Somebody else was called {new} before, so whose words are whose is not known any more.")
    if not enrich.rename_speaker(db, change.subject_id, new, old, by=by, now=now):
        raise StateError(f"Nobody is called {new} any more.")
    return f"{new} is called {old} again."


def _platform(change: ActivityRow) -> Platform:
    platform = known(change.became("platform"))
    if platform is None:
        raise StateError("That place to listen is not known any more.")
    return platform


def _links(rows: list[dict[str, str]]) -> tuple[ListeningLink, ...]:
    found = ((known(row["platform"]), row) for row in rows)
    return tuple(ListeningLink(platform, row["url"], row["label"]) for platform, row in found if platform is not None)


REVERTS: dict[str, Revert] = {
    "episode.edited": _words_as_before,
    "show.changed the listening links of": _links_as_before,
    "platform.retired": _brought_back,
    "platform.brought back": _retired,
    "item.uploaded the transcript of": _upload_removed,
    "item.renamed a speaker in the transcript of": _speaker_as_before,
}

FINAL: dict[str, str] = {
    "item.removed the transcript of": "The file was not kept. Upload it again.",
}
