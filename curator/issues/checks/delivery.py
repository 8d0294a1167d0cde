"""Rules about arriving: headers as they leave, sizes, the text part, what spam filters dislike, and who gets it."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from curator.issues.checks.features import beyond
from curator.issues.checks.programs import failed, look_of, not_asked
from curator.issues.checks.values import Facts, Group, Level, Page, Rule, Spot
from curator.issues.checks.words import name_of, short
from curator.issues.markup.read import Ink, Markup, Run
from curator.issues.preflight.values import Machine, MailLook
from curator.issues.proof import Proof
from curator.issues.values import DocumentEntry, DocumentSection, Placement
from curator.newsletters.look import contrast

MOST_STYLE_BYTES = 16_000
"""Gmail leaves out a style block from 16 KB on, and all colours of the dark scheme with it."""

_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
_KNOWN = frozenset(
    {
        *(*_ONCE, "Reply-To", "List-Post", "List-Help", "List-Archive", "Feedback-ID", "Precedence"),
        *("Content-Language", "MIME-Version", "Content-Type", "DKIM-Signature"),
    }
)
_ONE_CLICK = "List-Unsubscribe=One-Click"
_COVERED = ("from", "subject", "list-unsubscribe", "list-unsubscribe-post")
_WAY_OUT = re.compile(r"<(https?)://([^\s<>,/:]+)[^\s<>,]*>")
_THIS_MACHINE = ("localhost", "127.0.0.1")
# Below, words are told from their ground by nobody.
_INVISIBLE = 1.3
_SMALLEST_PX = 4
_FEW_CHARACTERS = 300
_CHARACTERS_A_PICTURE = 60
# What SpamAssassin is set to by default.
_SPAM = 5.0
_A_FEW = 10


def _styles(facts: Facts) -> Iterator[Spot]:
    if (read := _markup(facts)) is not None and read.style_bytes > MOST_STYLE_BYTES:
        words = f"The mail's style block has {read.style_bytes / 1000:.1f} KB, and Gmail leaves it out from 16 KB on."
        yield Spot(words, "Take rules out of the template.", where="the whole mail")


def _no_message(facts: Facts) -> Iterator[Spot]:
    if facts.proof is not None and facts.proof.error:
        yield Spot(f"No message can be made of it: {facts.proof.error}", where="the message")


def _headers(facts: Facts) -> Iterator[Spot]:
    if (proof := _proof(facts)) is None:
        return
    names = [name for name, _ in proof.headers]
    for name in _ONCE:
        if (times := names.count(name)) != 1:
            yield _header(f"The header {name} stands {times} times in the message; it has to stand there once.", name)
    for name in dict.fromkeys(names):
        if name not in _KNOWN:
            yield _header(f"The message has a header that nobody meant: {name[:40]}.", name)


def _one_click(facts: Facts) -> Iterator[Spot]:
    if (proof := _proof(facts)) is None:
        return
    given = dict(proof.headers)
    if not _WAY_OUT.match(given.get("List-Unsubscribe", "")):
        words = "The header List-Unsubscribe has no address on one line: mail programs would show no button."
        yield _header(words, "List-Unsubscribe")
    if given.get("List-Unsubscribe-Post") != _ONE_CLICK:
        words = f"The header List-Unsubscribe-Post does not say {_ONE_CLICK}, which Gmail and Yahoo ask for."
        yield _header(words, "List-Unsubscribe-Post")


def _one_click_secure(facts: Facts) -> Iterator[Spot]:
    if (proof := _proof(facts)) is None:
        return
    found = _WAY_OUT.match(dict(proof.headers).get("List-Unsubscribe", ""))
    if found is not None and found[1] == "http" and found[2] not in _THIS_MACHINE:
        words = "The one-click link to unsubscribe is not encrypted, and mail programs show no button for it."
        yield Spot(words, "CURATOR_PUBLIC_URL has to begin with https://.", about="one-click", seen=found[2])


def _signed(facts: Facts) -> Iterator[Spot]:
    if (proof := _proof(facts)) is None:
        return
    for names in proof.signed:
        if missing := [name for name in _COVERED if name not in names]:
            words = f"A DKIM signature does not cover {', '.join(missing)}: the button to unsubscribe would not count."
            yield _header(words, f"DKIM {missing[0]}")


def _links_in_text(facts: Facts) -> Iterator[Spot]:
    if facts.mail is None:
        return
    names = _names(facts)
    for link in {link.url: link for link in facts.mail.links if link.placement is not Placement.PAGE}.values():
        if link.url not in facts.mail.text:
            where = names.get(link.block_id or 0, "the mail")
            words = f"A link of {where} is not in the text part: {link.url}"
            yield Spot(words, "Whoever reads mail as text cannot follow it.", where, link.block_id, about=link.url)


def _words_in_text(facts: Facts) -> Iterator[Spot]:
    if facts.mail is None:
        return
    text = _squeezed(facts.mail.text)
    for section, entry in _entries(facts):
        titles = (entry.title, *(item.title for item in (*entry.items, *entry.episodes)))
        for title in titles:
            if _squeezed(title) not in text:
                words = f"“{title}” is not in the text part."
                yield Spot(words, "", name_of(section, entry), entry.block_id, about=title)


def _address_in_both(facts: Facts) -> Iterator[Spot]:
    read, address = _markup(facts), _squeezed(facts.document.postal_address)
    if facts.mail is None or read is None or not address:
        return
    for name, part in (("HTML", read.words), ("text", facts.mail.text)):
        if address not in _squeezed(part):
            words = f"The postal address is not in the mail's {name}."
            yield Spot(words, "Put it back into the template.", where=f"the mail's {name}", about=name)


def _invisible(facts: Facts) -> Iterator[Spot]:
    if (read := _markup(facts)) is None:
        return
    for run in read.runs:
        if run.is_spoken and any(letter.isalnum() for letter in run.words) and _nobody_sees(run):
            words = f"“{short(run.words)}” is written so that nobody sees it, which spam filters know."
            yield Spot(words, "Take it out, or let it be seen.", where="the mail", about=short(run.words))


def _only_pictures(facts: Facts) -> Iterator[Spot]:
    if (read := _markup(facts)) is None or not read.pictures:
        return
    said, pictures = len(read.words), len(read.pictures)
    if said < _FEW_CHARACTERS:
        words = f"The mail has {said} characters of text beside its pictures, and spam filters distrust that."
        yield Spot(words, "Say more in words.", about="pictures", seen=f"{said // 50}")
    elif said < pictures * _CHARACTERS_A_PICTURE:
        words = f"The mail has {pictures} pictures and few words: {said} characters."
        yield Spot(words, "Take pictures out, or say more.", about="pictures", seen=f"{pictures} {said // 50}")


def _features(facts: Facts) -> Iterator[Spot]:
    if (read := _markup(facts)) is not None and (found := beyond(read)):
        told = ", ".join(found[:8])
        words = f"The mail uses what not all mail programs know: {told}."
        yield Spot(words, "Look at it on caniemail.com, or take it out.", about="features", seen="\n".join(found))


def _readers_jump(facts: Facts) -> Iterator[Spot]:
    before, now = facts.readers_before, facts.readers
    if before is None or not now or max(before, now) < _A_FEW or before <= 2 * now <= 4 * before:
        return
    change = "half of" if now < before else "double"
    words = f"It would go to {now:,} readers, and the last issue went to about {before:,}: beyond {change} that."
    yield Spot(words, "Is that meant?", page=Page.READERS, about="audience", seen=f"{before} {now}")


def _spam(facts: Facts) -> Iterator[Spot]:
    look = look_of(facts, Machine.SPAM)
    if look is not None and (look.score or 0) >= _SPAM:
        yield _spam_spot(look, f"a filter that is set as usual takes it for spam from {_SPAM:.0f} on")


def _spam_points(facts: Facts) -> Iterator[Spot]:
    look = look_of(facts, Machine.SPAM)
    if look is not None and 0 < (look.score or 0) < _SPAM:
        yield _spam_spot(look, "0 or less is good")


def _spam_spot(look: MailLook, told: str) -> Spot:
    rules = ", ".join(note.rule for note in look.notes if note.points > 0)
    words = f"SpamAssassin gives it {look.score:.1f} points, and {told}."
    return Spot(
        words, f"For {rules}." if rules else "", page=Page.LOOKS, about="spam score", seen=f"{look.score} {rules}"
    )


def _markup(facts: Facts) -> Markup | None:
    return None if facts.mail is None else facts.mail.markup


def _proof(facts: Facts) -> Proof | None:
    return None if facts.proof is None or facts.proof.error else facts.proof


def _header(words: str, name: str) -> Spot:
    return Spot(words, "This is for whoever runs the installation.", where="the message", about=name[:80])


def _nobody_sees(run: Run) -> bool:
    return run.size < _SMALLEST_PX or any(_ratio(ink) < _INVISIBLE for ink in (run.light, run.dark))


def _ratio(ink: Ink) -> float:
    return 21.0 if ink.color is None or ink.ground is None else contrast(ink.color, ink.ground)


def _entries(facts: Facts) -> Iterator[tuple[DocumentSection, DocumentEntry]]:
    return ((section, entry) for section in facts.document.sections for entry in section.entries)


def _names(facts: Facts) -> dict[int, str]:
    return {entry.block_id: name_of(section, entry) for section, entry in _entries(facts)}


def _squeezed(text: str) -> str:
    """The text part is broken into lines, long words too."""
    return "".join(text.split())


def _rule(
    level: Level, code: str, fine: str, look: Callable[[Facts], Iterator[Spot]], *, is_tickable: bool = True
) -> Rule:
    return Rule(code, Group.DELIVERY, level, fine, look, is_tickable=is_tickable)


_failed = partial(failed, machine=Machine.SPAM, words="The spam filter could not look at it")
_not_asked = partial(not_asked, machine=Machine.SPAM, words="The spam filter has not looked at the mail as it is now.")

RULES: Sequence[Rule] = (
    _rule(Level.BLOCKS, "style-size", "Its style block is small enough.", _styles, is_tickable=False),
    _rule(Level.BLOCKS, "message", "A message can be made of it.", _no_message, is_tickable=False),
    _rule(Level.BLOCKS, "headers", "It has the headers that it should, and no others.", _headers, is_tickable=False),
    _rule(Level.BLOCKS, "one-click", "One press unsubscribes.", _one_click, is_tickable=False),
    _rule(Level.WARNS, "one-click-secure", "The way out is encrypted.", _one_click_secure),
    _rule(Level.BLOCKS, "signed", "Its signatures cover what they must.", _signed, is_tickable=False),
    _rule(Level.BLOCKS, "text-links", "Every link is in the text part too.", _links_in_text),
    _rule(Level.BLOCKS, "text-words", "Every title is in the text part too.", _words_in_text),
    _rule(Level.BLOCKS, "postal-address-parts", "The postal address is in both parts.", _address_in_both),
    _rule(Level.WARNS, "invisible", "No words are hidden.", _invisible),
    _rule(Level.WARNS, "pictures-only", "It is more than pictures.", _only_pictures),
    _rule(Level.WARNS, "features", "It uses only what mail programs know.", _features),
    _rule(Level.WARNS, "readers-jump", "About as many get it as the last one.", _readers_jump),
    _rule(Level.BLOCKS, "spam", "No spam filter takes it for spam.", _spam),
    _rule(Level.WARNS, "spam-points", "No spam filter gives it points.", _spam_points),
    _rule(Level.WARNS, "spam-failed", "No spam filter failed.", _failed),
    _rule(
        Level.WARNS,
        "spam-not-asked",
        "No spam filter is still to be asked.",
        _not_asked,
    ),
)
"""In the order of the list."""
