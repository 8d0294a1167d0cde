"""The slots of a revision, filled for one person or for nobody."""

from datetime import UTC, datetime

import pytest

from curator.errors import RenderError
from curator.issues import fill
from curator.issues.values import (
    PREFERENCES_SLOT,
    READER_SLOT,
    UNSUBSCRIBE_SLOT,
    WEB_VERSION_SLOT,
    Link,
    Placement,
    RenderedRevision,
    link_slot,
)

_AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
VALUES = fill.harmless(
    "o'neil&co@example.org",
    newsletter_url="https://news.example/n/wave",
    issue_url="https://news.example/n/wave/issues/41",
    links=[
        Link(1, "https://a.example/?x=1&y=2", Placement.TITLE),
        Link(11, "https://b.example/", Placement.GO),
    ],
)


def _revision(content: str) -> RenderedRevision:
    return RenderedRevision(9, 4, 1, "a" * 64, "A subject", content, content, _AT)


def test_every_slot_gets_its_value_escaped_in_html_only() -> None:
    slots = [link_slot(1), link_slot(11), UNSUBSCRIBE_SLOT, PREFERENCES_SLOT, WEB_VERSION_SLOT, READER_SLOT]
    html, text = fill.filled(_revision("\n".join(slots)), VALUES)
    assert html.splitlines() == [
        "https://a.example/?x=1&amp;y=2",
        "https://b.example/",
        "https://news.example/n/wave",
        "https://news.example/n/wave",
        "https://news.example/n/wave/issues/41",
        "o&#x27;neil&amp;co@example.org",
    ]
    assert text.splitlines()[0] == "https://a.example/?x=1&y=2"
    assert text.splitlines()[5] == "o'neil&co@example.org"


def test_what_has_no_slots_stays_as_it_is() -> None:
    assert fill.filled(_revision("<p>plain</p>"), VALUES) == ("<p>plain</p>", "<p>plain</p>")


@pytest.mark.parametrize("slot", [link_slot(2), "https://other.slot.invalid/"])
def test_a_slot_without_its_value_is_refused(slot: str) -> None:
    with pytest.raises(RenderError, match="left without its value"):
        fill.filled(_revision(slot), VALUES)
