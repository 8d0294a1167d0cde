"""A copy of a revision that is nobody's own, a test mail's: its links lead to public pages and count nothing."""

from datetime import UTC, datetime

import pytest

from curator.errors import RenderError
from curator.issues import slots
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
from curator.mailings import personal

_AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_LINKS = (Link(1, "https://a.example/?x=1&y=2", Placement.TITLE), Link(11, "https://b.example/", Placement.GO))
_ADDRESS = "o'neil&co@example.org"


def _copy(body: str) -> tuple[str, str]:
    content = personal.content(RenderedRevision(9, 4, 1, "a" * 64, "A subject", body, body, _AT), _LINKS)
    links = personal.nobodys_links(
        content, newsletter_url="https://news.example/n/wave", issue_url="https://news.example/n/wave/issues/41"
    )
    return personal.html_of(content, links, _ADDRESS), personal.text_of(content, links, _ADDRESS)


def test_every_slot_leads_to_a_public_page() -> None:
    body = f"{UNSUBSCRIBE_SLOT}\n{PREFERENCES_SLOT}\n{WEB_VERSION_SLOT}\n{READER_SLOT}"
    html, text = _copy(body)
    assert html.splitlines() == [
        "https://news.example/n/wave",
        "https://news.example/n/wave",
        "https://news.example/n/wave/issues/41",
        "o&#x27;neil&amp;co@example.org",
    ]
    assert text.splitlines() == [*html.splitlines()[:3], _ADDRESS]


def test_links_lead_straight_to_their_targets_and_the_canary_to_the_web_version() -> None:
    content = personal.content(RenderedRevision(9, 4, 1, "a" * 64, "A subject", "", "", _AT), _LINKS)
    links = personal.nobodys_links(content, newsletter_url="https://n.example", issue_url="https://n.example/issues/1")
    assert links.clicks == {
        link_slot(slots.CANARY.number): "https://n.example/issues/1",
        link_slot(1): "https://a.example/?x=1&y=2",
        link_slot(11): "https://b.example/",
    }


@pytest.mark.parametrize("slot", [link_slot(2), "https://other.slot.invalid/"])
def test_a_slot_without_its_value_is_refused(slot: str) -> None:
    with pytest.raises(RenderError, match="left without its value"):
        _copy(slot)
