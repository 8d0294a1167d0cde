"""What a relay offers in its answer to EHLO, and whether a message fits it. Pure."""

import re
from dataclasses import dataclass

from curator.errors import TransportError
from curator.mailings.values import Outgoing

# Whatever could end a command or begin another one. Addresses are checked where they come in; this is the last gate.
_UNFIT_FOR_COMMAND = re.compile(r"[\x00-\x20\x7f<>\u0085\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class Offer:
    """The extensions that matter to us. `max_bytes` is None where the relay names no limit (RFC 1870)."""

    has_pipelining: bool = False
    has_starttls: bool = False
    has_smtputf8: bool = False
    has_8bitmime: bool = False
    has_size: bool = False
    max_bytes: int | None = None
    sign_in_ways: frozenset[str] = frozenset()


def read(words: bytes) -> Offer:
    """Returns what the lines after the first of an EHLO reply offer; what makes no sense is not offered."""
    offered: dict[str, set[str]] = {}
    for line in words.decode("ascii", "replace").split("\n")[1:]:
        # Old servers write "AUTH=LOGIN", from before RFC 2554.
        name, *values = line.upper().replace("AUTH=", "AUTH ").split() or [""]
        offered.setdefault(name, set()).update(values)
    sizes = [int(each) for each in offered.get("SIZE", ()) if each.isascii() and each.isdigit() and len(each) < 20]
    return Offer(
        has_pipelining="PIPELINING" in offered,
        has_starttls="STARTTLS" in offered,
        has_smtputf8="SMTPUTF8" in offered,
        has_8bitmime="8BITMIME" in offered,
        has_size="SIZE" in offered,
        # 0 says that there is no fixed limit.
        max_bytes=min((size for size in sizes if size), default=None),
        sign_in_ways=frozenset(offered.get("AUTH", ())),
    )


def unfit(message: Outgoing, offer: Offer) -> str | None:
    """Returns why this reader's message cannot be handed to a relay with this offer, None when it can.

    Raises TransportError for one that is too big: its size is ours, and the next reader's is too big as well.
    """
    if _UNFIT_FOR_COMMAND.search(message.sender + message.recipient):
        return "the address cannot be written in a mail command"
    if _is_beyond_ascii(message) and not offer.has_smtputf8:
        return "the relay cannot write to an address with letters outside ASCII (SMTPUTF8)"
    if offer.max_bytes is not None and len(message.content) > offer.max_bytes:
        what = f"has {len(message.content)} bytes, and the mail relay takes at most {offer.max_bytes} (SIZE)"
        raise TransportError(f"The message is too big: it {what}.", is_of_message=True)
    return None


def envelope(message: Outgoing, offer: Offer) -> tuple[bytes, bytes]:
    """Returns the commands that name a message's sender and its recipient."""
    options = f" SIZE={len(message.content)}" if offer.has_size else ""
    if _is_beyond_ascii(message):
        options += " SMTPUTF8 BODY=8BITMIME"
    elif offer.has_8bitmime and not message.content.isascii():
        options += " BODY=8BITMIME"
    mail = f"MAIL FROM:<{message.sender}>{options}\r\n"
    return mail.encode(), f"RCPT TO:<{message.recipient}>\r\n".encode()


def _is_beyond_ascii(message: Outgoing) -> bool:
    return message.needs_smtputf8 or not (message.sender.isascii() and message.recipient.isascii())
