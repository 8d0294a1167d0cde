"""What MJML and mail may be given: text without control characters, attributes and fragments that survive mrml."""

import re
from collections.abc import Mapping
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


def fragment(html: str, **styles: str) -> Markup:
    """Returns safe HTML as MJML can take it: elements closed, attributes encoded, `styles` put on by element.

    Raises RenderError for what is too long or nested too deeply.
    """
    if len(html) > MAX_FRAGMENT_CHARACTERS:
        raise RenderError(
            f"A block's text has {len(html):,} characters of HTML; at most {MAX_FRAGMENT_CHARACTERS:,} fit."
        )
    writer = _Writer(styles)
    writer.feed(html)
    writer.close()
    return Markup(writer.written())  # noqa: S704 - built from escaped text and encoded attributes only


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"


class _Writer(HTMLParser):
    """Writes the elements that it reads, closing what was left open."""

    def __init__(self, styles: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self._styles = styles
        self._parts: list[str] = []
        self._open: list[str] = []

    def written(self) -> str:
        return "".join([*self._parts, *(f"</{tag}>" for tag in reversed(self._open))])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = [(name, value or "") for name, value in attrs if name.isascii() and name.isidentifier()]
        if tag in self._styles:
            named.append(("style", self._styles[tag]))
        words = "".join(f' {name}="{attribute(value)}"' for name, value in named)
        if tag in _VOID:
            self._parts.append(f"<{tag}{words} />")
            return
        self._parts.append(f"<{tag}{words}>")
        self._open.append(tag)
        if len(self._open) > MAX_DEPTH:
            raise RenderError(f"A block's text nests more than {MAX_DEPTH} elements.")

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open:
            last = self._open.pop()
            self._parts.append(f"</{last}>")
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        self._parts.append(escape(clean(data)))
