"""Importing back issues: dry run, import, again, clashes, what is joined, and taking an import back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, update

from curator.activity import store as activity
from curator.activity.undo import undo
from curator.activity.values import ActivityRow
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.events import store as events
from curator.feeds.tables import Item
from curator.issues import store
from curator.issues.back import reverts, take_in
from curator.issues.back import store as store_of_back
from curator.issues.back.values import BackLink, Fate, File, Report, StandIns
from curator.issues.blocks import store as blocks
from curator.issues.standing import store as standing
from curator.issues.tables import Block, Issue
from curator.issues.values import IssueState
from curator.picks import curate
from curator.picks import store as picks
from curator.picks.inbox import store as inbox
from curator.picks.related import refresh as related
from curator.picks.related import store as related_store
from curator.picks.tables import Pick
from tests import builders
from tests.issues.back import files
from tests.issues.scene import NOW, Scene, scene

A, B, C = "https://a.example/1", "https://b.example/2", "https://c.example/3"


@pytest.fixture
def ready(database: Database) -> Scene:
    return scene(database)


@pytest.fixture
def statements(ready: Scene) -> list[str]:
    said: list[str] = []
    event.listen(ready.db.engine, "before_cursor_execute", lambda *call: said.append(call[2]))
    return said


def _import(ready: Scene, *given: File, at: datetime = NOW, stand_ins: StandIns = StandIns()) -> Report:  # noqa: B008 - it is frozen
    return take_in.take_in(ready.db, ready.newsletter_id, given, by=None, now=at, stand_ins=stand_ins)


def _counts(ready: Scene) -> tuple[int, ...]:
    with ready.db.read() as session:
        tables = (Issue, Block, Pick, Item)
        return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def _change(ready: Scene) -> ActivityRow:
    with ready.db.read() as session:
        return activity.recent(session, limit=1)[0]


def test_a_dry_run_says_what_would_come_and_writes_nothing(ready: Scene) -> None:
    before = _counts(ready)
    plan = take_in.planned(ready.db, ready.newsletter_id, [files.numbered(1, A, B)], now=NOW)
    assert [(each.issue.number, each.fate, len(each.issue.links)) for each in plan.issues] == [(1, Fate.NEW, 2)]
    assert (plan.links, plan.is_whole) == (2, True)
    assert _counts(ready) == before


def test_an_imported_issue_is_sent_and_dated_and_holds_its_picks_in_their_sections(ready: Scene) -> None:
    (done,) = _import(ready, files.file("41.md", files.MARKDOWN)).issues
    assert done.issue_id is not None
    board = ready.board(done.issue_id)
    assert (board.issue.number, board.issue.state, board.issue.imported_at) == (41, IssueState.SENT, NOW)
    assert board.issue.sent_at is not None
    assert board.issue.sent_at.date() == date(2023, 11, 3)
    titles = {
        section.spec.title: [block.pick.title for block in section.blocks if block.pick] for section in board.sections
    }
    assert sum(len(found) for found in titles.values()) == 7
    assert done.unknown_headings == ("Odds and ends",)
    first = next(block.pick for section in board.sections for block in section.blocks if block.pick)
    assert first.blurb == "it counts twice, as [they say](https://b.example/say)."


def test_the_same_files_again_add_nothing(ready: Scene) -> None:
    given = (files.numbered(1, A, B), files.numbered(2, B, C, day=8))
    _import(ready, *given)
    before, last = _counts(ready), _change(ready)
    again = _import(ready, *given, at=NOW + timedelta(hours=1))
    assert [each.fate for each in again.issues] == [Fate.KNOWN, Fate.KNOWN]
    assert again.is_whole
    assert (_counts(ready), _change(ready)) == (before, last)


def test_numbers_that_clash_are_reported_and_left_as_they_are(ready: Scene) -> None:
    with ready.db.write() as session:
        place = {"slot": None, "state": IssueState.DRAFT, "due_at": None, "note": "", "now": NOW}
        store.add_issue(session, ready.newsletter_id, number=1, **place)  # type: ignore[arg-type]  # the test's own
    _import(ready, files.numbered(2, A))
    found = _import(ready, files.numbered(1, A), files.numbered(2, B), files.numbered(3, C), files.numbered(3, A))
    assert [each.fate for each in found.issues] == [Fate.CLASH, Fate.CLASH, Fate.NEW, Fate.CLASH]
    assert [each.why for each in found.of(Fate.CLASH)] == [
        "Issue 1 is here already, and was made here.",
        "Issue 2 is here already, and was imported with other links.",
        "Another of these files is issue 3 too.",
    ]
    assert not found.is_whole


def test_what_does_not_tell_number_date_or_links_is_refused_with_what_to_do(ready: Scene) -> None:
    link = f"- [A]({A})"
    future = files.file("2027-05-01-9.md", link)
    found = _import(
        ready, files.file("a.md", link), files.file("5.md", link), files.file("2024-01-01-6.md", "no"), future
    )
    assert [each.fate for each in found.issues] == [Fate.REFUSED] * 4
    assert [each.why.split(":")[0].split(",")[0] for each in found.issues] == [
        "Nothing tells its number",
        "Nothing tells when it went out",
        "There is no link in it that could be read.",
        "It is dated 1 May 2027",
    ]
    told = _import(ready, files.file("a.md", link), stand_ins=StandIns(number=9, dated_on=date(2024, 1, 1)))
    assert [each.fate for each in told.issues] == [Fate.NEW]


def test_a_page_that_was_here_is_related_to_others_as_soon_as_it_is_a_past_pick(ready: Scene) -> None:
    words = "Lattice sieves over tidal turbines"
    before = ready.item(f"{words}, measured", canonical_url=A, url=A)
    other = ready.item(f"{words}, built", canonical_url=C, url=C)
    for number in range(12):
        ready.item(f"Something else entirely {number}", canonical_url=f"https://d.example/{number}")
    related.refresh(ready.db, now=NOW)
    _import(ready, files.numbered(1, A), at=NOW + timedelta(hours=1))
    related.refresh(ready.db, now=NOW + timedelta(hours=2))
    with ready.db.read() as session:
        found = related_store.related(session, [other])
    assert [match.other_id for match in found.get(other, [])] == [before]


def test_pages_that_are_here_are_joined_and_new_ones_never_flood_the_inbox(ready: Scene) -> None:
    known = ready.item("What its feed calls it", canonical_url="https://a.example/1", url=A)
    (done,) = _import(ready, files.numbered(1, f"{A}?utm_source=x", B)).issues
    assert done.joined == 1
    with ready.db.read() as session:
        assert picks.pick_of(session, ready.newsletter_id, known) is not None
        shown = inbox.inbox(session, ready.newsletter_id, now=NOW)
        added = session.scalars(select(Item).where(Item.canonical_url == "https://b.example/2")).one()
    assert shown == []
    assert (added.is_archive, added.feed_id, added.first_seen_at.date()) == (True, None, date(2024, 2, 1))
    assert added.first_seen_at == added.at


def test_what_ran_in_a_back_issue_is_known_to_have_run(ready: Scene) -> None:
    _import(ready, files.numbered(1, A), files.numbered(2, A, B, day=8))
    with ready.db.read() as session:
        ran = standing.ran_in(session, ready.newsletter_id, ["https://a.example/1"])
        assert store.last_number(session, ready.newsletter_id) == 2
        assert store.current_issue(session, ready.newsletter_id) is None
        assert blocks.waiting_picks(session, ready.newsletter_id) == []
        assert events.sent_before(session, ready.newsletter_id, limit=5) == []
    assert [(each.number, each.is_out) for each in ran["https://a.example/1"]] == [(2, True), (1, True)]


def test_an_editors_words_on_a_page_stay_as_they_are(ready: Scene) -> None:
    item = ready.item("Known", canonical_url="https://a.example/1", url=A)
    pick_id = curate.pick(ready.db, ready.newsletter_id, item, ready.sections[0], by=None, now=NOW)
    curate.write_blurb(ready.db, pick_id, "Mine.", expected_version=1, by=None, now=NOW)
    (done,) = _import(ready, files.numbered(1, A)).issues
    assert done.ran == 1
    with ready.db.read() as session:
        pick = picks.picked_items(session, [pick_id])[pick_id]
    assert (pick.blurb, pick.section_id) == ("Mine.", ready.sections[0])


def test_one_call_is_one_change_and_is_taken_back_as_one(ready: Scene) -> None:
    before = _counts(ready)
    _import(ready, files.numbered(1, A, B), files.numbered(2, B, C, day=8))
    change = _change(ready)
    assert change.became("number") == 2
    done = undo(ready.db, change.id, reverts.REVERTS, by=None, now=NOW + timedelta(minutes=1))
    assert done.words == "2 back issues are gone again. What is used elsewhere by now stays."
    assert _counts(ready) == before
    with pytest.raises(StateError, match="gone already"):
        reverts.REVERTS["newsletter.imported back issues of"](ready.db, change, by=None, now=NOW)


def test_what_is_used_elsewhere_by_now_stays_when_an_import_is_taken_back(ready: Scene) -> None:
    _import(ready, files.numbered(1, A, B))
    change = _change(ready)
    other = builders.newsletter_row(ready.db, slug="other")
    section = builders.section_rows(ready.db, other)[0]
    with ready.db.read() as session:
        item = session.scalars(select(Item.id).where(Item.canonical_url == "https://a.example/1")).one()
    curate.pick(ready.db, other, item, section, by=None, now=NOW)
    _import(ready, files.numbered(2, B, day=8), at=NOW + timedelta(hours=1))
    undo(ready.db, change.id, reverts.REVERTS, by=None, now=NOW + timedelta(hours=2))
    with ready.db.read() as session:
        assert set(session.scalars(select(Item.canonical_url))) == {"https://a.example/1", "https://b.example/2"}
        assert list(session.scalars(select(Issue.number))) == [2]


def test_a_page_that_somebody_adds_in_this_moment_is_theirs_and_the_import_goes_on(ready: Scene) -> None:
    """Both looked before either wrote: the database knows the page, and the look did not."""
    _import(ready, files.numbered(1, A))
    links = [BackLink(1, url, url, "One", "") for url in (A, B)]
    with ready.db.write() as session:
        session.execute(update(Item).where(Item.canonical_url == A).values(canonical_url=None))
        added = store_of_back._add_items(session, links, at=NOW, now=NOW)
        urls = session.scalars(select(Item.canonical_url).where(Item.id.in_(added)))
        assert list(urls) == [B]


def test_a_dry_run_costs_the_same_queries_however_many_links(ready: Scene, statements: list[str]) -> None:
    costs = []
    for number, many in ((1, 3), (2, 60)):
        given = files.numbered(number, *(f"https://x.example/{number}/{at}" for at in range(many)))
        statements.clear()
        take_in.planned(ready.db, ready.newsletter_id, [given], now=NOW)
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_a_section_that_is_not_there_and_too_many_files_are_refused(ready: Scene) -> None:
    with pytest.raises(InvalidError, match="no such section"):
        _import(ready, files.numbered(1, A), stand_ins=StandIns(99_999))
    with pytest.raises(InvalidError, match="at most 1,000"):
        _import(ready, *[files.numbered(1, A)] * 1_001)
    many = "".join(f"<h2>Issue {at}</h2><a href={A}>One</a>" for at in range(1, 1_002))
    with pytest.raises(InvalidError, match="hold 1,001 issues; at most 1,000"):
        _import(ready, File("all.html", many.encode()))


def test_a_back_issue_goes_out_on_its_day_where_the_newsletter_is_at_home(database: Database) -> None:
    home = scene(database, zone="America/Los_Angeles")
    (done,) = _import(home, files.numbered(1, A)).issues
    assert done.issue_id is not None
    sent_at = home.board(done.issue_id).issue.sent_at
    assert sent_at is not None
    assert datetime(2024, 2, 1, 8, tzinfo=UTC) <= sent_at < datetime(2024, 2, 2, 8, tzinfo=UTC)
