"""An editor's small Markdown as safe HTML and as plain text: paragraphs, bold, italic, links, code, line breaks."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from curator.issues.escape import clean

_SCHEMES = {"http", "https", "mailto"}
_TAGS = {"p", "strong", "em", "a", "code", "br"}


def html(source: str) -> str:
    """Returns Markdown as HTML of p, strong, em, a, code and br; HTML in the source is shown as text."""
    rendered = _MARKDOWN.render(clean(source))
    safe = nh3.clean(rendered, tags=_TAGS, attributes={"a": {"href"}, "*": set()}, url_schemes=_SCHEMES, link_rel=None)
    return safe.replace("<br>", "<br />").strip()


def text(source: str) -> str:
    """Returns the same as plain text; a link becomes its words with its address in brackets."""
    paragraphs = (_inline(token.children or ()) for token in _MARKDOWN.parse(clean(source)) if token.type == "inline")
    return "\n\n".join(paragraphs)


def on_the_web(safe: str, *, is_sponsored: bool = False) -> str:
    """Returns what `html` made for a web page: its links do not tell their targets where a reader came from.

    Those that somebody paid for say so to search engines.
    """
    return nh3.clean(
        safe,
        tags=_TAGS,
        attributes={"a": {"href"}, "*": set()},
        url_schemes=_SCHEMES,
        link_rel="sponsored noopener noreferrer" if is_sponsored else "noopener noreferrer",
    )


def is_link(url: str) -> bool:
    """Tells whether a link may stand in a mail: http and https with a host, or mailto."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "mailto" or (parts.scheme in ("http", "https") and bool(host))


def _inline(tokens: Sequence[Token]) -> str:
    written: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "text" | "code_inline":
                written.append(token.content)
            case "softbreak" | "hardbreak":
                written.append("\n")
            case "link_open":
                links.append((str(token.attrs["href"]), len(written)))
            case "link_close":
                href, start = links.pop()
                words = "".join(written[start:])
                written[start:] = [_link(words, href)]
    return "".join(written)


def _link(words: str, href: str) -> str:
    return href if words in ("", href, href.removeprefix("mailto:")) else f"{words} ({href})"


class _SmallMarkdown(MarkdownIt):
    """What is not enabled here does not exist: the preset "zero" knows paragraphs only."""

    def __init__(self) -> None:
        super().__init__("zero", {"html": False, "breaks": True, "xhtmlOut": True, "maxNesting": 20})
        self.enable(["emphasis", "link", "backticks", "newline", "escape", "balance_pairs", "fragments_join"])
        self.core.ruler.push("links_lead_somewhere", _links_lead_somewhere)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library calls it by this name
        return is_link(url)


def _links_lead_somewhere(state: StateCore) -> None:
    """Leaves of a link without any address, "[words]()", the words: the library never asks whether that is a link."""
    for block in state.tokens:
        kept: list[Token] = []
        leads: list[bool] = []
        for token in block.children or ():
            if token.type == "link_open":
                leads.append(bool(token.attrs["href"]))
            if token.type not in ("link_open", "link_close") or leads[-1]:
                kept.append(token)
            if token.type == "link_close":
                leads.pop()
        block.children = kept if block.children is not None else None


_MARKDOWN = _SmallMarkdown()
