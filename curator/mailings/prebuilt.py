"""The messages of a mailing, encoded once and joined for each reader: `mime.message` in a fraction of its time. Pure.

What stands between two of a reader's own values is quoted-printable text of its own, so a value is found at once,
however the lines around it were folded; it begins a line, and a soft break ends it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from operator import itemgetter

from curator import tokens
from curator.audience import links as own
from curator.audience.values import Recipient
from curator.errors import RenderError
from curator.issues import slots
from curator.issues.slots import Slotted
from curator.issues.values import (
    PIXEL_SLOT,
    PREFERENCES_SLOT,
    READER_SLOT,
    UNSUBSCRIBE_SLOT,
    WEB_VERSION_SLOT,
    Link,
    link_slot,
)
from curator.mailings import mime, personal
from curator.mailings.click_links import NOBODY, ClickLink, ClickPress, click_token, click_url, open_token, open_url
from curator.mailings.mime import OwnHeaders
from curator.mailings.personal import Content
from curator.mailings.quoted_printable import LINE, SOFT_BREAK, quoted_printable
from curator.mailings.reply_path import ReplyPath, ways_out
from curator.mailings.values import Outgoing
from curator.newsletters.values import NewsletterSpec, Tracking

# What stands in a header's place until its value is known; no header may hold one.
_GAP = "\0"
# The longest token, an unsubscribe link's, has 36 characters; a soft break comes behind it.
_TOKEN_ROOM = 40
# Values that stand in quoted-printable as they are, on a line of their own.
_PLAIN = re.compile(r"[!-\-/-<>-~][!-<>-~]{0,74}")
# One header's value, folded or not, whose lines stay within 998 bytes with the longest of the names.
_ONE_HEADER = re.compile(rb"[^\r\n\0]{1,980}(?:\r\n [^\r\n\0]{1,980})*")
_READER_IN_HTML = "reader, in HTML"
_OWN_HEADERS = ("to", "date", "message id", "way out")
_OWN = (*_OWN_HEADERS, UNSUBSCRIBE_SLOT, PREFERENCES_SLOT, READER_SLOT, _READER_IN_HTML, PIXEL_SLOT)
"""A reader's own values, in the order in which `Prebuilt` makes them; the tokens of links follow."""


class Prebuilt:
    """One mailing's messages. Raises RenderError when not one of them could be made."""

    def __init__(
        self,
        content: Content,
        newsletter: NewsletterSpec,
        *,
        mailing_id: int,
        issue_number: int,
        public_url: str,
        keys: tokens.Keys,
        reply_path: ReplyPath | None = None,
    ) -> None:
        self._keys, self._mailing_id, self._newsletter_id = keys, mailing_id, newsletter.id
        self._sender = mime.own_address(newsletter.sender_address)
        self._domain = self._sender.rpartition("@")[2]
        self._public_url, self._reply_path = public_url, reply_path
        web_version = own.issue_url(public_url, newsletter.slug, issue_number)
        text, in_text = _encoded(content.text, {WEB_VERSION_SLOT: web_version}, self._leads())
        self._names_opener = newsletter.opens is Tracking.INDIVIDUAL
        clicks = _Clicks(web_version, newsletter.clicks)
        markup, in_html = self._html(content, clicks)
        alone, in_alone = self._alone(content, clicks)
        heads = [
            mime.checked_head(
                mime.headers(
                    newsletter,
                    content.subject,
                    issue_number=issue_number,
                    own=OwnHeaders(_GAP, _GAP, _GAP, _GAP),
                    is_text_only=is_text_only,
                )
            )
            for is_text_only in (False, True)
        ]
        numbers = {link_slot(link.number): link.number for link in (slots.CANARY, *content.links)}
        clicked = [slot for slot in dict.fromkeys((*in_html, *in_alone)) if slot in numbers]
        made = {name: place for place, name in enumerate((*_OWN, *clicked))}
        whole = heads[0] + mime.part(mime.TEXT, text) + mime.part(mime.HTML, markup) + mime.END
        # By whether the text alone is wanted: two templates, and no decision for a message beyond which one.
        self._templates = (
            _template(whole, made, (*in_text, *in_html)),
            _template(heads[1] + mime.alone(alone), made, in_alone),
        )
        self._date: tuple[datetime, str] | None = None
        self._clicks = ClickPress(keys, mailing_id=mailing_id, links=[numbers[slot] for slot in clicked])

    def message(self, recipient: Recipient, *, date: datetime) -> Outgoing:
        """Returns the message that one reader gets, the same as `mime.message` makes once it is decoded.

        Raises InvalidError("address") and RenderError as that does.
        """
        to = mime.written_address(recipient.address)
        values = self._own_values(recipient, to, date) + self._clicks.tokens(recipient.subscriber_id)
        pieces, in_order = self._templates[recipient.is_text_only]
        parts = [b""] * (2 * len(pieces) - 1)
        parts[::2] = pieces
        parts[1::2] = in_order(values)
        return Outgoing(
            delivery_key=f"{self._mailing_id}.{recipient.subscriber_id}",
            sender=self._sender,
            recipient=to,
            content=b"".join(parts),
            needs_smtputf8=not to.isascii(),
            needs_stuffing=False,
        )

    def _own_values(self, recipient: Recipient, to: str, date: datetime) -> tuple[bytes, ...]:
        keys, id_ = self._keys, recipient.subscriber_id
        way_out = own.unsubscribe_token(keys, self._newsletter_id, id_, mailing_id=self._mailing_id)
        mailto = None if self._reply_path is None else self._reply_path.leave_url(self._mailing_id, id_)
        headers = (
            mime.mailbox(recipient.name, to),
            self._written(date),
            mime.message_id(keys, mailing_id=self._mailing_id, subscriber_id=id_, domain=self._domain),
            ways_out(own.unsubscribe_url(self._public_url, way_out), mailto),
        )
        return (
            *map(_one_header, headers),
            way_out.encode(),
            own.preferences_token(keys, id_).encode(),
            _alone(recipient.address),
            _alone(slots.attribute(recipient.address)),
            self._opener(id_),
        )

    def _opener(self, subscriber_id: int) -> bytes:
        if not self._names_opener:
            return b""
        return open_token(self._keys, mailing_id=self._mailing_id, subscriber_id=subscriber_id).encode()

    def _written(self, date: datetime) -> str:
        # Hundreds of messages leave in one second, which is as fine as the header is.
        second = date.replace(microsecond=0)
        if self._date is None or self._date[0] != second:
            self._date = (second, format_datetime(second))
        return self._date[1]

    def _html(self, content: Content, clicks: "_Clicks") -> tuple[bytes, list[str]]:
        fixed, leads = self._filled(content, clicks)
        if self._names_opener:
            leads[PIXEL_SLOT] = open_url(self._public_url, "")
        else:
            everybodys = open_token(self._keys, mailing_id=self._mailing_id, subscriber_id=NOBODY)
            fixed[PIXEL_SLOT] = open_url(self._public_url, everybodys)
        markup, names = _encoded(
            content.html, *({slot: slots.attribute(url) for slot, url in each.items()} for each in (fixed, leads))
        )
        return markup, [_READER_IN_HTML if name == READER_SLOT else name for name in names]

    def _alone(self, content: Content, clicks: "_Clicks") -> tuple[bytes, list[str]]:
        """Returns the text for those who want nothing else: their clicks count as everybody's do."""
        return _encoded(content.alone, *self._filled(content, clicks))

    def _filled(self, content: Content, clicks: "_Clicks") -> tuple[dict[str, str], dict[str, str]]:
        """Returns what is the same for everybody, and what comes before a reader's own values."""
        fixed, leads = {WEB_VERSION_SLOT: clicks.web_version}, self._leads()
        match clicks.tracking:
            case Tracking.INDIVIDUAL:
                leads |= personal.clicks(content, lambda _: click_url(self._public_url, ""))
            case Tracking.AGGREGATE:
                fixed |= personal.clicks(content, self._everybodys)
            case Tracking.OFF:
                fixed |= personal.clicks(content, personal.straight(clicks.web_version))
        return fixed, leads

    def _everybodys(self, link: Link) -> str:
        """Returns the way to a link that is the same in every message."""
        token = click_token(self._keys, ClickLink(self._mailing_id, link.number, NOBODY))
        return click_url(self._public_url, token)

    def _leads(self) -> dict[str, str]:
        """Returns what stands before each of a reader's own values: the URL up to its token."""
        return {
            UNSUBSCRIBE_SLOT: own.unsubscribe_url(self._public_url, ""),
            PREFERENCES_SLOT: own.preferences_url(self._public_url, ""),
            READER_SLOT: "",
        }


@dataclass(frozen=True)
class _Clicks:
    """How clicks are counted, and where the link leads that has no target."""

    web_version: str
    tracking: Tracking


def _template(
    content: bytes, made: Mapping[str, int], names: Sequence[str]
) -> tuple[list[bytes], Callable[[Sequence[bytes]], tuple[bytes, ...]]]:
    """Returns what stands between a reader's own values, and what takes these in their order out of all made."""
    return content.split(_GAP.encode()), itemgetter(*(made[name] for name in (*_OWN_HEADERS, *names)))


def _encoded(slotted: Slotted, fixed: Mapping[str, str], leads: Mapping[str, str]) -> tuple[bytes, list[str]]:
    """Returns a part as quoted-printable text with a gap for each of a reader's own values, and the gaps' names.

    `fixed` are values that are the same for everybody, `leads` what comes before those that are not. Raises RenderError
    when there is a slot without either.
    """
    slotted.joined(dict.fromkeys((*fixed, *leads), ""))
    done, names, text = [], [], slotted.pieces[0]
    for slot, piece in zip(slotted.slots, slotted.pieces[1:], strict=True):
        if slot in fixed:
            text += fixed[slot] + piece
        else:
            done += [_to_line_end(text), _lead(leads[slot]), _GAP.encode(), SOFT_BREAK]
            names.append(slot)
            text = piece
    return b"".join((*done, quoted_printable(text))), names


def _to_line_end(text: str) -> bytes:
    """Returns a text as lines, the last of which is ended too."""
    encoded = _unended(text)
    return encoded if not encoded or encoded.endswith(b"\r\n") else encoded + SOFT_BREAK


def _unended(text: str) -> bytes:
    """Returns a text as lines, the last of which has room for a soft break."""
    return quoted_printable(text + "_").removesuffix(b"_")


def _lead(text: str) -> bytes:
    encoded = _unended(text)
    last_line = encoded.rpartition(b"\n")[2]
    return encoded if len(last_line) + _TOKEN_ROOM < LINE else _to_line_end(text)


def _alone(value: str) -> bytes:
    """Returns a value for its gap."""
    return value.encode() if _PLAIN.fullmatch(value) else _unended(value)


def _one_header(value: str) -> bytes:
    encoded = value.encode()
    if not _ONE_HEADER.fullmatch(encoded):
        raise RenderError("A header of the message would be too long or become two, so it was not made.")
    return encoded
