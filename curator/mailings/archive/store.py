"""Which issues anybody may see, and the revision and moment each was sent with.

An issue is public while it is being sent or was sent, by a mailing that is neither a test nor cancelled nor held; the
newest of these says which revision is shown. Cancelling a mailing holds its issue, which takes it out of the archive
until it is sent again; one that was stopped to be mended is shown as it left until the next one leaves. A back issue,
which was sent before Curator, is public where its newsletter says so.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, text
from sqlalchemy.orm import Session

from curator.episodes.transcripts import passages
from curator.issues.tables import Block, Correction, Issue, IssueWords, Revision
from curator.issues.values import IssueState
from curator.mailings.tables import Mailing
from curator.mailings.values import Dated, Found, MailingState, Neighbours, Printed, PublicIssue
from curator.newsletters.tables import Newsletter
from curator.picks.tables import Pick

_PUBLIC = (IssueState.SENDING, IssueState.SENT)
_NOTHING_LEFT = (MailingState.HOLDING, MailingState.CANCELLED)
# When it began to leave; a back issue keeps the day of its file.
_left_at = func.coalesce(Mailing.started_at, Issue.sent_at, Issue.created_at)
_preheader_left = case((Mailing.is_mended, Revision.document["preheader"].as_string()))
_NEWEST_FIRST = (_left_at.desc(), Issue.number.desc())
_OLDEST_FIRST = (_left_at, Issue.number)


def issues(
    session: Session,
    newsletter_id: int,
    *,
    limit: int,
    offset: int = 0,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[PublicIssue]:
    """Returns at most `limit` of a newsletter's public issues after `offset` others, newest first.

    With `since` and `until` those that left from the one moment on and before the other.
    """
    conditions = [Issue.newsletter_id == newsletter_id]
    conditions += [] if since is None else [_left_at >= since]
    conditions += [] if until is None else [_left_at < until]
    rows = _public(*conditions).order_by(*_NEWEST_FIRST).limit(limit).offset(offset)
    return [PublicIssue(*row) for row in session.execute(rows)]


def moments(session: Session, newsletter_id: int) -> list[datetime]:
    """Returns when each of a newsletter's public issues left, newest first: what its years are counted by."""
    whole = _public(Issue.newsletter_id == newsletter_id).order_by(*_NEWEST_FIRST)
    return list(session.scalars(whole.with_only_columns(_left_at)))


def mailed(session: Session, newsletter_id: int, *, limit: int) -> list[PublicIssue]:
    """Returns at most `limit` public issues that left from here, newest first."""
    rows = _public(Issue.newsletter_id == newsletter_id, Mailing.id.is_not(None))
    return [PublicIssue(*row) for row in session.execute(rows.order_by(*_NEWEST_FIRST).limit(limit))]


def count(session: Session, newsletter_id: int) -> int:
    """Returns how many public issues a newsletter has."""
    everything = _public(Issue.newsletter_id == newsletter_id).subquery()
    return session.scalar(select(func.count()).select_from(everything)) or 0


def issue(session: Session, newsletter_id: int, number: int) -> PublicIssue | None:
    """Returns the issue of that number; None when there is none that anybody may see."""
    row = session.execute(_public(Issue.newsletter_id == newsletter_id, Issue.number == number)).one_or_none()
    return None if row is None else PublicIssue(*row)


def neighbours(session: Session, beside: PublicIssue) -> Neighbours:
    """Returns the public issues that were sent just before and just after one, in the order of `issues`."""
    same, at, number = _left_at == beside.at, beside.at, beside.number
    is_before = or_(_left_at < at, and_(same, Issue.number < number))
    is_after = or_(_left_at > at, and_(same, Issue.number > number))
    mine = Issue.newsletter_id == beside.newsletter_id
    before = session.execute(_public(mine, is_before).order_by(*_NEWEST_FIRST).limit(1)).one_or_none()
    after = session.execute(_public(mine, is_after).order_by(*_OLDEST_FIRST).limit(1)).one_or_none()
    return Neighbours(*(None if row is None else PublicIssue(*row) for row in (before, after)))


def newest(session: Session) -> dict[int, PublicIssue]:
    """Returns the newest public issue of every newsletter that has one, by newsletter id; one query."""
    place = func.row_number().over(partition_by=Issue.newsletter_id, order_by=_NEWEST_FIRST).label("place")
    ranked = _public().add_columns(place).subquery()
    rows = session.execute(select(ranked).where(ranked.c.place == 1))
    return {row.newsletter_id: PublicIssue(*row[:-1]) for row in rows}


def dated(session: Session) -> list[Dated]:
    """Returns every public issue with its newsletter's short name and when its page changed, newest first."""
    corrected = select(func.max(Correction.made_at)).where(Correction.issue_id == Issue.id).scalar_subquery()
    whole = _public().with_only_columns(Newsletter.slug, Issue.number, _left_at, func.coalesce(corrected, _left_at))
    return [
        Dated(slug, number, at, max(at, corrected_at))
        for slug, number, at, corrected_at in session.execute(whole.order_by(*_NEWEST_FIRST))
    ]


def printed(session: Session, item_ids: Sequence[int]) -> dict[int, Printed]:
    """Returns the newest issue in which each of these items stands, by item: one with a page goes first; two queries.

    A back issue of a newsletter that shows none to everybody has no page.
    """
    found: dict[int, Printed] = {}
    stands = _public().add_columns(Pick.item_id, Pick.id.label("pick_id"), Newsletter.slug)
    sent = (
        stands.join(Block, Block.issue_id == Issue.id)
        .join(Pick, Pick.id == Block.pick_id)
        .where(Pick.item_id.in_(item_ids))
    )
    for row in session.execute(sent.order_by(*_NEWEST_FIRST)):
        found.setdefault(row.item_id, Printed(row.pick_id, row.slug, row.number, row.at, has_page=True))
    imported = (
        select(Pick.item_id, Pick.id, Newsletter.slug, Issue.number, Issue.sent_at, Issue.created_at)
        .join(Block, Block.pick_id == Pick.id)
        .join(Issue, Issue.id == Block.issue_id)
        .join(Newsletter, Newsletter.id == Issue.newsletter_id)
        .where(Pick.item_id.in_(item_ids), Issue.imported_at.is_not(None), Issue.state == IssueState.SENT)
    )
    for item_id, pick_id, slug, number, sent_at, created_at in session.execute(imported.order_by(Issue.number.desc())):
        found.setdefault(item_id, Printed(pick_id, slug, number, sent_at or created_at, has_page=False))
    return found


# -- searching


_ON_SQLITE = """
select rowid as id from issue_search where issue_search match :asked
"""
_ON_POSTGRES = """
select issue_id as id from issue_words
where to_tsvector('simple', words) @@ (plainto_tsquery('simple', :words) && to_tsquery('simple', :last))
"""
_ON_POSTGRES_ONE = _ON_POSTGRES.replace("plainto_tsquery('simple', :words) && ", "")


def search(session: Session, newsletter_id: int, words: str, *, limit: int) -> list[Found]:
    """Returns at most `limit` public issues in which all these words stand, newest first, with a passage of each.

    The last word may be a beginning. Words are compared without case; SQLite takes accents off too. Nothing that
    somebody types is an error: signs without a letter or digit ask for nothing. Two queries.
    """
    asked = passages.asked(words)
    if not asked:
        return []
    hits = text(_asking(session, asked)[0]).bindparams(**_asking(session, asked)[1]).columns(id=Issue.id.type)
    mine = _public(Issue.newsletter_id == newsletter_id, Issue.id.in_(select(hits.subquery().c.id)))
    rows = [PublicIssue(*row) for row in session.execute(mine.order_by(*_NEWEST_FIRST).limit(limit))]
    told = select(IssueWords.issue_id, IssueWords.words).where(IssueWords.issue_id.in_([each.id for each in rows]))
    kept = {issue_id: whole for issue_id, whole in session.execute(told)}  # noqa: C416 - rows are no pairs to mypy
    return [Found(each, passages.passage(kept[each.id], asked)) for each in rows if each.id in kept]


def _asking(session: Session, asked: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Returns the query of words in this database's own syntax, and its values."""
    if session.get_bind().dialect.name == "sqlite":
        return _ON_SQLITE, {"asked": passages.for_fts5(asked)}
    *before, last = asked
    values = {"last": passages.for_tsquery(last)}
    return (_ON_POSTGRES, values | {"words": " ".join(before)}) if before else (_ON_POSTGRES_ONE, values)


def unread(session: Session, *, limit: int) -> list[PublicIssue]:
    """Returns at most `limit` public issues that the search does not know as they are shown now, newest first."""
    is_known = and_(IssueWords.issue_id == Issue.id, _same(IssueWords.revision_id, Mailing.revision_id))
    rows = _public(~select(IssueWords.issue_id).where(is_known).exists())
    return [PublicIssue(*row) for row in session.execute(rows.order_by(*_NEWEST_FIRST).limit(limit))]


def _same(one: Any, other: Any) -> ColumnElement[bool]:
    return or_(one == other, and_(one.is_(None), other.is_(None)))


def _public(*conditions: ColumnElement[bool]) -> Select[int, int, int, str, str, int, datetime, bool]:
    """Selects every public issue once, in the order of PublicIssue's fields.

    No index leads from an issue to its mailings, so they are grouped in one go.
    """
    counts = Mailing.is_test.is_(False), or_(Mailing.state.not_in(_NOTHING_LEFT), Mailing.is_mended)
    newest = func.max(Mailing.id).label("mailing_id")
    shown = select(Mailing.issue_id, newest).where(*counts).group_by(Mailing.issue_id).subquery()
    is_back = and_(Issue.imported_at.is_not(None), Newsletter.shows_back_issues.is_(True), Issue.state.in_(_PUBLIC))
    has_left = and_(Mailing.id.is_not(None), or_(Issue.state.in_(_PUBLIC), Mailing.is_mended))
    columns = (
        Issue.id,
        Issue.newsletter_id,
        Issue.number,
        # While an issue is mended its own words are a draft's.
        case((Mailing.is_mended, Revision.subject), else_=Issue.subject).label("subject"),
        func.coalesce(_preheader_left, Issue.preheader).label("preheader"),
        Mailing.revision_id,
        _left_at.label("at"),
        Mailing.id.is_(None).label("is_imported"),
    )
    query = (
        select(*columns)
        .join(Newsletter, Newsletter.id == Issue.newsletter_id)
        .outerjoin(shown, shown.c.issue_id == Issue.id)
        .outerjoin(Mailing, Mailing.id == shown.c.mailing_id)
        .outerjoin(Revision, Revision.id == Mailing.revision_id)
    )
    return query.where(or_(has_left, is_back), *conditions)
