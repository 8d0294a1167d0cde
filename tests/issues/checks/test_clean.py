"""What others track readers by is taken out of links by one press, and nothing else of them is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.activity import store as activity
from curator.db import Database
from curator.errors import InvalidError, NotFoundError
from curator.feeds.normalize import is_tracking
from curator.issues import board, publish, reverts
from curator.issues.checks import clean, run
from curator.issues.render import Renderer
from tests.issues.scene import NOW, Scene, fill, scene
from tests.promotions.scene import set_scene

TRACKED = "https://example.org/x?utm_source=a&id=2&fbclid=b#part"
CLEAN = "https://example.org/x?id=2#part"


@pytest.fixture
def there(database: Database) -> Scene:
    made = scene(database)
    fill(made)
    return made


@pytest.fixture
def issue_id(there: Scene) -> int:
    return publish.draft(there.db, there.newsletter_id, now=NOW)


@pytest.mark.parametrize(
    ("url", "left"),
    [
        (TRACKED, CLEAN),
        ("https://example.org/x?utm_source=a", "https://example.org/x"),
        ("https://example.org/x?b=1&a=2", "https://example.org/x?b=1&a=2"),
        ("https://example.org/x#utm_source=a", "https://example.org/x#utm_source=a"),
        ("https://example.org/x?", "https://example.org/x?"),
    ],
)
def test_only_tracking_goes(url: str, left: str) -> None:
    assert clean.without_tracking(url) == left


_NAMES = st.sampled_from(["id", "utm_source", "page", "fbclid", "q", "mc_cid"])


@given(st.lists(st.tuples(_NAMES, st.text(alphabet="ab=%2", max_size=4)), max_size=6))
def test_what_is_left_keeps_its_order_and_a_second_time_changes_nothing(pairs: list[tuple[str, str]]) -> None:
    url = "https://example.org/x" + ("?" + "&".join(f"{name}={value}" for name, value in pairs) if pairs else "")
    once = clean.without_tracking(url)
    kept = [f"{name}={value}" for name, value in pairs if not is_tracking(name)]
    assert once == "https://example.org/x" + ("?" + "&".join(kept) if kept else "")
    assert clean.without_tracking(once) == once


def test_words_around_addresses_stay() -> None:
    words = f"See [this]({TRACKED}), <{TRACKED}> and https://example.org/y?utm_source=a(b)&id=2."
    assert clean.cleaned(words) == f"See [this]({CLEAN}), <{CLEAN}> and https://example.org/y?utm_source=a(b)&id=2."


def test_a_text_is_cleaned_like_any_edit_and_undo_takes_it_back(
    there: Scene, issue_id: int, renderer: Renderer
) -> None:
    text = board.add_text(there.db, issue_id, None, f"[the paper]({TRACKED})", by=None, now=NOW)
    report = run.report(there.db, renderer, issue_id, now=NOW)
    assert [each.is_cleanable for each in report.warnings if each.code == "link-tracked"] == [True]
    assert clean.clean(there.db, issue_id, text, by=None, now=NOW)
    assert not clean.clean(there.db, issue_id, text, by=None, now=NOW)
    assert there.board(issue_id).intro[0].body == f"[the paper]({CLEAN})"
    report = run.report(there.db, renderer, issue_id, now=NOW)
    assert "link-tracked" not in {each.code for each in report.warnings}
    with there.db.read() as session:
        change = activity.recent(session, subject="issue", subject_id=issue_id)[0]
    reverts.REVERTS[f"issue.{change.verb}"](there.db, change, by=None, now=NOW)
    assert there.board(issue_id).intro[0].body == f"[the paper]({TRACKED})"


def test_a_picks_link_and_words_are_cleaned_and_its_draft_stays_one(there: Scene, issue_id: int) -> None:
    block = there.board(issue_id).sections[2].blocks[0]
    assert block.pick is not None
    board.edit_pick(
        there.db,
        block.id,
        title="",
        link=TRACKED,
        blurb=f"By [her]({TRACKED}).",
        expected_version=block.version,
        by=None,
        now=NOW,
        is_draft=True,
    )
    assert clean.clean(there.db, issue_id, block.id, by=None, now=NOW)
    pick = there.board(issue_id).sections[2].blocks[0].pick
    assert pick is not None
    assert (pick.link, pick.blurb, pick.is_blurb_draft) == (CLEAN, f"By [her]({CLEAN}).", True)


def test_a_block_of_another_issue_or_of_fixed_facts_is_refused(there: Scene, issue_id: int) -> None:
    text = board.add_text(there.db, issue_id, None, f"[the paper]({TRACKED})", by=None, now=NOW)
    with pytest.raises(NotFoundError):
        clean.clean(there.db, issue_id + 1, text, by=None, now=NOW)
    promoted = set_scene(there.db, there.newsletter_id, list(there.sections))
    slot = board.add_slot(there.db, issue_id, promoted.slot, by=None, now=NOW)
    with pytest.raises(InvalidError, match="at its source"):
        clean.clean(there.db, issue_id, slot, by=None, now=NOW)
