"""Item to quote: fetches transcripts and chapters, takes an editor's transcripts, and keeps passages as quotes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from curator.activity.store import record
from curator.db import Database
from curator.episodes import chapters as chapter_files
from curator.episodes import trim
from curator.episodes.excerpts import MAX_WORDS, word_count
from curator.episodes.quotes import store as quotes
from curator.episodes.quotes.values import QuotedTurn
from curator.episodes.transcripts import links, store
from curator.episodes.transcripts.read import conversation, told_form, written
from curator.episodes.transcripts.values import Conversation, Form, Source
from curator.errors import CuratorError, FetchError, InvalidError, NotFoundError, ParseError, StateError
from curator.feeds import store as feeds
from curator.feeds.normalize import one_line
from curator.feeds.values import Chapter, TranscriptLink
from curator.http.values import Fetched, Fetcher
from curator.queue import store as queue

FETCH = "fetch_transcript"
"""The task that calls `fetch`; its payload is {"item_id": ...}."""

_MOST_LINKS = 4
_MAX_SPEAKER = 120
# The longest quotation, in turns: a question and its answer, and a word between.
_MOST_TURNS = 6


@dataclass(frozen=True)
class _Read:
    """A transcript as it was fetched."""

    link: TranscriptLink
    conversation: Conversation
    content_hash: str


@dataclass(frozen=True)
class Fetch:
    """What a fetch came to, in a sentence; `is_ok` False says that something could not be had."""

    note: str
    is_ok: bool = True


def fetch(db: Database, fetcher: Fetcher, item_id: int, *, now: datetime) -> Fetch:
    """Fetches the transcript and the chapters that the feed links to, and keeps what has changed.

    The best form that can be read is taken. An editor's transcript stays, whatever the feed says. Trouble is noted on
    the transcript and is no exception. Three acts: read, fetch with no transaction open, write; a crash before the end
    leaves everything as it was, and a second call does the same again.
    """
    with db.read() as session:
        wanted, known = store.wanted(session, item_id), store.transcript_row(session, item_id)
    if wanted is None:
        return Fetch("This is no episode of a feed.", is_ok=False)
    is_editors = known is not None and known.source is Source.EDITOR
    read, troubles = (None, []) if is_editors else _first_readable(fetcher, wanted.links, wanted.language)
    found, chapters_trouble = _chapters(fetcher, wanted) if not wanted.has_chapters else (None, "")
    with db.write() as session:
        if found:
            feeds.put_chapters(session, item_id, found)
        if read is not None:
            _keep(session, item_id, read, troubles, now=now)
        elif troubles:
            store.put_trouble(session, item_id, " ".join(troubles), now=now)
    all_troubles = [*troubles, *([chapters_trouble] if chapters_trouble else [])]
    return Fetch(" ".join(all_troubles) or "Fetched.", is_ok=not all_troubles)


def upload(
    db: Database, item_id: int, body: bytes, *, name: str = "", content_type: str = "", by: int | None, now: datetime
) -> Conversation:
    """Keeps an editor's transcript for an episode, in place of the feed's or an earlier one, and returns it.

    Raises ParseError when it cannot be read (then nothing changes) and NotFoundError for what is no episode.
    """
    read = conversation(body, content_type=content_type, name=name)
    return _uploaded(db, item_id, read, hashlib.sha256(body).hexdigest(), by=by, now=now)


def paste(db: Database, item_id: int, text: str, *, by: int | None, now: datetime) -> Conversation:
    """Does what `upload` does with a text that was pasted."""
    return _uploaded(db, item_id, written(text), hashlib.sha256(text.encode()).hexdigest(), by=by, now=now)


def remove_upload(db: Database, item_id: int, *, by: int | None, now: datetime) -> None:
    """Forgets an editor's transcript and has the feed's fetched; nothing happens where there is none of an editor."""
    with db.write() as session:
        known = store.transcript_row(session, item_id, is_locked=True)
        if known is None or known.source is not Source.EDITOR:
            return
        store.remove_transcript(session, item_id)
        _ask(session, item_id, now=now)
        record(session, at=now, actor=by, verb="removed the transcript of", subject="item", subject_id=item_id)


def ask_again(db: Database, item_id: int, *, now: datetime) -> None:
    """Has the feed's transcript and chapters fetched soon. Raises StateError where the feed links to none."""
    with db.write() as session:
        wanted = store.wanted(session, item_id)
        if wanted is None or not (wanted.links or wanted.chapters_url):
            raise StateError("The feed links to no transcript of this episode; upload one instead.")
        _ask(session, item_id, now=now)


def rename_speaker(db: Database, item_id: int, old: str, new: str, *, by: int | None, now: datetime) -> int:
    """Gives a speaker another name throughout an episode's transcript; returns in how many turns.

    The transcript counts as an editor's from then on, so that no poll brings the old name back. Raises InvalidError.
    """
    name = one_line(new, limit=10_000)
    if not name or len(name) > _MAX_SPEAKER:
        raise InvalidError("name", f"Give a name of 1 to {_MAX_SPEAKER} characters.")
    with db.write() as session:
        if store.transcript_row(session, item_id, is_locked=True) is None:
            raise NotFoundError("transcript of item", item_id)
        is_shared = store.has_speaker(session, item_id, name)
        count = store.rename_speaker(session, item_id, old, name) if old != name else 0
        if count:
            store.touch(session, item_id, now=now, source=Source.EDITOR)
            before, after = {"speaker": old, "is_shared": is_shared}, {"speaker": name}
            record(
                session,
                at=now,
                actor=by,
                verb="renamed a speaker in the transcript of",
                subject="item",
                subject_id=item_id,
                before=before,
                after=after,
            )
    return count


def take_quote(
    db: Database, item_id: int, *, first: int, last: int, words: Sequence[str], by: int | None, now: datetime
) -> int:
    """Keeps a passage as a quote and returns its id; the same words twice are one quote.

    `words` are what is kept of each turn from `first` to `last`; a turn of which nothing is kept is left out, as long
    as it stands at the beginning or the end. Raises InvalidError (field "words") when anything stands there that was
    not said, and for more than 350 words.
    """
    with db.read() as session:
        turns = store.turns(session, item_id, first=first, limit=max(min(last - first + 1, _MOST_TURNS + 1), 0))
    if not turns or turns[-1].position != last or len(turns) > _MOST_TURNS or len(words) != len(turns):
        raise InvalidError("words", "The transcript has changed since this passage was shown; look at it again.")
    # Before the words are looked for in what was said, which takes the product of both lengths.
    _refuse_more(sum(word_count(text) for text in words))
    pairs = [(turn, text) for turn, text in zip(turns, words, strict=True)]
    while pairs and not pairs[0][1].strip():
        pairs.pop(0)
    while pairs and not pairs[-1][1].strip():
        pairs.pop()
    kept = [QuotedTurn(turn.speaker, trim.trimmed(turn.text, text)) for turn, text in pairs]
    if not kept:
        raise InvalidError("words", "Nothing is left of the passage; keep some of its words.")
    with db.write() as session:
        is_known = quotes.quote_of(session, item_id, kept) is not None
        quote_id = quotes.add_quote(
            session,
            item_id,
            kept,
            first=pairs[0][0].position,
            last=pairs[-1][0].position,
            start_ms=pairs[0][0].start_ms,
            by=by,
            now=now,
        )
        if not is_known:
            after = {"item": item_id, "first": first, "last": last}
            record(session, at=now, actor=by, verb="took", subject="quote", subject_id=quote_id, after=after)
    return quote_id


def _refuse_more(count: int) -> None:
    if count > MAX_WORDS:
        raise InvalidError("words", f"The quotation has {count:,} words; at most {MAX_WORDS} are fair to quote.")


def _uploaded(
    db: Database, item_id: int, read: Conversation, content_hash: str, *, by: int | None, now: datetime
) -> Conversation:
    with db.write() as session:
        if not store.is_episode(session, item_id):
            raise NotFoundError("episode", item_id)
        known = store.transcript_row(session, item_id, is_locked=True)
        media_type = str(read.form)
        store.put_transcript(
            session,
            item_id,
            read,
            source=Source.EDITOR,
            content_hash=content_hash,
            media_type=media_type,
            now=now,
        )
        before = None if known is None else {"source": known.source, "words": known.words}
        after = {"words": read.words, "turns": len(read.turns)}
        record(
            session,
            at=now,
            actor=by,
            verb="uploaded the transcript of",
            subject="item",
            subject_id=item_id,
            before=before,
            after=after,
        )
    return read


def _ask(session: store.Transaction, item_id: int, *, now: datetime) -> None:
    queue.enqueue(session, FETCH, {"item_id": item_id}, now=now, key=f"transcript:{item_id}")


def _keep(session: store.Transaction, item_id: int, read: _Read, troubles: Sequence[str], *, now: datetime) -> None:
    known = store.transcript_row(session, item_id, is_locked=True)
    if known is not None and known.source is Source.EDITOR:
        return  # uploaded while the feed's was on its way
    if known is not None and known.is_ok and known.content_hash == read.content_hash:
        store.touch(session, item_id, now=now, url=read.link.url)
        return
    noted = replace(read.conversation, notes=(*troubles, *read.conversation.notes))
    store.put_transcript(
        session,
        item_id,
        noted,
        source=Source.FEED,
        content_hash=read.content_hash,
        now=now,
        url=read.link.url,
        media_type=read.link.media_type,
        language=read.link.language,
    )


def _first_readable(
    fetcher: Fetcher, given: Sequence[TranscriptLink], language: str | None
) -> tuple[_Read | None, list[str]]:
    troubles: list[str] = []
    for link in links.preferred(given, language=language)[:_MOST_LINKS]:
        try:
            return _read(_fetched(fetcher, link.url), link), troubles
        except CuratorError as error:
            troubles.append(f"{told_form(link.media_type, link.url) or 'Transcript'}: {error}")
    return None, troubles


def _read(answer: Fetched, link: TranscriptLink) -> _Read:
    content_type = answer.headers.get("content-type", "")
    expected = told_form(link.media_type)
    found = conversation(answer.body, content_type=content_type or link.media_type, name=link.url)
    if found.form is Form.HTML and expected not in (None, Form.HTML):
        raise ParseError("A web page came instead of a transcript.")
    return _Read(link, found, hashlib.sha256(answer.body).hexdigest())


def _chapters(fetcher: Fetcher, wanted: store.Wanted) -> tuple[tuple[Chapter, ...] | None, str]:
    if not wanted.chapters_url:
        return None, ""
    try:
        answer = _fetched(fetcher, wanted.chapters_url)
        content_type = answer.headers.get("content-type", "")
        return chapter_files.chapters(answer.body, content_type=content_type, base_url=answer.url), ""
    except CuratorError as error:
        return None, f"Chapters: {error}"


def _fetched(fetcher: Fetcher, url: str) -> Fetched:
    answer = fetcher.get(url)
    if answer.status not in (200, 203):
        raise FetchError(url, f"The server answered {answer.status}.")
    return answer
