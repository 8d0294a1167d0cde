"""Messages joined from encoded pieces: each decodes to what the full build makes, and needs nothing done on its way."""

import email
import email.policy
import random
import re
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curator.audience.values import Recipient
from curator.errors import InvalidError, RenderError
from curator.issues.values import Link, Placement, RenderedRevision
from curator.mailings import mime, personal
from curator.mailings.prebuilt import Prebuilt
from curator.mailings.quoted_printable import quoted_printable
from curator.mailings.reply_path import Leaving, ReplyPath, by_leave_token
from curator.mailings.transports.stuffing import as_data
from curator.mailings.values import Outgoing
from curator.newsletters.values import NewsletterSpec, Tracking
from tests.mailings.test_dkim import Signer, key, verifies
from tests.mailings.test_mime import ATTACK, EVERY_SLOT, EVERY_SLOT_IN_TEXT, HOSTILE, KEYS, NEWSLETTER, NOW, TARGETS

PUBLIC_URL = "https://news.example"
READER = Recipient(77, "ada@example.org", "Ada Lovelace")
LINKS = tuple(Link(number, f"https://target{number}.example/?a={number}&b=ü", Placement.GO) for number in range(1, 51))
MANY_LINKS = EVERY_SLOT + "".join(
    f'<p>{"Sätze über Modelle. " * number}<a href="https://link-{number}.slot.invalid/">.{number}</a> '
    "reader@slot.invalid</p>"
    for number in range(3, 51)
)


def both(
    recipient: Recipient = READER,
    *,
    subject: str = "What we heard",
    html: str = EVERY_SLOT,
    text: str = EVERY_SLOT_IN_TEXT,
    links: tuple[Link, ...] = TARGETS,
    newsletter: NewsletterSpec = NEWSLETTER,
    public_url: str = PUBLIC_URL,
    reply_path: ReplyPath | None = None,
) -> tuple[Outgoing, Outgoing]:
    """A message joined from pieces, and the same one built in full."""
    revision = RenderedRevision(9, 4, 1, "a" * 64, subject, html, text, NOW)
    content = personal.content(revision, links, has_pixel=newsletter.opens.is_on)
    ids = {"mailing_id": 12, "issue_number": 41}
    built = Prebuilt(content, newsletter, **ids, public_url=public_url, keys=KEYS, reply_path=reply_path)
    full = mime.message(
        content,
        recipient,
        newsletter,
        mailing_id=12,
        issue_number=41,
        date=NOW,
        public_url=public_url,
        keys=KEYS,
        reply_path=reply_path,
    )
    return built.message(recipient, date=NOW), full


def read(message: Outgoing) -> tuple[bytes, list[tuple[str, str, bytes]]]:
    """The headers as they are, and kind, encoding and content of each part, or of the message without parts."""
    parsed = email.message_from_bytes(message.content, policy=email.policy.compat32)
    parts = parsed.get_payload() if parsed.is_multipart() else [parsed]
    found = [
        (part.get_content_type(), str(part["Content-Transfer-Encoding"]), bytes(part.get_payload(decode=True)))
        for part in parts
    ]
    return message.content.partition(b"\r\n\r\n")[0], found


def require_same(joined: Outgoing, full: Outgoing) -> None:
    assert read(joined) == read(full)
    assert replace(joined, content=b"", needs_stuffing=True) == replace(full, content=b"", needs_stuffing=True)
    require_ready(joined)


def require_ready(message: Outgoing) -> None:
    """A message that says so is what follows DATA, in lines that no relay breaks."""
    assert not message.needs_stuffing
    assert as_data(message.content) == message.content
    assert max(map(len, message.content.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76


def test_a_thousand_messages_decode_to_what_full_builds_decode_to() -> None:
    chance = random.Random(4)
    content = personal.content(
        RenderedRevision(9, 4, 1, "a" * 64, f"Grüße {ATTACK}", MANY_LINKS, EVERY_SLOT_IN_TEXT, NOW), LINKS
    )
    given_to_both = {"mailing_id": 12, "issue_number": 41, "public_url": PUBLIC_URL, "keys": KEYS}
    built = Prebuilt(content, NEWSLETTER, **given_to_both)
    for number in range(1000):
        local = "".join(chance.choices("abc.=&'+_%", k=chance.randrange(1, 60))).strip(".").replace("..", ".") or "x"
        domain = chance.choice(["example.org", "münchen.example", "例え.example", "sub." * 20 + "example"])
        address = f"{local}@{domain}".replace("..", ".")
        recipient = Recipient(chance.randrange(1, 2**40), address, f"Zoë {number}", is_text_only=number % 3 == 0)
        full = mime.message(content, recipient, NEWSLETTER, date=NOW, **given_to_both)
        require_same(built.message(recipient, date=NOW), full)


LOCALS = st.from_regex(r"\A[a-zA-Zé=&'~+._-]{1,64}\Z").filter(lambda text: ".." not in text and text.strip(".") == text)
DOMAINS = st.sampled_from(["example.org", "münchen.example", "a.b.c.d.e", "xn--mnchen-3ya.example", "例え.example"])


@given(local=LOCALS, domain=DOMAINS, name=HOSTILE, subject=HOSTILE, number=st.integers(1, 2**56 - 1))
@example(local="a", domain="example.org", name='"', subject=ATTACK, number=1)
def test_whoever_the_reader_is_both_builds_say_the_same(
    local: str, domain: str, name: str, subject: str, number: int
) -> None:
    require_same(*both(Recipient(number, f"{local}@{domain}", name), subject=subject))


WORDS = st.text(max_size=200).filter(lambda text: "slot.invalid" not in text)


@given(around=st.lists(WORDS | st.text(alphabet=".= \t\nü", max_size=200), min_size=3, max_size=3))
@example(around=["." * 200, " ", "\r\n"])
@example(around=["x" * 75, "x" * 76, "." + "x" * 75])
def test_whatever_stands_around_a_slot_both_builds_say_the_same(around: list[str]) -> None:
    before, between, after = around
    text = f"{before}https://unsubscribe.slot.invalid/{between}reader@slot.invalid{after}"
    require_same(*both(text=text, html=text))


@pytest.mark.parametrize(
    "public_url", ["http://127.0.0.1:8000", "https://münchen.example", f"https://{'long.' * 14}example"]
)
def test_whatever_the_public_url_is_both_builds_say_the_same(public_url: str) -> None:
    require_same(*both(public_url=public_url))


def test_a_newsletter_that_counts_no_clicks_leads_straight_to_every_target() -> None:
    joined, full = both(newsletter=replace(NEWSLETTER, clicks=Tracking.OFF))
    require_same(joined, full)
    assert b"/l/" not in joined.content


@pytest.mark.parametrize("clicks", list(Tracking))
def test_who_wants_the_text_alone_gets_no_html_and_the_same_links(clicks: Tracking) -> None:
    text = (
        EVERY_SLOT_IN_TEXT + "\nRead: https://site.example/two\n(https://site.example/two) https://site.example/two/3"
    )
    newsletter = replace(NEWSLETTER, clicks=clicks)
    joined, full = both(replace(READER, is_text_only=True), text=text, newsletter=newsletter)
    require_same(joined, full)
    ((kind, encoding, body),) = read(joined)[1]
    assert (kind, encoding) == ("text/plain", "quoted-printable")
    assert b"<p>" not in joined.content
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in joined.content
    assert b"https://site.example/two/3" in body, "an address that only begins like a link's is another one"
    assert body.count(b"/l/") == (2 if clicks.is_on else 0)
    assert (b"Read: https://site.example/two\r\n" in body) is not clicks.is_on


@given(text=st.text(alphabet=". =\t\nüx", max_size=300))
@example(text=".")
def test_whatever_the_text_alone_is_both_builds_say_the_same(text: str) -> None:
    require_same(*both(replace(READER, is_text_only=True), text=text))


@pytest.mark.parametrize("clicks", list(Tracking))
@pytest.mark.parametrize("opens", list(Tracking))
def test_only_what_is_noted_by_reader_differs_between_readers(clicks: Tracking, opens: Tracking) -> None:
    newsletter = replace(NEWSLETTER, clicks=clicks, opens=opens)
    html = f"<html><body>{EVERY_SLOT}</body></html>"
    seen = []
    for number in (7, 8):
        joined, full = both(Recipient(number, "ada@example.org", "Ada"), html=html, newsletter=newsletter)
        require_same(joined, full)
        text, markup = (content.decode() for *_, content in read(joined)[1])
        assert "/o/" not in text, "the picture stands in the HTML alone"
        assert "/l/" not in text
        seen.append((set(re.findall('/l/[^"]+', markup)), set(re.findall('/o/[^"]+', markup))))
    for one, other, tracking in zip(*seen, (clicks, opens), strict=True):
        assert bool(one) is tracking.is_on
        assert (one == other) is (tracking is not Tracking.INDIVIDUAL)


def test_a_reply_address_is_written_too() -> None:
    require_same(*both(newsletter=replace(NEWSLETTER, reply_to="talk@podcast.example")))


def test_who_may_leave_by_mail_gets_both_ways_on_one_line_that_is_signed() -> None:
    joined, full = both(
        reply_path=ReplyPath("replies@podcast.example", KEYS), public_url=f"https://{'news.' * 12}example"
    )
    require_same(joined, full)
    (line,) = (line for line in joined.content.split(b"\r\n") if line.startswith(b"List-Unsubscribe:"))
    mailto = rb"<mailto:(replies\+[a-z2-7]{36}@podcast\.example)\?subject=unsubscribe>"
    way_out = re.fullmatch(rb"List-Unsubscribe: <(https://[^<>\s]+/u/[\w-]+)>, " + mailto, line)
    assert way_out is not None
    assert by_leave_token(KEYS, [way_out[2].decode().upper()]) == Leaving(12, 77)
    signed = Signer((key("rsa"),)).sign(joined.content, is_whole=True)
    assert verifies(signed)
    assert not verifies(signed.replace(b"<mailto:replies+", b"<mailto:replier+"))


def test_without_a_mailbox_that_is_read_nobody_is_told_to_leave_by_mail() -> None:
    joined, full = both()
    assert b"mailto:" not in joined.content + full.content


def test_a_slot_without_a_value_makes_no_message_at_all() -> None:
    content = personal.content(RenderedRevision(9, 4, 1, "a" * 64, "x", EVERY_SLOT, "", NOW), TARGETS[:1])
    with pytest.raises(RenderError, match="left without its value"):
        Prebuilt(content, NEWSLETTER, mailing_id=12, issue_number=41, public_url=PUBLIC_URL, keys=KEYS)


def prebuilt() -> Prebuilt:
    content = personal.content(RenderedRevision(9, 4, 1, "a" * 64, "x", EVERY_SLOT, "", NOW), TARGETS)
    return Prebuilt(content, NEWSLETTER, mailing_id=12, issue_number=41, public_url=PUBLIC_URL, keys=KEYS)


@pytest.mark.parametrize("address", ["ada", "a@b\r\nBcc: x@y.z", ".ada@example.org", "a da@example.org"])
def test_an_address_that_cannot_be_written_is_the_readers_trouble(address: str) -> None:
    with pytest.raises(InvalidError):
        prebuilt().message(Recipient(1, address, ""), date=NOW)


@given(name=HOSTILE)
@example(name="x\r\nBcc: y@z.example")
@example(name="x" * 2000)
def test_a_readers_name_adds_no_header(name: str) -> None:
    message = prebuilt().message(replace(READER, name=name), date=NOW)
    parsed = email.message_from_bytes(message.content, EmailMessage, policy=email.policy.compat32)
    assert parsed.keys() == email.message_from_bytes(both()[1].content).keys()


@given(text=st.text(alphabet=".=ab \n", max_size=400) | st.text(max_size=300))
@example(text="." * 400)
@example(text="x" * 75 + "." * 90)
@example(text="x" * 75 + " \n")
@example(text="." * 74 + "\t")
def test_no_line_of_quoted_printable_begins_with_a_dot_or_is_too_long(text: str) -> None:
    lines = quoted_printable(text).split(b"\r\n")
    assert not any(line.startswith(b".") for line in lines)
    assert max(map(len, lines)) <= 76


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_signature_holds_and_breaks_with_what_it_covers(kind: str) -> None:
    joined, _ = both(html=MANY_LINKS, links=LINKS)
    signed = Signer((key(kind),)).sign(joined.content, is_whole=True)
    assert verifies(signed)
    require_ready(replace(joined, content=signed))
    for name in (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe: <https://"):
        assert name in signed
        assert not verifies(signed.replace(name, name + b"x"))
    assert not verifies(signed.replace(b"Modelle", b"Modella", 1))
