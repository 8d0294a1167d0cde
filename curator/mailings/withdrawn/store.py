"""Finds whatever a withdrawal touches, and writes it: statements over the tables of all earlier rooms."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, delete, false, func, not_, or_, select, update
from sqlalchemy.orm import Session

from curator.activity.tables import Activity
from curator.episodes import store as episodes
from curator.episodes.quotes.values import QuotedTurn
from curator.episodes.tables import EpisodeWords, Quote, Turn
from curator.episodes.transcripts import store as transcripts
from curator.episodes.transcripts.values import Source
from curator.feeds.tables import Episode, Item
from curator.issues import store as issues
from curator.issues.corrections import correct
from curator.issues.tables import Block, Correction, Issue, IssueWords, Link, MailLook, Revision
from curator.issues.values import BoardBlock, IssueState
from curator.mailings.tables import Mailing
from curator.mailings.values import MailingState
from curator.mailings.withdrawn import without
from curator.mailings.withdrawn.values import Change, Kind, Plan, TouchedIssue, What
from curator.mailings.withdrawn.without import GONE, Withdrawn
from curator.picks.tables import ItemTerms, Pick
from curator.pictures.tables import ShareImage
from curator.promotions.tables import BookingRow, PromotionRow

_UNSENT = tuple(state for state in IssueState if state is not IssueState.SENT)
_LIVE = (MailingState.HOLDING, MailingState.BUILDING, MailingState.RUNNING, MailingState.PAUSED)
# What words stand in, beside documents, transcripts and the log: by table, with the columns of its key.
_WORDY: Mapping[str, tuple[type[Any], tuple[str, ...], tuple[str, ...]]] = {
    "block": (Block, ("id",), ("body", "facts")),
    "pick": (Pick, ("id",), ("title", "blurb", "picture_alt")),
    "issue": (Issue, ("id",), ("subject", "preheader", "note")),
    "link": (Link, ("revision_id", "number"), ("label", "section")),
    "correction": (Correction, ("id",), ("note", "words")),
    "promotion": (PromotionRow, ("id",), ("sponsor", "title", "text", "image_alt")),
    "booking": (BookingRow, ("id",), ("copy",)),
    # Of what has a document, mail is made anew from that.
    "revision": (Revision, ("id",), ("subject", "html", "text")),
}
# None is written as SQL's null or as JSON's, by how a row was made.
_HAS_NO_DOCUMENT = func.coalesce(cast(Revision.document, Text), "null") == "null"
_TABLES: Mapping[str, type[Any]] = {
    **{name: table for name, (table, _, _) in _WORDY.items()},
    "turn": Turn,
    "episode": Episode,
    "item": Item,
}


class _Search:
    """What is looked for: passages to tell it by, and quotes that go as a whole."""

    def __init__(self, session: Session, what: What) -> None:
        self.is_person = what.kind is Kind.PERSON
        rows = session.scalars(select(Quote) if self.is_person else select(Quote).where(Quote.id == what.quote_id))
        self.gone = without.of_person(what.name)
        self.quotes = [row for row in rows if not self.is_person or self._is_theirs(row)]
        self.turns = [QuotedTurn(each["speaker"], each["text"]) for row in self.quotes for each in row.turns]
        self.passages = [what.name] if self.is_person else [each.text for each in self.turns]
        self.words = {" ".join(each.text.split()) for each in self.turns}
        if not self.is_person:
            self.gone = without.of_turns(self.turns)
        ids = [row.id for row in self.quotes]
        self.blocks = set(session.scalars(select(Block.id).where(Block.quote_id.in_(ids))))
        self.lost = set(self.blocks)
        self.corrected = set(self._corrected(session)) if self.is_person else set()

    def _corrected(self, session: Session) -> Iterator[int]:
        """Returns blocks of quotes that are theirs by a correction alone."""
        for row in session.scalars(select(Correction).where(self.may_be_in(Correction.words))):
            if row.block_id is not None and self.gone.is_in(row.words.get("source", "")):
                yield row.block_id

    def _is_theirs(self, row: Quote) -> bool:
        return any(self.gone.is_all_of(turn["speaker"]) for turn in row.turns)

    def is_quote_gone(self, entry: dict[str, Any]) -> bool:
        """Tells whether an entry of a document is a withdrawn quote; one that stood in another block too."""
        said = " ".join(entry["body_text"].split())
        is_by_them = self.is_person and self.gone.is_in(entry["source"])
        is_known = entry["block_id"] in self.blocks | self.corrected
        is_gone = is_known or said in self.words or is_by_them
        if is_gone:
            self.lost.add(entry["block_id"])
        return is_gone

    def may_be_in(self, *columns: Any) -> ColumnElement[bool]:
        """Narrows to rows in which one of the passages may stand; JSON may write letters as escapes."""
        asked = without.needles(self.passages)
        cased = {form for each in asked for form in (each, each.lower(), each.upper(), each.title())}
        forms = {form for each in cased for form in (each, json.dumps(each)[1:-1])}
        if not forms:
            return false()
        return or_(*(cast(each, Text).icontains(form, autoescape=True) for each in columns for form in sorted(forms)))


def plan(session: Session, what: What) -> Plan:
    """Returns everything that withdrawing it changes; a fixed number of queries, and one more for each unsent issue."""
    search = _Search(session, what)
    if not search.passages:
        return Plan()
    items, rows = _transcripts(session, search)
    rows |= {name: tuple(_wordy(session, name, search)) for name in _WORDY}
    words = _episodes(session, search) if search.is_person else {}
    if search.is_person:
        rows["episode"] = tuple(_people(session, search))
        rows["item"] = tuple(_told(session, search, words))
    documents = dict(_documents(session, search))
    blocks = search.blocks | _blocks_by_others(session, search)
    rows["block"] = tuple(each for each in rows["block"] if each.key["id"] not in blocks)
    corrections, of_corrections = _corrections(session, search.lost | blocks)
    rows["correction"] = tuple(each for each in rows["correction"] if each.key["id"] not in corrections)
    return Plan(
        quotes=tuple(row.id for row in search.quotes),
        blocks=tuple(sorted(blocks)),
        rows=rows,
        words=words,
        documents=documents,
        issues=_issues(session, documents, blocks, rows),
        mailings=tuple(_live(session, documents)),
        corrections=tuple(sorted(corrections)),
        log=tuple(sorted({*_log(session, search), *of_corrections})),
        items=tuple(sorted({*items, *words})),
        read=tuple(session.scalars(select(IssueWords.issue_id).where(search.may_be_in(IssueWords.words)))),
    )


def _transcripts(session: Session, search: _Search) -> tuple[set[int], dict[str, tuple[Change, ...]]]:
    """The turns of a withdrawn passage lose their words; a person's too, and their name goes out of everybody else's.

    A transcript may have been read anew since a passage was taken, so it is looked for wherever it stands now.
    """
    said = {row.item_id: [each["text"] for each in row.turns] for row in search.quotes}
    told = search.may_be_in(Turn.text, Turn.speaker)
    places = [told if search.is_person else and_(Turn.item_id.in_(list(said)), told)]
    places += [_is_at(row) for row in search.quotes]
    taken = {(row.item_id, at) for row in search.quotes for at in range(row.first_position, row.last_position + 1)}
    items, changes = set(), []
    for row in session.scalars(select(Turn).where(or_(*places)).order_by(Turn.id)):
        fewest = {"fewest_words": 0} if (row.item_id, row.position) in taken else {}
        is_quoted = without.was_said(row.text, said.get(row.item_id, ()), **fewest)
        is_whole = is_quoted or (search.is_person and search.gone.is_all_of(row.speaker))
        text = GONE if is_whole else search.gone.out_of(row.text)
        speaker = "" if is_whole else search.gone.out_of(row.speaker)
        if (text, speaker) != (row.text, row.speaker):
            items.add(row.item_id)
            changes.append(Change({"id": row.id}, {"text": text, "speaker": speaker}))
    return items, {"turn": tuple(changes)}


def _is_at(row: Quote) -> ColumnElement[bool]:
    return and_(Turn.item_id == row.item_id, Turn.position.between(row.first_position, row.last_position))


def _wordy(session: Session, name: str, search: _Search) -> Iterator[Change]:
    table, key, columns = _WORDY[name]
    query = select(table).where(search.may_be_in(*(getattr(table, column) for column in columns)))
    if table is Revision:
        query = query.where(_HAS_NO_DOCUMENT)
    for row in session.scalars(query):
        was = {column: getattr(row, column) for column in columns}
        values = {column: now for column, value in was.items() if (now := search.gone.out_of(value)) != value}
        if values:
            yield Change({column: getattr(row, column) for column in key}, values)


def _episodes(session: Session, search: _Search) -> dict[int, tuple[Any, int]]:
    """Returns the editors' words that own episodes are to have, with the version that they take the place of."""
    of_editor = (EpisodeWords.title, EpisodeWords.subtitle, EpisodeWords.summary, EpisodeWords.guests)
    lists = (EpisodeWords.topics, EpisodeWords.mentions, EpisodeWords.chapters)
    of_picture = (EpisodeWords.artwork_alt, EpisodeWords.artwork_credit)
    of_feed = (Item.title, Item.summary_text, Episode.subtitle, Episode.people, Episode.chapters)
    ids = session.scalars(
        select(Item.id)
        .outerjoin(Episode, Episode.item_id == Item.id)
        .outerjoin(EpisodeWords, EpisodeWords.item_id == Item.id)
        .where(search.may_be_in(*of_editor, *lists, *of_picture, *of_feed))
    ).all()
    views = episodes.views(session, ids) if ids else {}
    found = {id_: (without.words(view, search.gone), view.version) for id_, view in views.items()}
    return {id_: (words, version) for id_, (words, version) in found.items() if words is not None}


def _people(session: Session, search: _Search) -> Iterator[Change]:
    for row in session.scalars(select(Episode).where(search.may_be_in(Episode.people))):
        left = [each for each in row.people if not search.gone.is_in(str(each.get("name") or ""))]
        if len(left) != len(row.people):
            yield Change({"item_id": row.item_id}, {"people": left})


def _told(session: Session, search: _Search, words: Mapping[int, Any]) -> Iterator[Change]:
    """What the feed said of own episodes, which lists at the desk show; a poll may bring it back, but to no reader."""
    for row in session.scalars(select(Item).where(Item.id.in_(list(words)))):
        was = {"title": row.title, "summary_text": row.summary_text, "summary_html": row.summary_html}
        values = {name: now for name, text in was.items() if (now := search.gone.out_of(text)) != text}
        if values:
            yield Change({"id": row.id}, values)


def _documents(session: Session, search: _Search) -> Iterator[tuple[int, dict[str, Any]]]:
    query = select(Revision.id, Revision.document).where(search.may_be_in(Revision.document))
    for revision_id, kept in session.execute(query.where(not_(_HAS_NO_DOCUMENT))):
        left = without.document(kept, search.gone, is_quote_gone=search.is_quote_gone)
        if left != kept:
            yield revision_id, left


def _blocks_by_others(session: Session, search: _Search) -> set[int]:
    """Returns blocks whose item's own words hold it: they cannot be mended, so they go.

    Of coming issues, and of those that the web shows by their boards: back issues, and those of the first release.
    """
    if not search.is_person:
        return set()
    is_kept = select(Revision.id).where(Revision.issue_id == Issue.id, not_(_HAS_NO_DOCUMENT)).exists()
    is_named = (
        select(Block.id)
        .join(Pick, Pick.id == Block.pick_id)
        .join(Item, Item.id == Pick.item_id)
        .where(Block.issue_id == Issue.id, search.may_be_in(Item.title, Item.summary_text, Item.author))
        .exists()
    )
    ids = session.scalars(select(Issue.id).where(or_(Issue.state.in_(_UNSENT), not_(is_kept)), is_named)).all()
    boards = (issues.board(session, issue_id) for issue_id in ids)
    blocks = (
        block for board in boards for part in (board.intro, *(each.blocks for each in board.sections)) for block in part
    )
    return {block.id for block in blocks if _is_by_others(block, search.gone)}


def _is_by_others(block: BoardBlock, gone: Withdrawn) -> bool:
    """An item of somebody else's feed that names them; an own episode bears an editor's words over the feed's."""
    if block.pick is None or block.episode is not None:
        return False
    item = block.pick.item
    return gone.is_in([item.title, item.summary_text, item.author])


def _issues(
    session: Session, documents: Mapping[int, Any], blocks: set[int], rows: Mapping[str, tuple[Change, ...]]
) -> tuple[TouchedIssue, ...]:
    of_blocks = [*blocks, *(each.key["id"] for each in rows["block"])]
    of_picks = [each.key["id"] for each in rows["pick"]]
    ids = {*session.scalars(select(Revision.issue_id).where(Revision.id.in_(list(documents))))}
    ids |= {*session.scalars(select(Block.issue_id).where(or_(Block.id.in_(of_blocks), Block.pick_id.in_(of_picks))))}
    ids |= {each.key["id"] for each in rows["issue"]}
    of_corrections = [each.key["id"] for each in rows["correction"]]
    ids |= {*session.scalars(select(Correction.issue_id).where(Correction.id.in_(of_corrections)))}
    out = {*session.scalars(select(Mailing.issue_id).where(Mailing.issue_id.in_(ids), Mailing.candidates > 0))}
    found = session.execute(select(Issue.id, Issue.number, Issue.newsletter_id, Issue.state).where(Issue.id.in_(ids)))
    return tuple(
        TouchedIssue(row.id, row.number, row.newsletter_id, row.state == IssueState.SENT or row.id in out)
        for row in sorted(found, key=lambda row: (-row.number, row.id))
    )


def _live(session: Session, documents: Mapping[int, Any]) -> list[int]:
    is_live = Mailing.state.in_(_LIVE), Mailing.revision_id.in_(list(documents))
    return list(session.scalars(select(Mailing.id).where(*is_live).order_by(Mailing.id)))


def _corrections(session: Session, blocks: set[int]) -> tuple[set[int], set[int]]:
    """Returns corrections of what goes as a whole, and what the log keeps of them: they have its words, mended."""
    if not blocks:
        return set(), set()
    ids = set(session.scalars(select(Correction.id).where(Correction.block_id.in_(blocks))))
    rows = session.scalars(select(Activity).where(Activity.subject == correct.SUBJECT)).all()
    taken_out = {row.id: (row.before or {}).get("row") or {} for row in rows}
    of_gone = ids | {each["id"] for each in taken_out.values() if each.get("block_id") in blocks}
    made = {row.id: (row.after or {}).get("correction") for row in rows}
    return ids, {row.id for row in rows if made[row.id] in of_gone or taken_out[row.id].get("id") in of_gone}


def _log(session: Session, search: _Search) -> Iterator[int]:
    of_quotes = and_(Activity.subject == "quote", Activity.subject_id.in_([row.id for row in search.quotes]))
    query = select(Activity).where(or_(of_quotes, search.may_be_in(Activity.before, Activity.after)))
    for row in session.scalars(query):
        is_of_quote = row.subject == "quote" and row.subject_id in {each.id for each in search.quotes}
        if is_of_quote or search.gone.is_in([row.before, row.after]) or _holds_quote(row, search):
            yield row.id


def _holds_quote(row: Activity, search: _Search) -> bool:
    """Tells whether a change kept the words of a withdrawn quote, as taking a block out does."""
    known = [" ".join(each.split()) for each in _texts([row.before, row.after])]
    return any(each in search.words for each in known)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


# --- writing


def write(
    session: Session, made: Plan, rendered: Mapping[int, tuple[str, str]], *, by: int | None, now: datetime
) -> dict[int, str]:
    """Writes a plan; `rendered` has HTML and text of each of its documents. The caller holds what must stand still.

    Returns the names of the pictures that stood for touched issues, by issue: nothing speaks of them any more.
    """
    for name, changes in made.rows.items():
        _write_rows(session, name, changes)
    for item_id, (words, version) in made.words.items():
        episodes.set_words(session, item_id, words, version=version + 1, now=now)
    for item_id in made.items:
        # As an editor's, so that no poll brings the words back.
        if transcripts.transcript_row(session, item_id) is not None:
            transcripts.touch(session, item_id, now=now, source=Source.EDITOR)
    session.execute(delete(ItemTerms).where(ItemTerms.item_id.in_(made.items)))
    _remove_blocks(session, made.blocks)
    session.execute(delete(Correction).where(Correction.id.in_(made.corrections)))
    session.execute(delete(Quote).where(Quote.id.in_(made.quotes)))
    for revision_id, kept in made.documents.items():
        html, text = rendered[revision_id]
        values = {"document": kept, "subject": kept["subject"], "html": html, "text": text}
        session.execute(update(Revision).where(Revision.id == revision_id).values(values))
    drawn = _forget(session, made)
    nothing = {"before": None, "after": {"withdrawn": True}, "undone_at": now, "undone_by": by}
    session.execute(update(Activity).where(Activity.id.in_(made.log)).values(nothing))
    session.expire_all()
    return drawn


def _forget(session: Session, made: Plan) -> dict[int, str]:
    """Takes away what was made of the words, which is made anew, and returns the names of drawn pictures by issue."""
    touched = [each.id for each in made.issues]
    # A back issue of which nothing is kept says what its episodes say.
    session.execute(delete(IssueWords).where(IssueWords.issue_id.in_([*touched, *made.read])))
    session.execute(delete(MailLook).where(MailLook.revision_id.in_(list(made.documents))))
    columns = ShareImage.issue_id, ShareImage.name
    drawn = session.execute(delete(ShareImage).where(ShareImage.issue_id.in_(touched)).returning(*columns))
    return {row.issue_id: row.name for row in drawn}


def _write_rows(session: Session, name: str, changes: Sequence[Change]) -> None:
    table = _TABLES[name]
    for change in changes:
        of_row = (getattr(table, column) == value for column, value in change.key.items())
        # Whoever has it open does not save the words of before over it.
        newer = {"version": table.version + 1} if hasattr(table, "version") else {}
        session.execute(update(table).where(*of_row).values({**change.values, **newer}))


def _remove_blocks(session: Session, blocks: Sequence[int]) -> None:
    """Takes blocks out, and picks that stand nowhere else: else the next draft would take them up again."""
    picks = session.scalars(select(Block.pick_id).where(Block.id.in_(blocks), Block.pick_id.is_not(None))).all()
    session.execute(delete(Block).where(Block.id.in_(blocks)))
    still = set(session.scalars(select(Block.pick_id).where(Block.pick_id.in_(picks))))
    session.execute(delete(Pick).where(Pick.id.in_([each for each in picks if each not in still])))


def facts(made: Plan) -> dict[str, object]:
    """Returns what the log says of a withdrawal: numbers, and no word of what it was."""
    numbers = {"quotes": len(made.quotes), "turns": made.turns, "blocks": len(made.blocks), "episodes": len(made.words)}
    return {**numbers, "issues": [each.number for each in made.issues]}
