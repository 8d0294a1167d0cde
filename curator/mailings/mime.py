"""One reader's message as bytes, written by hand: the standard library folds, encodes and injects. Pure."""

import re
import struct
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import format_datetime

import idna

from curator import tokens
from curator.audience.values import Recipient
from curator.errors import InvalidError, RenderError
from curator.issues.values import Rendered
from curator.mailings import personal
from curator.mailings.personal import Content, OwnLinks
from curator.mailings.quoted_printable import quoted_printable
from curator.mailings.reply_path import ReplyPath, ways_out
from curator.mailings.values import Outgoing, Sender
from curator.newsletters.values import NewsletterSpec

# "=_" cannot occur in quoted-printable text, so no part can contain the boundary (RFC 2045 6.7).
_BOUNDARY = "=_curator-part"
TEXT, HTML = "text/plain", "text/html"
END = f"--{_BOUNDARY}--\r\n".encode()
"""What stands behind the last part."""
# Control characters, line and paragraph separators, and lone surrogates, which no encoding can write.
_UNFIT = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_FOLD_AT = 78
# 39 bytes make an encoded word of 64 characters: with "Reply-To: " before it the line stays within 78.
_WORD_BYTES = 39
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_NOT_SAFE_IN_ID = re.compile(r"[^A-Za-z0-9-]+")
_LONGEST_LINE = 998

Header = tuple[str, str]
_TEXT_ALONE = [("Content-Type", f"{TEXT}; charset=utf-8"), ("Content-Transfer-Encoding", "quoted-printable")]


@dataclass(frozen=True)
class OwnHeaders:
    """The values of the headers that differ between readers, in the order in which they stand."""

    to: str
    date: str
    message_id: str
    unsubscribe: str


def message(
    content: Content,
    recipient: Recipient,
    newsletter: NewsletterSpec,
    *,
    mailing_id: int,
    issue_number: int,
    date: datetime,
    public_url: str,
    keys: tokens.Keys,
    reply_path: ReplyPath | None = None,
) -> Outgoing:
    """Returns the message that one reader gets; `personal.content` makes the content, once for a whole mailing.

    Raises InvalidError("address") when the reader's address cannot be written, RenderError when the message itself
    would be wrong (a header that nobody meant, a slot without its value, a sender that is no address).
    """
    to, sender = written_address(recipient.address), own_address(newsletter.sender_address)
    links = personal.own_links(
        content,
        newsletter,
        mailing_id=mailing_id,
        issue_number=issue_number,
        subscriber_id=recipient.subscriber_id,
        public_url=public_url,
        keys=keys,
    )
    domain = sender.rpartition("@")[2]
    mailto = None if reply_path is None else reply_path.leave_url(mailing_id, recipient.subscriber_id)
    own = OwnHeaders(
        mailbox(recipient.name, to),
        format_datetime(date),
        message_id(keys, mailing_id=mailing_id, subscriber_id=recipient.subscriber_id, domain=domain),
        ways_out(links.unsubscribe, mailto),
    )
    alone = recipient.is_text_only
    head = checked_head(headers(newsletter, content.subject, issue_number=issue_number, own=own, is_text_only=alone))
    body = text_body if alone else _body
    return Outgoing(
        delivery_key=f"{mailing_id}.{recipient.subscriber_id}",
        sender=sender,
        recipient=to,
        content=head + body(content, links, recipient.address),
        needs_smtputf8=not to.isascii(),
    )


def headers(
    newsletter: NewsletterSpec, subject: str, *, issue_number: int, own: OwnHeaders, is_text_only: bool = False
) -> list[Header]:
    """Returns the headers of one reader's message. Raises RenderError when the newsletter's address is none."""
    sender = own_address(newsletter.sender_address)
    domain = sender.rpartition("@")[2]
    return [
        ("From", mailbox(newsletter.sender_name, sender)),
        ("To", own.to),
        *([("Reply-To", mailbox("", own_address(newsletter.reply_to)))] if newsletter.reply_to else []),
        ("Subject", _text(subject, after="Subject")),
        ("Date", own.date),
        ("Message-ID", own.message_id),
        ("List-Id", f"<{_NOT_SAFE_IN_ID.sub('-', newsletter.slug)}.{domain}>"),
        # Never folded nor encoded, however long: mail programs look for "<https://" on this one line.
        ("List-Unsubscribe", own.unsubscribe),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Post", "NO"),
        ("Feedback-ID", _feedback_id(newsletter, issue_number, domain)),
        ("Precedence", "bulk"),
        ("Content-Language", _NOT_SAFE_IN_ID.sub("-", newsletter.language)),
        ("MIME-Version", "1.0"),
        *(_TEXT_ALONE if is_text_only else [("Content-Type", f'multipart/alternative; boundary="{_BOUNDARY}"')]),
    ]


def letter_message(
    rendered: Rendered,
    *,
    letter_id: int,
    subject: str,
    sender: Sender,
    to: tuple[str, str],
    date: datetime,
    keys: tokens.Keys,
    more: Sequence[Header] = (),
) -> Outgoing:
    """Returns a letter to one person; `to` is their name and address, `more` are headers of its kind.

    Raises as `message` does.
    """
    name, address = to[0], written_address(to[1])
    own = own_address(sender.address)
    headers = [
        ("From", mailbox(sender.name, own)),
        ("To", mailbox(name, address)),
        *([("Reply-To", mailbox("", own_address(sender.reply_to)))] if sender.reply_to else []),
        ("Subject", _text(subject, after="Subject")),
        ("Date", format_datetime(date)),
        ("Message-ID", letter_message_id(keys, letter_id, domain=own.rpartition("@")[2])),
        # RFC 3834 5: nobody's absence is to be answered to a machine.
        ("Auto-Submitted", "auto-generated"),
        *more,
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{_BOUNDARY}"'),
    ]
    content = checked_head(headers) + _alternative(rendered.text, rendered.html)
    return Outgoing(f"letter.{letter_id}", own, address, content, needs_smtputf8=not address.isascii())


def letter_message_id(keys: tokens.Keys, letter_id: int, *, domain: str) -> str:
    """Returns the Message-ID of a letter, made like that of a delivery: a letter that is sent again keeps it."""
    token = tokens.sign(keys, tokens.Purpose.MESSAGE_ID, struct.pack(">Q", letter_id))
    return f"<l{letter_id}.{token[-12:]}@{domain}>"


def message_id(keys: tokens.Keys, *, mailing_id: int, subscriber_id: int, domain: str) -> str:
    """Returns the Message-ID of a delivery, in angle brackets: the same however often it is built with the same key.

    Its last part is a MAC, so an event that names it comes from somebody who saw the message.
    """
    token = tokens.sign(keys, tokens.Purpose.MESSAGE_ID, struct.pack(">QQ", mailing_id, subscriber_id))
    # The token ends with its MAC: 12 characters are 9 of its 10 bytes.
    return f"<m{mailing_id}.s{subscriber_id}.{token[-12:]}@{domain}>"


def clean(text: str) -> str:
    """Returns a text as a header may carry it: one line, no control characters, nothing that reads as encoded."""
    # A reader's program (and Python 3.11's own parser) decodes "=?utf-8?q?...?=" wherever it stands, line breaks in it
    # included; the space takes its meaning away and leaves the words.
    return _UNFIT.sub(" ", text).strip(" ").replace("=?", "= ?")


def _text(text: str, *, after: str) -> str:
    cleaned = clean(text)
    is_plain = cleaned.isascii() and all(len(word) < _FOLD_AT - len(after) - 3 for word in cleaned.split(" "))
    return _folded(cleaned, used=len(after) + 2) if is_plain else _encoded(cleaned)


def _folded(text: str, *, used: int) -> str:
    lines, line = [], ""
    for word in text.split(" "):
        if line and used + len(line) + 1 + len(word) > _FOLD_AT:
            lines.append(line)
            line, used = word, 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _encoded(text: str) -> str:
    """Returns a text as encoded words of whole characters (RFC 2047)."""
    pieces, piece = [], b""
    for character in text:
        raw = character.encode()
        if len(piece) + len(raw) > _WORD_BYTES:
            pieces.append(piece)
            piece = b""
        piece += raw
    return "\r\n ".join(f"=?utf-8?b?{b64encode(each).decode()}?=" for each in [*pieces, piece])


def mailbox(name: str, address: str) -> str:
    """Returns a name and a written address as From and To have them, folded where they are long."""
    cleaned = clean(name)
    if not cleaned:
        return address
    if cleaned.isascii() and len(cleaned) < 60:
        escaped = cleaned.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"\r\n <{address}>' if len(cleaned) + len(address) > 60 else f'"{escaped}" <{address}>'
    return f"{_encoded(cleaned)}\r\n <{address}>"


def written_address(address: str) -> str:
    """Returns an address as SMTP writes it: its domain in ASCII (IDNA 2008), its local part as it is.

    Raises InvalidError("address").
    """
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidError("address", "the domain of this address cannot be written in a message") from error
    if not _LOCAL.fullmatch(local) or _UNFIT.search(local) or not _DOMAIN.fullmatch(ascii_domain):
        raise InvalidError("address", "this address cannot be written in a message")
    return f"{local}@{ascii_domain}"


def own_address(address: str) -> str:
    """Returns an address of ours as SMTP writes it; raises RenderError when mail cannot come from it."""
    try:
        written = written_address(address)
    except InvalidError as error:
        raise RenderError(f"The newsletter's own address {address!r} is not one that mail can come from.") from error
    if not written.isascii():
        raise RenderError(f"The newsletter's own address {address!r} has letters outside ASCII before the @.")
    return written


def _feedback_id(newsletter: NewsletterSpec, issue_number: int, domain: str) -> str:
    # The last field names the sender to Gmail (5 to 15 characters); nothing in it may differ between readers.
    sender_id = domain.replace(".", "").replace("-", "")[:15].ljust(5, "0")
    return f"issue-{issue_number}:{_NOT_SAFE_IN_ID.sub('-', newsletter.slug)}:newsletter:{sender_id}"


def _body(content: Content, links: OwnLinks, address: str) -> bytes:
    return _alternative(personal.text_of(content, links, address), personal.html_of(content, links, address))


def text_body(content: Content, links: OwnLinks, address: str) -> bytes:
    """Returns the body of a message for a reader who wants the text alone."""
    return alone(quoted_printable(personal.alone_of(content, links, address)))


def alone(encoded: bytes) -> bytes:
    """Returns a body of one part, whose text is quoted-printable already."""
    return encoded if encoded.endswith(b"\r\n") else encoded + b"\r\n"


def _alternative(text: str, markup: str) -> bytes:
    return part(TEXT, quoted_printable(text)) + part(HTML, quoted_printable(markup)) + END


def part(kind: str, encoded: bytes) -> bytes:
    """Returns one part of a message, whose text is quoted-printable already."""
    heading = (
        f"--{_BOUNDARY}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return heading.encode() + encoded + b"\r\n"


def checked_head(headers: Sequence[Header]) -> bytes:
    """Returns headers as bytes, with the empty line behind them.

    Raises RenderError unless a parser finds exactly the headers that were meant, each line short enough.
    """
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n"
    if BytesHeaderParser(policy=compat32).parsebytes(head).keys() != [name for name, _ in headers]:
        raise RenderError("The message would carry headers that nobody wrote, so it was not made.")
    if max(map(len, head.split(b"\r\n"))) > _LONGEST_LINE:
        raise RenderError("A header of the message would be too long, so it was not made.")
    return head
