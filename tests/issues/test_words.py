"""The words of an issue: small Markdown, escapes, columns, subjects, facts and dates."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.feeds.values import ItemKind
from curator.issues import compose, escape, markdown
from curator.issues.columns import width, wrapped
from curator.issues.values import (
    UNSUBSCRIBE_SLOT,
    BlockKind,
    Board,
    BoardBlock,
    BoardSection,
    IssueRow,
    IssueState,
    Unfinished,
)
from curator.picks.values import PickedItem
from tests.issues.documents import document, whole_issue
from tests.issues.reading import Page
from tests.picks.items import NOW, item, newsletter, section

ISSUE = IssueRow(
    id=1,
    newsletter_id=1,
    number=41,
    slot=None,
    state=IssueState.DRAFT,
    subject="Hello",
    preheader="",
    version=1,
    due_at=datetime(2026, 11, 17, 1, 0, tzinfo=UTC),
    send_at=None,
    approved_hash=None,
    approved_by=None,
    approved_at=None,
    sent_at=None,
    note="",
    created_at=NOW,
)


def _board(*blocks: BoardBlock) -> Board:
    return Board(issue=ISSUE, intro=(), sections=(BoardSection(section(), blocks),))


def _pick(**given: object) -> BoardBlock:
    shown = item(**given)  # type: ignore[arg-type]  # the test's own words
    picked = PickedItem(1, shown, section_id=1, title=shown.title, link=shown.url, blurb="", version=1)
    return BoardBlock(1, BlockKind.PICK, 0, 1, "", picked)


@pytest.mark.parametrize(
    ("source", "html", "text"),
    [
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>", "bold and soft"),
        ("One\ntwo\n\nthree", "<p>One<br />\ntwo</p>\n<p>three</p>", "One\ntwo\n\nthree"),
        ("`a < b`", "<p><code>a &lt; b</code></p>", "a < b"),
        ("[it](https://x.example/?a&b)", '<p><a href="https://x.example/?a&amp;b">it</a></p>', "it (https://x.example/?a&b)"),
        ("[x](mailto:a@b.example)", '<p><a href="mailto:a@b.example">x</a></p>', "x (mailto:a@b.example)"),
        ("<b onclick=x>no</b>", "<p>&lt;b onclick=x&gt;no&lt;/b&gt;</p>", "<b onclick=x>no</b>"),
        ("# no heading\n\n- no list", "<p># no heading</p>\n<p>- no list</p>", "# no heading\n\n- no list"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>", "[x](javascript:alert(1))"),
    ],
)  # fmt: skip
def test_markdown_is_small(source: str, html: str, text: str) -> None:
    assert markdown.html(source) == html
    assert markdown.text(source) == text


def test_on_the_web_a_link_tells_its_target_nothing_of_the_reader() -> None:
    shown = markdown.on_the_web(markdown.html("**See** [it](https://x.example/?a&b)\nand `this`"))
    link = '<a href="https://x.example/?a&amp;b" rel="noopener noreferrer">it</a>'
    assert shown == f"<p><strong>See</strong> {link}<br>\nand <code>this</code></p>"


@pytest.mark.parametrize(
    "kept", ['<img src="https://x.example/p.gif">', "<script>x</script>", '<p style="x" onclick="x">', "<h1>", "<form>"]
)
def test_on_the_web_nothing_stands_that_a_blurb_cannot_say(kept: str) -> None:
    assert markdown.on_the_web(kept) in ("", "<p></p>")


@pytest.mark.parametrize(
    ("source", "html", "text"), [("[]()", "<p></p>", ""), ("**[a]()** b", "<p><strong>a</strong> b</p>", "a b")]
)
def test_a_link_without_an_address_is_its_words(source: str, html: str, text: str) -> None:
    assert markdown.html(source) == html
    assert markdown.text(source) == text


@given(st.text(alphabet="*_[]()`\\<>&\"' \nabü:/.#", max_size=120))
def test_any_markdown_is_balanced_and_harmless(source: str) -> None:
    page = Page(str(escape.fragment(markdown.html(source))))
    assert not page.unclosed
    assert not page.stray
    assert {tag for tag, _ in page.tags} <= {"p", "strong", "em", "a", "code", "br"}
    assert all(markdown.is_link(link) for link in page.links)


@pytest.mark.parametrize("source", ["**" * 5_000, "[" * 5_000, "`" * 5_001, "*_" * 5_000, "[a](" * 2_500, "> " * 5_000])
def test_hostile_markdown_stays_small_and_flat(source: str) -> None:
    assert escape.fragment(markdown.html(source)) is not None


@given(st.text(max_size=100))
def test_attributes_are_plain_ascii_and_come_back_equal(value: str) -> None:
    written = escape.attribute(value)
    assert written.isascii()
    assert not set("\"'<>\\`{}\n") & set(written)
    assert Page(f'<a href="{written}">').links == [escape.one_line(value)]


@given(st.text(max_size=200), st.integers(min_value=10, max_value=78))
def test_wrapping_keeps_every_character_and_the_width(words: str, columns: int) -> None:
    shown = wrapped(words, columns=columns, indent="  ")
    assert "".join(shown.split()) == "".join(words.split())
    assert all(width(line) <= columns for line in shown.splitlines() if "://" not in line)


def test_addresses_are_never_broken() -> None:
    link = "https://x.example/" + "a" * 100
    assert link in wrapped(f"see ({link}).", columns=40)


def test_a_subject_is_the_first_title_bounded_between_words() -> None:
    assert compose.subject(["Short and\nsweet", "Other"]) == "Short and sweet"
    long = compose.subject(["An unusually long title about vector databases that forget what they were told yesterday"])
    assert long == "An unusually long title about vector databases that forget what they…"
    assert len(compose.subject(["x" * 200])) == 70
    assert compose.subject([]) == ""


def test_a_preheader_tells_what_else_there_is() -> None:
    assert compose.preheader(["One", "Two", "Three"]) == "Plus: Two; Three"
    assert compose.preheader(["One"]) == ""
    assert len(compose.preheader(["One", "x " * 200])) <= 110


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"number": 41, "duration_s": 2280}, "Episode 41, 38 min"),
        ({"season": 2, "number": 7, "duration_s": 3600}, "Season 2, episode 7, 1 h"),
        ({"season": 2, "duration_s": 3840}, "1 h 4 min"),
        ({"duration_s": 0}, ""),
        ({"kind": ItemKind.ARTICLE, "author": "Maya\nLindqvist"}, "Maya Lindqvist"),
        ({"kind": ItemKind.ARTICLE, "author": "row store", "feed_title": "Row Store"}, ""),
    ],
)
def test_facts_are_told_in_words(given: dict[str, object], words: str) -> None:
    assert compose.facts(item(**({"kind": ItemKind.EPISODE} | given))) == words  # type: ignore[arg-type]  # the test's own words


def test_the_date_is_the_newsletters_and_no_part_of_the_day_of_rendering() -> None:
    shown = compose.document(_board(_pick()), newsletter(zone="America/New_York"))
    assert shown.dated_on == "16 November 2026"
    shown = compose.document(_board(_pick()), newsletter(zone="Europe/Berlin", language="de"))
    assert shown.dated_on == "17. November 2026"
    shown = compose.document(_board(_pick()), newsletter(zone="Europe/Berlin", language="fi"))
    assert shown.dated_on == "2026-11-17"


def test_a_pick_without_blurb_shows_the_feeds_own_words_without_its_markup() -> None:
    hostile = "<b>" * 20_000
    block = _pick(summary_html=hostile, summary_text="Words & <markup> " + "of a feed " * 100)
    (entry,) = compose.document(_board(block), newsletter()).sections[0].entries
    assert entry.body_html.startswith("<p>Words &amp; &lt;markup&gt; of a feed")
    assert len(entry.body_text) <= 220
    assert entry.body_text.endswith("…")


def test_texts_without_words_and_empty_sections_are_left_out() -> None:
    empty = BoardBlock(2, BlockKind.TEXT, 0, 1, " \n ", None)
    assert compose.document(_board(empty), newsletter()).sections == ()


def test_a_feed_cannot_set_the_readers_slots() -> None:
    block = _pick(title="Mail READER@SLOT.invalid", url=UNSUBSCRIBE_SLOT, feed_title=UNSUBSCRIBE_SLOT)
    (entry,) = compose.document(_board(block), newsletter()).sections[0].entries
    assert entry.link is None
    assert "slot.invalid" not in (entry.title + entry.source).lower()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://[broken"])
def test_a_link_of_another_kind_is_left_out(url: str) -> None:
    (entry,) = compose.document(_board(_pick(url=url)), newsletter()).sections[0].entries
    assert entry.link is None


def test_the_hash_tells_every_word_and_every_template_apart() -> None:
    shown = whole_issue()
    found = {
        compose.content_hash(shown, "one"),
        compose.content_hash(shown, "two"),
        compose.content_hash(replace(shown, subject="Other"), "one"),
        compose.content_hash(replace(shown, sections=shown.sections[::-1]), "one"),
    }
    assert len(found) == 4
    assert compose.content_hash(whole_issue(), "one") in found


@pytest.mark.parametrize("subject", ["Attack of the TKTK", "TK", "A TK."])
def test_a_placeholder_in_the_subject_is_found(subject: str) -> None:
    assert compose.placeholders(replace(document(), subject=subject)) == [Unfinished("the subject", field="subject")]


@pytest.mark.parametrize("subject", ["The Tk toolkit", "ATK", "TKO", "tk"])
def test_words_that_only_look_like_a_placeholder_are_not(subject: str) -> None:
    assert compose.placeholders(replace(document(), subject=subject)) == []
