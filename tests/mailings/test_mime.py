"""Messages as bytes: the headers that were meant and no others, whatever names and titles hold."""

import email
import email.policy
import re
import string
from dataclasses import replace
from datetime import UTC, date, datetime, time
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curator.audience import links as own
from curator.audience.values import Recipient
from curator.errors import InvalidError, RenderError
from curator.issues import slots
from curator.issues.values import Link, Placement, RenderedRevision
from curator.mailings import mime, personal
from curator.mailings.click_links import ClickLink, click_token, read_click_token
from curator.mailings.values import Outgoing
from curator.newsletters.values import Cadence, NewsletterSpec, Rhythm, Tracking, WhenShort
from curator.tokens import Keys

KEYS = Keys.from_secret("k" * 40)
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ATTACK = "=?utf-8?q?a=0D=0ABcc:_x@y.z?="
NAMES = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Post",
    "Feedback-ID",
    "Precedence",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]
NEWSLETTER = NewsletterSpec(
    id=3,
    slug="ai-weekly",
    name="AI Weekly",
    tagline="",
    sender_name="The AI Podcast",
    sender_address="news@podcast.example",
    reply_to=None,
    postal_address="",
    language="en",
    cadence=Cadence(Rhythm.WEEKLY, "UTC", time(7), date(2026, 1, 5), weekdays=(1,)),
    draft_lead_hours=72,
    minimum_picks=3,
    when_short=WhenShort.HOLD,
    is_paused=False,
    sections=(),
)
TEXT = "Hello\nleave: https://unsubscribe.slot.invalid/\nto reader@slot.invalid\n"
HTML = '<p>Hello <a href="https://unsubscribe.slot.invalid/">leave</a> reader@slot.invalid</p>'


def built(
    *,
    subject: str = "What we heard",
    name: str = "Ada Lovelace",
    address: str = "ada@example.org",
    text: str = TEXT,
    html: str = HTML,
    newsletter: NewsletterSpec = NEWSLETTER,
    links: tuple[Link, ...] = (),
) -> Outgoing:
    revision = RenderedRevision(9, 4, 1, "a" * 64, subject, html, text, NOW)
    return mime.message(
        personal.content(revision, links),
        Recipient(77, address, name),
        newsletter,
        mailing_id=12,
        issue_number=41,
        date=NOW,
        public_url="https://news.example",
        keys=KEYS,
    )


def parsed(message: Outgoing) -> EmailMessage:
    return cast("EmailMessage", email.message_from_bytes(message.content, policy=email.policy.default))


def parts(message: Outgoing) -> tuple[str, str]:
    """The text and the HTML of a message."""
    text, html = [part.get_content() for part in parsed(message).iter_parts()]
    return text, html


def way_out() -> str:
    return own.unsubscribe_url("https://news.example", own.unsubscribe_token(KEYS, 3, 77, mailing_id=12))


def decoded(message: Outgoing, name: str) -> str:
    """A header as a program of the old school reads it: unfold, then decode every encoded word."""
    raw = email.message_from_bytes(message.content, policy=email.policy.compat32)[name]
    return str(make_header(decode_header(re.sub(r"\r?\n", "", raw))))


def test_a_message_has_the_headers_of_a_newsletter_and_no_others() -> None:
    message = parsed(built())
    assert message.keys() == NAMES
    assert message["From"] == "The AI Podcast <news@podcast.example>"
    assert message["To"] == "Ada Lovelace <ada@example.org>"
    assert message["Date"] == "Mon, 16 Nov 2026 09:00:00 +0000"
    assert message["List-Id"] == "<ai-weekly.podcast.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Post"] == "NO"
    assert message["Precedence"] == "bulk"
    assert message["Feedback-ID"] == "issue-41:ai-weekly:newsletter:podcastexample"


def test_the_parts_are_text_first_and_both_quoted_printable() -> None:
    message = parsed(built(text="Grüße\n" + "x" * 200 + " \n.\nFrom here\n" + TEXT, html="<p>ü</p>" + HTML))
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in parts} == {"quoted-printable"}
    text = parts[0].get_content().replace("\r\n", "\n")
    assert text.startswith("Grüße\n" + "x" * 200 + " \n.\nFrom here\nHello\nleave: https://news.example/u/")


def test_the_slots_are_filled_with_the_readers_own() -> None:
    message = built(address="o'neil&co@example.org")
    link = way_out()
    text, html = parts(message)
    assert link in text
    assert "o'neil&co@example.org" in text
    assert f'href="{link}"' in html
    assert "o&#x27;neil&amp;co@example.org" in html
    assert own.read_unsubscribe_token(KEYS, link.rpartition("/")[2]) == own.UnsubscribeLink(3, 77, 12)


EVERY_SLOT = (
    '<p><a href="https://web-version.slot.invalid/">web</a> <a href="https://link-1.slot.invalid/">one</a> '
    '<a href="https://link-2.slot.invalid/">two</a> <a href="https://preferences.slot.invalid/">prefs</a> '
    '<a href="https://unsubscribe.slot.invalid/">leave</a> <a href="https://link-0.slot.invalid/"></a></p>'
)
EVERY_SLOT_IN_TEXT = "https://web-version.slot.invalid/ https://preferences.slot.invalid/ " + TEXT
TARGETS = (
    Link(1, "https://site.example/?a=1&b=ü", Placement.TITLE),
    Link(2, "https://site.example/two", Placement.GO),
)


def hrefs(html: str) -> list[str]:
    return re.findall(r'href="([^"]*)"', html)


def test_each_link_of_the_html_is_the_readers_own_way_to_it() -> None:
    text, html = parts(built(html=EVERY_SLOT, text=EVERY_SLOT_IN_TEXT, links=TARGETS))
    web, one, two, preferences, leave, canary = hrefs(html)
    assert web == "https://news.example/n/ai-weekly/issues/41"
    assert web in text
    assert preferences in text
    assert own.read_preferences_token(KEYS, preferences.removeprefix("https://news.example/p/")) == 77
    assert leave == way_out()
    clicks = [read_click_token(KEYS, url.removeprefix("https://news.example/l/")) for url in (one, two, canary)]
    assert clicks == [ClickLink(12, 1, 77), ClickLink(12, 2, 77), ClickLink(12, 0, 77)]


def test_a_newsletter_that_counts_no_clicks_leads_straight_to_every_target() -> None:
    message = built(html=EVERY_SLOT, links=TARGETS, newsletter=replace(NEWSLETTER, clicks=Tracking.OFF))
    _, html = parts(message)
    web, one, two, _, _, canary = hrefs(html)
    assert (one, two) == ("https://site.example/?a=1&amp;b=&#252;", "https://site.example/two")
    assert canary == web


def test_a_link_that_nobody_wrote_down_makes_no_message() -> None:
    with pytest.raises(RenderError, match="left without its value"):
        built(html=EVERY_SLOT, links=TARGETS[:1])


def test_what_looks_like_a_slot_in_a_readers_address_is_no_slot() -> None:
    _, html = parts(built(address="reader@slot.invalid"))
    assert "reader@slot.invalid" in html


def test_a_tracked_link_is_as_long_as_the_size_rule_reckons() -> None:
    click = click_token(KEYS, ClickLink(2**32 - 1, 2**16 - 1, 2**56 - 1))
    assert len(f"/l/{click}") == slots.TRACKED_CHARACTERS


def test_a_slot_that_was_not_filled_makes_no_message() -> None:
    with pytest.raises(RenderError, match="left without its value"):
        built(html='<a href="https&#58;//unsubscribe.slot.invalid/">leave</a>')


def test_one_click_stands_on_one_line_however_long_it_is() -> None:
    lines = built().content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    (line,) = [each for each in lines if each.startswith(b"List-Unsubscribe:")]
    assert line == b"List-Unsubscribe: <" + way_out().encode() + b">"


def test_the_message_id_is_the_same_for_the_same_delivery_only() -> None:
    def made(subscriber_id: int, keys: Keys = KEYS) -> str:
        return mime.message_id(keys, mailing_id=12, subscriber_id=subscriber_id, domain="podcast.example")

    assert made(77) == made(77) == built_id()
    assert re.fullmatch(r"<m12\.s77\.[A-Za-z0-9_-]{12}@podcast\.example>", made(77))
    assert len({made(77), made(78), made(77, Keys.from_secret("z" * 40))}) == 3


def built_id() -> str:
    return str(parsed(built())["Message-ID"])


def test_an_encoded_word_in_a_title_injects_nothing() -> None:
    message = built(subject=f"New: {ATTACK}", name=ATTACK)
    assert parsed(message).keys() == NAMES
    assert decoded(message, "Subject") == "New: = ?utf-8?q?a=0D=0ABcc:_x@y.z?="


def test_a_reply_address_adds_one_header() -> None:
    message = parsed(built(newsletter=replace(NEWSLETTER, reply_to="desk@podcast.example")))
    assert message["Reply-To"] == "desk@podcast.example"
    assert len(message.keys()) == len(NAMES) + 1


def test_a_domain_beyond_ascii_is_written_as_idna_2008() -> None:
    message = built(address="ada@straße.example")
    assert message.recipient == "ada@xn--strae-oqa.example"
    assert not message.needs_smtputf8


def test_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    message = built(address="zoë@bücher.example")
    assert message.recipient == "zoë@xn--bcher-kva.example"
    assert message.needs_smtputf8
    assert "zoë@xn--bcher-kva.example".encode() in message.content


@pytest.mark.parametrize(
    "address",
    ["no at sign", "a b@example.org", "a@b\r\nBcc: x@y.z", "a\r\nBcc: x@y.z@example.org", "a@\u2028.example", "@x.org",
     "a@", "a>b@example.org", "a@-x.org", "a@" + "ü" * 300 + ".org", "a\u0085b@example.org"],
)  # fmt: skip
def test_an_address_that_cannot_be_written_is_the_readers_trouble(address: str) -> None:
    with pytest.raises(InvalidError):
        built(address=address)


@pytest.mark.parametrize("address", ["news", "néws@podcast.example", "a@b\r\nBcc: x@y.z"])
def test_a_sender_that_cannot_be_written_is_our_trouble(address: str) -> None:
    with pytest.raises(RenderError, match="own address"):
        built(newsletter=replace(NEWSLETTER, sender_address=address))


def test_a_header_that_is_too_long_makes_no_message() -> None:
    with pytest.raises(RenderError, match="too long"):
        mime.checked_head([("Subject", "x" * 1000)])


def test_a_header_that_nobody_wrote_makes_no_message() -> None:
    with pytest.raises(RenderError, match="nobody wrote"):
        mime.checked_head([("Subject", "x\r\nBcc: y")])


HOSTILE = st.text(max_size=300) | st.text(alphabet=string.printable + "=?\u2028\u0085é字😀", max_size=300)


@given(subject=HOSTILE, name=HOSTILE, sender_name=HOSTILE)
@example(subject=ATTACK, name='"', sender_name="\\")
@example(subject="x" * 500, name="a" * 59, sender_name="b" * 200)
@example(subject="\r\nBcc: x@y.z", name="\n\nbody", sender_name="a\x00b\ud800")
def test_whatever_names_hold_the_headers_are_those_that_were_meant(subject: str, name: str, sender_name: str) -> None:
    message = built(subject=subject, name=name, newsletter=replace(NEWSLETTER, sender_name=sender_name))
    assert parsed(message).keys() == NAMES
    assert decoded(message, "Subject") == mime.clean(subject)
    for header, given_name, address in (
        ("To", name, "ada@example.org"),
        ("From", sender_name, "news@podcast.example"),
    ):
        wanted = mime.clean(given_name)
        mailbox = decoded(message, header)
        quoted = wanted.replace("\\", "\\\\").replace('"', '\\"')
        assert mailbox in (address, f'"{quoted}" <{address}>', f"{wanted} <{address}>")
    head, _, _ = message.content.partition(b"\r\n\r\n")
    assert head.isascii()
    lines = [line for line in head.split(b"\r\n") if not line.startswith((b"List-Unsubscribe:", b"Message-ID:"))]
    assert max(map(len, lines)) <= 78


@given(text=st.text(max_size=500).filter(lambda text: "slot.invalid" not in text))
def test_whatever_a_text_holds_it_arrives_as_it_was(text: str) -> None:
    message = built(text=text, html=text)
    lines = message.content.split(b"\r\n")
    assert max(len(line) for line in lines if not line.startswith(b"List-Unsubscribe:")) <= 78
    assert b"\n" not in message.content.replace(b"\r\n", b"")
    assert b"\r" not in message.content.replace(b"\r\n", b"")
    wanted = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    parts = list(email.message_from_bytes(message.content).walk())[1:]
    assert [part.get_payload(decode=True).replace(b"\r\n", b"\n") for part in parts] == [wanted, wanted]
