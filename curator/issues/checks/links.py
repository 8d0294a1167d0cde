"""Rules about links: where they lead, what they say, and what a worker found at their end."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from urllib.parse import urlsplit

from curator.feeds.normalize import canonical_url, is_tracking
from curator.issues.checks.values import Facts, Group, Level, LinkFacts, LinkFate, Page, Rule, Spot, fingerprint
from curator.issues.checks.words import name_of
from curator.issues.values import BlockKind

_SHORTENERS = frozenset(
    {
        *("adf.ly", "amzn.to", "bit.do", "bit.ly", "bl.ink", "buff.ly", "cutt.ly", "dlvr.it", "fb.me", "flip.it"),
        *("goo.gl", "ht.ly", "ift.tt", "is.gd", "j.mp", "lnkd.in", "mcaf.ee", "ow.ly", "rb.gy", "rebrand.ly", "s.id"),
        *("short.io", "shorturl.at", "snip.ly", "soo.gd", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "trib.al", "v.gd"),
    }
)
_SAYS_NOTHING = frozenset(
    {
        *("article", "click", "click here", "continue", "continue reading", "details", "go", "here", "learn more"),
        *("link", "more", "more here", "more info", "read", "read here", "read it here", "read more", "read on"),
        *("see here", "see more", "this", "this article", "this link", "this page", "this post", "website"),
    }
)
# What Markdown did not take for a link stays as it was written.
_NOT_TAKEN = re.compile(r"\[[^\[\]\n]{0,200}\]\(([^()\s]{1,200})[^()\n]{0,200}\)")
_CARRIES_ITSELF = re.compile(r"\bdata:(?:image|text|application|font)/", re.IGNORECASE)


def _broken(facts: Facts) -> Iterator[Spot]:
    for section in facts.document.sections:
        for entry in section.entries:
            for url in dict.fromkeys(_NOT_TAKEN.findall(entry.body_text)):
                name = name_of(section, entry)
                words = f"“{url}” in {name} is no link for readers: it has to begin with https:// and name a site."
                yield Spot(words, "Mend the link.", name, entry.block_id, about=_about(entry.block_id, url))


def _nowhere(facts: Facts) -> Iterator[Spot]:
    for section in facts.document.sections:
        for entry in section.entries:
            if entry.kind is BlockKind.PICK and not entry.link:
                name = name_of(section, entry)
                yield Spot(f"{name} leads nowhere.", "Give it a link under “Title and link”.", name, entry.block_id)


def _twice(facts: Facts) -> Iterator[Spot]:
    first: dict[str, LinkFacts] = {}
    told: set[tuple[str, int]] = set()
    for link in facts.links:
        if link.is_listen:
            continue  # episodes of one show stand at the same places
        known = first.setdefault(canonical_url(link.url) or link.url, link)
        place = (known.url, link.block_id)
        if known.block_id != link.block_id and place not in told:
            told.add(place)
            words = f"{link.where} leads to the same page as {known.where}: {link.url}"
            yield at(link)(words, "Take one of them out, unless it is meant.")


def _shortened(facts: Facts) -> Iterator[Spot]:
    for link in once(facts):
        if (host := _host(link.url)) in _SHORTENERS:
            words = f"A link in {link.where} goes by {host}: readers do not see where it leads, and filters dislike it."
            yield at(link)(words, "Link to the page itself.")


def _tracked(facts: Facts) -> Iterator[Spot]:
    on_board = {block.block_id for block in facts.blocks if block.kind in (BlockKind.PICK, BlockKind.TEXT)}
    for link in once(facts):
        if names := [name for name in _parameters(link.url) if is_tracking(name)]:
            words = f"A link in {link.where} carries what others track readers by: {', '.join(names[:4])}."
            is_ours = link.block_id in on_board and not link.is_listen
            yield at(link)(words, "Take that out of the link.", is_cleanable=is_ours)


def _plain_http(facts: Facts) -> Iterator[Spot]:
    by_host: dict[str, list[LinkFacts]] = {}
    for link in once(facts):
        if link.url.casefold().startswith("http://"):
            by_host.setdefault(_host(link.url), []).append(link)
    for host, found in by_host.items():
        words = f"{_count(len(found), 'link goes', 'links go')} to {host} by plain http: {found[0].url}"
        seen = "\n".join(link.url for link in found)
        first = found[0]
        yield Spot(words, "Try it with https://.", first.where, first.block_id, about=f"host {host}", seen=seen)


def _data(facts: Facts) -> Iterator[Spot]:
    for section in facts.document.sections:
        for entry in section.entries:
            if _CARRIES_ITSELF.search(f"{entry.body_text} {entry.image_url or ''} {entry.link or ''}"):
                name = name_of(section, entry)
                words = f"There is a data: address in {name}; mail programs show none."
                yield Spot(words, "Link to the file instead.", name, entry.block_id, seen=entry.body_text)


def _says_nothing(facts: Facts) -> Iterator[Spot]:
    for link in facts.links:
        said = link.words.strip(" .:!>»→…").casefold()
        if link.is_text and said in _SAYS_NOTHING:
            words = f"A link in {link.where} says only “{link.words.strip()}”."
            yield at(link)(words, "Let its words say where it leads: some readers hear links alone.")


def _dead(facts: Facts) -> Iterator[Spot]:
    for link in once(facts):
        look = facts.looks.get(link.url)
        if look is not None and look.fate is LinkFate.GONE:
            yield at(link)(
                f"A link in {link.where} is dead ({look.note}): {link.url}", "Mend it, or look for yourself."
            )


def _unsure(facts: Facts) -> Iterator[Spot]:
    for link in once(facts):
        look = facts.looks.get(link.url)
        if look is not None and look.fate is LinkFate.UNSURE:
            words = f"A link in {link.where} could not be looked at ({look.note}): {link.url}"
            yield at(link)(words, "Open it yourself.")


def _not_looked_at(facts: Facts) -> Iterator[Spot]:
    urls = web_urls(facts.links)
    if left := [url for url in urls if url not in facts.looks]:
        words = f"{_count(len(left), 'link has', 'links have')} not been looked at."
        yield Spot(words, "Have all links looked at.", page=Page.LINKS, about="links", seen="\n".join(left))


def web_urls(found: Iterable[LinkFacts]) -> list[str]:
    """Returns the addresses that a worker can look at, each once, in the order of the page."""
    return list(dict.fromkeys(link.url for link in found if link.url.casefold().startswith("http")))


def once(facts: Facts) -> Iterator[LinkFacts]:
    """Yields each address once, where it stands first."""
    yield from {link.url: link for link in reversed(facts.links)}.values()


def at(link: LinkFacts) -> "partial[Spot]":
    """Returns what makes a spot about a link, at its place."""
    about = _about(link.block_id, link.url)
    return partial(Spot, where=link.where, block_id=link.block_id, about=about, seen=link.url)


def _about(block_id: int, url: str) -> str:
    return f"block {block_id}, link {fingerprint(url)}"


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _parameters(url: str) -> list[str]:
    query = url.partition("#")[0].partition("?")[2]
    return [pair.partition("=")[0] for pair in query.split("&") if pair]


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _warning(code: str, fine: str, look: Callable[[Facts], Iterator[Spot]]) -> Rule:
    return Rule(code, Group.LINKS, Level.WARNS, fine, look)


RULES = (
    Rule("link-broken", Group.LINKS, Level.BLOCKS, "Every link is one for readers.", _broken),
    Rule("link-dead", Group.LINKS, Level.BLOCKS, "No link is known to be dead.", _dead),
    _warning("link-unsure", "No link refused to be looked at.", _unsure),
    _warning("link-not-looked-at", "Every link was looked at.", _not_looked_at),
    _warning("link-nowhere", "Every pick leads somewhere.", _nowhere),
    _warning("link-twice", "No two blocks lead to the same page.", _twice),
    _warning("link-shortened", "No link is shortened.", _shortened),
    _warning("link-tracked", "No link carries tracking.", _tracked),
    _warning("link-http", "Every link is encrypted.", _plain_http),
    _warning("link-data", "No data: address is left.", _data),
    _warning("link-words", "Every link says where it leads.", _says_nothing),
)
"""In the order of the list."""
