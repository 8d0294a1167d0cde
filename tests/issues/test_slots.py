"""Slots are found in one pass and filled once, whatever stands in the values; nothing is left without one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import RenderError
from curator.issues import markdown, slots
from curator.issues.collect import Links
from curator.issues.compose import _body
from curator.issues.escape import fragment
from curator.issues.values import (
    PREFERENCES_SLOT,
    READER_SLOT,
    UNSUBSCRIBE_SLOT,
    WEB_VERSION_SLOT,
    DocumentSection,
    Link,
    Placement,
    link_slot,
)
from tests.issues.documents import entry

ALL = [UNSUBSCRIBE_SLOT, PREFERENCES_SLOT, WEB_VERSION_SLOT, READER_SLOT, *(link_slot(n) for n in (0, 1, 12, 40_000))]
LINKS = (Link(1, "https://site.example/?a=1&b=<2>", Placement.TITLE), Link(12, "https://b.example/", Placement.GO))
WORDS = st.text(max_size=30).filter(lambda text: "slot.invalid" not in text)


@given(st.lists(st.tuples(WORDS, st.sampled_from(ALL))), WORDS, st.sampled_from(ALL))
def test_every_slot_gets_its_value_and_no_value_is_read_again(
    parts: list[tuple[str, str]], tail: str, value: str
) -> None:
    text = "".join(words + slot for words, slot in parts) + tail
    filled = slots.cut(text).joined(dict.fromkeys(ALL, f"<{value}>"))
    assert filled == "".join(f"{words}<{value}>" for words, _ in parts) + tail


@pytest.mark.parametrize(
    "text",
    ["a https://link-3.slot.invalid/ b", "https&#58;//unsubscribe.slot.invalid/", "x@slot.invalid", "https://link-.slot.invalid/"],
)  # fmt: skip
def test_a_slot_without_a_value_is_never_left_standing(text: str) -> None:
    with pytest.raises(RenderError, match="left without its value"):
        slots.cut(text).joined({READER_SLOT: "ada@example.org"})


def test_real_targets_stand_in_what_people_look_at() -> None:
    html = f'<a href="{link_slot(1)}">a</a> <a href="{link_slot(12)}">b</a> <a href="{link_slot(0)}"></a>'
    shown = slots.example(html + f" {READER_SLOT} {UNSUBSCRIBE_SLOT} {PREFERENCES_SLOT}", LINKS)
    assert 'href="https://site.example/?a=1&amp;b=&lt;2&gt;"' in shown
    assert 'href="https://b.example/"' in shown
    assert 'href="#web-version"' in shown
    assert "slot.invalid" not in shown


def test_html_of_the_first_release_comes_back_as_it_is() -> None:
    html = f'<a href="https://site.example/">a</a> <a href="{UNSUBSCRIBE_SLOT}">leave</a>'
    assert slots.filled(html, ()) == html


def test_the_size_takes_the_longer_of_the_tracked_link_and_the_target() -> None:
    html = f'<a href="{link_slot(1)}">a</a>'
    short, long = (Link(1, f"https://site.example/{'x' * n}", Placement.GO) for n in (1, 500))
    public = "https://news.example"
    assert slots.most_bytes(html, [long], public_url=public) - slots.most_bytes(html, [short], public_url=public) == (
        len(long.url) - (len(public) + slots.TRACKED_CHARACTERS)
    )


@pytest.mark.parametrize(
    "link",
    ["https://link-3.slot&#46;invalid/", "https://link-3.slot。invalid/", "https://link-3.slot\\.invalid/", "https://LINK-3.SLOT.INVALID/"],
)  # fmt: skip
def test_no_spelling_in_a_blurb_makes_a_slot(link: str) -> None:
    assert "slot.invalid" in markdown.html(f"[x]({link})").lower()
    for written in _body(f"See [x]({link})."):
        assert "slot.invalid" not in written.lower()


def test_links_in_a_fragment_are_numbered_with_the_words_they_stand_on() -> None:
    links = Links()
    to = links.at(DocumentSection("Trends", ()), entry("The title", block_id=7))
    assert to("https://site.example/", "title") == link_slot(1)
    whole = 'the <em>whole</em>\nstory</a>, <a href="mailto:x@y.z">write</a>'
    written = fragment(f'<p>See <a href="https://a.example/?x=1&amp;y=2">{whole}', link=to)
    assert written == f'<p>See <a href="https://link-2.slot.invalid/">{whole}</p>'
    assert links.found == (
        Link(1, "https://site.example/", Placement.TITLE, 7, "Trends", "The title"),
        Link(2, "https://a.example/?x=1&y=2", Placement.TEXT, 7, "Trends", "the whole story"),
    )


def test_a_link_that_is_never_closed_is_a_link_all_the_same() -> None:
    links = Links()
    to = links.at(DocumentSection("", ()), entry("T"))
    written = fragment('<a href="https://a.example/">words', link=to)
    assert written == f'<a href="{link_slot(1)}">words</a>'
    assert links.found[0].label == "words"
