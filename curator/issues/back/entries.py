"""Runs of words to what a back issue recommended: links with title, blurb and the heading above them. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from curator.feeds.normalize import canonical_url, one_line
from curator.feeds.store import place_of
from curator.http.urls import absolute_url
from curator.issues.back.values import MAX_LEFT_OUT, MAX_LINKS, BackLink, LeftOut, Run, RunLink

MAX_TITLE = 500
MAX_BLURB = 3_000
_SHOWN = 120
# Words before a link that are no sentence: a bullet, a number, "New:", an emoji.
_MOST_BEFORE = 40
# Of a line that lists several links, at least this much is links.
_MOSTLY = 0.7
_SAYS_NOTHING = re.compile(
    r"(?:(?:\[?(?:read|learn|find out|see|watch|listen|continue|click|more|full|link|source|here|url|via|discuss)\]?)"
    r"(?:\s+(?:more|on|now|here|reading|article|story|post|it|the|this|full|to|article))*|go|»|→|>>?|\.\.\.|…|↗)\W*",
    re.IGNORECASE,
)
# What stands around a mail and recommends nothing.
_FRAME = re.compile(
    r"\bunsubscribe\b|\bview\b.{0,20}\bbrowser\b|\bview (?:it |this )?online\b|\bweb version\b|\bprivacy policy\b|"
    r"\b(?:manage|update) (?:your )?(?:preferences|subscription|profile)|\bforward (?:this |it )?(?:email |mail )?to\b|"
    r"\babmelden\b|\bim browser\b|\bse désabonner\b|\bdarse de baja\b|\blist-manage\.com/(?:unsubscribe|profile)",
    re.IGNORECASE,
)
_SMALL = 3
_EDGES = " \t-–—:|•·*>»,;"
_LETTERS = re.compile(r"\w")
_JOINING = re.compile(r"\b(?:and|or|und|oder|et|ou|y|e|plus|also|via)\b", re.IGNORECASE)
_MARKS = re.compile(r"([\\`*_\[\]<>])")


@dataclass
class Entries:
    """What was found so far; `left_out` names at most MAX_LEFT_OUT lines and counts the others in `beyond`."""

    links: list[BackLink] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    beyond: int = 0
    heading: str = ""
    above: str = ""
    # A heading that turned out to be a title: the section is the one above it.
    last_heading: Run | None = None
    is_open: bool = False
    seen: set[str] = field(default_factory=set)

    def leave_out(self, line: int, text: str, reason: str) -> None:
        """Notes a line that is not taken."""
        if len(self.left_out) < MAX_LEFT_OUT:
            self.left_out.append(LeftOut(line, one_line(text, limit=_SHOWN), reason))
        else:
            self.beyond += 1


def entries(runs: Iterable[Run]) -> Entries:
    """Returns what runs recommend, in their order, each page once, and which lines were not understood."""
    found = Entries()
    for run in runs:
        links = [link for link in run.links if not _is_frame(run, link)]
        if run.links and not links:
            found.leave_out(run.line, run.text, "It belongs to the mail itself, such as the link to unsubscribe.")
        elif links:
            _take(found, run, links)
        elif run.level:
            _head(found, run)
        else:
            _words(found, run)
    return found


def markdown_of(text: str, links: Iterable[RunLink], begin: int, end: int) -> str:
    """Returns a part of a run as Markdown: its words as they are, its links with their addresses."""
    written, done = [], begin
    for link in links:
        address = absolute_url(link.url)
        if link.start < done or link.end > end or address is None:
            continue
        words, target = _plain(text[link.start : link.end]), address.replace("(", "%28").replace(")", "%29")
        written += [_plain(text[done : link.start]), f"[{words}]({target})"]
        done = link.end
    written.append(_plain(text[done:end]))
    return "".join(written).strip(_EDGES)


def _head(found: Entries, run: Run) -> None:
    if found.last_heading is None:
        found.above = found.heading
    found.heading, found.last_heading, found.is_open = run.text, run, False


def _words(found: Entries, run: Run) -> None:
    """The paragraph below a link is about it; others without a link are not taken."""
    if found.is_open and found.links and not found.links[-1].blurb:
        last = found.links[-1]
        found.links[-1] = _with_blurb(last, _plain(run.text))
        found.is_open = False
    else:
        found.leave_out(run.line, run.text, "There is no link in it.")
    found.last_heading = None


def _take(found: Entries, run: Run, links: list[RunLink]) -> None:
    if len(links) > 1 and _is_list(run, links):
        for link in links:
            _add(found, run, link, title=_words_of(run, link), blurb="")
        found.is_open = False
    else:
        title, blurb, at = _told(found, run, links)
        _add(found, run, at, title=title, blurb=blurb)
        found.is_open = not blurb
    found.last_heading = None


def _told(found: Entries, run: Run, links: list[RunLink]) -> tuple[str, str, RunLink]:
    """Returns title, blurb and link of a run that is about one page."""
    first = links[0]
    words, before = _words_of(run, first), run.text[: first.start].strip(_EDGES)
    behind = markdown_of(run.text, links[1:], first.end, len(run.text))
    if not _says_nothing(words):
        if len(before) <= _MOST_BEFORE:
            return words, behind, first
        return words, markdown_of(run.text, links, 0, len(run.text)), first
    # "Read more" or the bare address: the title stands before it.
    title = _title_above(found, run, is_bare="://" in words)
    if title:
        return title, " ".join(each for each in (_plain(before), behind) if each), first
    if before:
        head, blurb = _split(before)
        return head, " ".join(each for each in (_plain(blurb), behind) if each), first
    head, blurb = _split(run.text[first.end :].strip(_EDGES))
    return head, _plain(blurb), first


def _title_above(found: Entries, run: Run, *, is_bare: bool) -> str:
    """A heading right above words that only say "read more" is their title, and no section.

    Above a bare address only a small one is: lists of addresses stand under the names of sections.
    """
    if found.last_heading is None or run.level or (is_bare and found.last_heading.level < _SMALL):
        return ""
    title, found.heading = found.last_heading.text, found.above
    return title


def _split(words: str) -> tuple[str, str]:
    """Parts what stands beside a bare address into its title and what is said of it."""
    for mark in (" – ", " — ", " - ", ": ", ". "):
        head, sign, rest = words.partition(mark)
        if sign and len(head) > 3:
            return head.strip(_EDGES), rest.strip(_EDGES)
    return words, ""


def _add(found: Entries, run: Run, link: RunLink, *, title: str, blurb: str) -> None:
    address = absolute_url(link.url.strip())
    canonical = None if address is None else canonical_url(address)
    if address is None or canonical is None:
        found.leave_out(run.line, f"{title} {link.url}", "This is no web address that can be linked to.")
    elif canonical in found.seen:
        found.leave_out(run.line, title or address, "The same page stands further up in this issue.")
    elif len(found.links) >= MAX_LINKS:
        found.leave_out(run.line, title or address, f"An issue has at most {MAX_LINKS} links.")
    else:
        found.seen.add(canonical)
        name = one_line(title, limit=MAX_TITLE) or one_line(place_of(address), limit=MAX_TITLE)
        made = BackLink(run.line, address, canonical, name, "", heading=found.heading)
        found.links.append(_with_blurb(made, blurb))


def _with_blurb(link: BackLink, blurb: str) -> BackLink:
    kept = one_line(blurb, limit=MAX_BLURB)
    return BackLink(link.line, link.url, link.canonical, link.title, kept, link.heading, link.section_id)


def _is_list(run: Run, links: list[RunLink]) -> bool:
    """Whether a run lists links and says nothing of them."""
    named = [link for link in links if not _says_nothing(_words_of(run, link))]
    linked = sum(len(_LETTERS.findall(run.text[link.start : link.end])) for link in links)
    return len(named) == len(links) and linked >= _MOSTLY * len(_LETTERS.findall(_JOINING.sub(" ", run.text)))


def _is_frame(run: Run, link: RunLink) -> bool:
    return bool(_FRAME.search(_words_of(run, link)) or _FRAME.search(link.url[:2_000])) or link.url.lower().startswith(
        ("mailto:", "tel:", "#")
    )


def _says_nothing(words: str) -> bool:
    return not _LETTERS.search(words) or "://" in words or bool(_SAYS_NOTHING.fullmatch(words[:60]))


def _words_of(run: Run, link: RunLink) -> str:
    return run.text[link.start : link.end].strip(_EDGES)


def _plain(words: str) -> str:
    return _MARKS.sub(r"\\\1", words)


def headings(links: Iterable[BackLink]) -> Iterator[str]:
    """Yields the headings that links stand under, each once."""
    yield from dict.fromkeys(link.heading for link in links)
