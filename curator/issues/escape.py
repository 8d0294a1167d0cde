"""What MJML and mail may be given: text without control characters, attributes and fragments that survive mrml."""

import re
from collections.abc import Callable, Mapping
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

from curator.errors import RenderError

# 20,000 nested tags end the process inside mrml; a blurb nests three or four.
MAX_DEPTH = 30
MAX_FRAGMENT_CHARACTERS = 50_000

# Control characters, halves of surrogate pairs and noncharacters: none of them is text, and MJML, SMTP or a database
# chokes on each somewhere.
_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff]"
)
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_SPACE = re.compile(r"\s+")
_UNSAFE_IN_ATTRIBUTE = re.compile(r"""[^ -~]|[&<>"'\\`{}]""")
_NOT_ASCII = re.compile("[^\n -~]")
Attribute = tuple[str, str]
_VOID = frozenset({"br", "hr", "img", "wbr"})


def clean(text: str) -> str:
    """Returns text without what is no text; every kind of line end becomes a newline."""
    return _NOT_TEXT.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """Returns clean text with every run of white space folded to one space."""
    return _SPACE.sub(" ", clean(text)).strip()


def attribute(value: object) -> Markup:
    """Returns an attribute's value for MJML, without its quotes.

    mrml writes attributes in Rust's debug format: a newline, a backslash, a quote or a character that Rust takes for
    unprintable (a joiner in an emoji, Thai marks) would come out as an escape. As `&#N;` all of them come back equal.
    """
    return Markup(_UNSAFE_IN_ATTRIBUTE.sub(_reference, one_line(str(value))))  # noqa: S704 - every unsafe character has just been encoded


def ascii_only(source: str) -> str:
    """Returns MJML source with every character outside printable ASCII as `&#N;`."""
    return _NOT_ASCII.sub(_reference, clean(source).replace("\t", " "))


def fragment(html: str, *, link: Callable[..., str] | None = None, **styles: str) -> Markup:
    """Returns safe HTML as MJML can take it: elements closed, attributes encoded, `styles` put on by element.

    `link(url, words=...)` says what to write for the target of each link. Raises RenderError for what is too long or
    nested too deeply.
    """
    if len(html) > MAX_FRAGMENT_CHARACTERS:
        raise RenderError(
            f"A block's text has {len(html):,} characters of HTML; at most {MAX_FRAGMENT_CHARACTERS:,} fit."
        )
    writer = _Writer(styles, link)
    writer.feed(html)
    writer.close()
    return Markup(writer.written())  # noqa: S704 - built from escaped text and encoded attributes only


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"


class _Writer(HTMLParser):
    """Writes the elements that it reads, closing what was left open.

    A link's start is written when its end is read: only then are its words known.
    """

    def __init__(self, styles: Mapping[str, str], link: Callable[..., str] | None) -> None:
        super().__init__(convert_charrefs=True)
        self._styles = styles
        self._link = link
        self._parts: list[str] = []
        self._open: list[str] = []
        self._links: list[tuple[int, list[Attribute], list[str]]] = []

    def written(self) -> str:
        while self._open:
            self._close(self._open.pop())
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = [(name, value or "") for name, value in attrs if name.isascii() and name.isidentifier()]
        if tag in self._styles:
            named.append(("style", self._styles[tag]))
        if tag in _VOID:
            self._parts.append(_start(tag, named, end=" />"))
            return
        if tag == "a":
            self._links.append((len(self._parts), named, []))
        self._parts.append(_start(tag, named))
        self._open.append(tag)
        if len(self._open) > MAX_DEPTH:
            raise RenderError(f"A block's text nests more than {MAX_DEPTH} elements.")

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open:
            last = self._open.pop()
            self._close(last)
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        for _, _, words in self._links:
            words.append(data)
        self._parts.append(escape(clean(data)))

    def _close(self, tag: str) -> None:
        if tag == "a":
            place, named, words = self._links.pop()
            if self._link is not None:
                named = [(name, self._target(value, words) if name == "href" else value) for name, value in named]
            self._parts[place] = _start(tag, named)
        self._parts.append(f"</{tag}>")

    def _target(self, url: str, words: list[str]) -> str:
        assert self._link is not None
        return self._link(url, words="".join(words))


def _start(tag: str, named: list[Attribute], *, end: str = ">") -> str:
    return f"<{tag}" + "".join(f' {name}="{attribute(value)}"' for name, value in named) + end
