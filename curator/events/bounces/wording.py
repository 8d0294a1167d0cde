"""What a report says that is written in words of its own: which addresses, and the words beside each. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from curator.events.parts import Fields, Part, fields_of, split

_MOST_TEXT = 60_000
_MOST_ADDRESSES = 20
_LONGEST_WORDS = 1_500
# Where the message that is given back begins.
_ITS_MESSAGE = re.compile(
    r"^[\W_]*(?:this is a copy of (?:the|your) |(?:below|here|included|attached|below this line)"
    r" (?:is|are) (?:a |the )?(?:copy|first)"
    r"|(?:the )?(?:original|returned|undelivered|unsent|rejected) (?:message|mail)(?: (?:follows|headers?|text|below)"
    r"[^\n]{0,40})?[\W_]*$|message (?:headers?|text|body) follows?"
    r"|(?:the )?headers? of (?:the|your) |your message follows"
    r"|(?:start|beginning) of (?:the |your )?(?:message|returned)|received ?: ?from|received ?: ?by|return-path ?:"
    r"|message-id ?:|dkim-signature ?:|received ?: ?\()",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(
    r"(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,62}\.){1,10}[a-z][a-z0-9-]{1,30}", re.IGNORECASE
)
_QUOTED = re.compile(r"^[ \t]{0,4}>(?!>>)[ \t]?", re.MULTILINE)
_MACHINES = re.compile(
    r"(?:mailer-daemon|postmaster|mail-daemon|no-?reply|abuse|support|help(?:desk)?)@", re.IGNORECASE
)
_FROM_HERE = ("to", "from", "return-path", "reply-to", "sender", "delivered-to", "cc")


@dataclass(frozen=True)
class Said:
    """The words that stand beside one address; "" where they name nobody."""

    recipient: str
    words: str


def text_of(found: Iterable[Part], *, returned: Iterable[str]) -> str:
    """Returns what a mail says before the message that it gives back; HTML only where there is no plain text."""
    plain: list[str] = []
    markup: list[str] = []
    for part in found:
        if part.kind in returned:
            break
        if part.kind.startswith("text/"):
            (markup if part.kind == "text/html" else plain).append(part.words)
    words = _QUOTED.sub("", "\n".join(plain if any(each.strip() for each in plain) else markup)[:_MOST_TEXT])
    ending = _ITS_MESSAGE.search(words)
    return words if ending is None else words[: ending.start()]


def said(fields: Fields, text: str, *, likely: Iterable[str] = ()) -> list[Said]:
    """Returns the addresses that a text complains of, with its words on each. `likely` are addresses known elsewise."""
    named = [each.strip().lower() for value in fields.get("x-failed-recipients", []) for each in value.split(",")]
    named = [each for each in named if "@" in each][:_MOST_ADDRESSES]
    places: dict[str, int] = {}
    for match in _ADDRESS.finditer(text):
        places.setdefault(match.group().lower().strip("'"), match.start())
    chosen = named or _chosen(fields, list(places), [each.lower() for each in likely], _leading(text))
    starts = sorted(places[each] for each in chosen if each in places)
    return [Said(each, _beside(text, places.get(each), starts)) for each in chosen] or [Said("", text[:_LONGEST_WORDS])]


def addresses_of_message(found: Iterable[Part], *, returned: Iterable[str]) -> list[str]:
    """Returns to whom the message went that is given back."""
    heads = [fields_of(split(part.content)[0]) for part in found if part.kind in returned]
    return [
        match.group().lower()
        for head in heads
        for value in head.get("to", [])[:5]
        for match in _ADDRESS.finditer(value[:2_000])
    ]


def _chosen(fields: Fields, places: list[str], likely: list[str], leading: set[str]) -> list[str]:
    ours = {
        match.group().lower()
        for name in _FROM_HERE
        for value in fields.get(name, [])[:5]
        for match in _ADDRESS.finditer(value[:2_000])
    }
    strangers = [each for each in places if each not in ours]
    people = [each for each in strangers if not _MACHINES.match(each)]
    listed = [each for each in people if each in leading]
    both = [each for each in places if each in likely]
    return (both or listed or people[:1] or likely[:1] or strangers[:1])[:_MOST_ADDRESSES]


def _leading(text: str) -> set[str]:
    """Returns the addresses with which a line begins: so they are listed."""
    starts = (line.lstrip(" \t<*-\"'")[:300] for line in text.splitlines())
    return {found.group().lower() for each in starts if (found := _ADDRESS.match(each))}


def _beside(text: str, start: int | None, starts: list[int]) -> str:
    if start is None:
        return text[:_LONGEST_WORDS]
    end = next((each for each in starts if each > start), len(text))
    return text[start : min(end, start + _LONGEST_WORDS)]
