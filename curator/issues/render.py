"""A document as mail: Jinja, then MJML, gives the HTML; the same document through a text template gives the text."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, select_autoescape
from mjml import mjml2html

from curator.errors import RenderError, TooLargeError
from curator.issues import chart, escape, pictured, slots, style, weights
from curator.issues.collect import Links
from curator.issues.columns import wrapped
from curator.issues.preflight.values import Preflight
from curator.issues.values import (
    PREFERENCES_SLOT,
    READER_SLOT,
    UNSUBSCRIBE_SLOT,
    WEB_VERSION_SLOT,
    Document,
    Link,
    Rendered,
    link_slot,
)
from curator.letters.values import LetterText
from curator.newsletters.theme import WhenLarge

MAX_HTML_BYTES = 99_000
"""Gmail clips a mail at 102 KB. This is with every link in its place; the reader's own address comes on top."""

# About as long as public addresses are: where nobody says which, the size is a good guess.
_SOME_PUBLIC_URL = "https://newsletter.example.org"
_HTML_TEMPLATE = "issue.mjml"
_TEXT_TEMPLATE = "issue.txt"
_LETTERS = "letters"
_LETTER_TEMPLATE = f"{_LETTERS}/letter.mjml"
_LETTER_TEXT_TEMPLATE = f"{_LETTERS}/letter.txt"
_SLOTS = {
    "unsubscribe_slot": UNSUBSCRIBE_SLOT,
    "preferences_slot": PREFERENCES_SLOT,
    "web_version_slot": WEB_VERSION_SLOT,
    "reader_slot": READER_SLOT,
    "canary_slot": link_slot(slots.CANARY.number),
}


class Renderer:
    """Renders documents through the files in `templates`/email, which are read again when they change.

    `public_url` begins the links that a mail will carry, so the size depends on it (and nothing else does). `preflight`
    is what looks at what was rendered; rendering does not need it.
    """

    def __init__(
        self, templates: Path, *, public_url: str = _SOME_PUBLIC_URL, preflight: Preflight | None = None
    ) -> None:
        self.public_url = public_url
        self.preflight = preflight or Preflight()
        self._folder = templates / "email"
        self._environment = _environment(self._folder)

    @property
    def version(self) -> str:
        """A hash over the issue's template files: part of the content's hash, so that a new one voids an approval."""
        found = hashlib.sha256()
        letters = self._folder / _LETTERS
        for path in sorted(path for path in self._folder.rglob("*") if path.is_file() and letters not in path.parents):
            found.update(f"{path.relative_to(self._folder).as_posix()}\0".encode() + path.read_bytes() + b"\0")
        return found.hexdigest()[:16]

    def render(self, document: Document) -> Rendered:
        """Returns HTML and text of a document, both with the slots for the reader's own values.

        What is too large for Gmail is laid out compactly (without images and without a line of its own for the link)
        where the theme allows, else refused with TooLargeError. Raises RenderError, naming the template and its line
        where they are known.
        """
        rendered = self.laid_out(document)
        if (size := self.size(rendered.html, rendered.links)) > MAX_HTML_BYTES:
            told = f"{size / 1000:.0f} KB of HTML, and Gmail clips mail at 102 KB"
            advice = "take some items out or shorten the blurbs"
            if not rendered.is_compact:
                advice = "choose the compact layout, or take some items out"
            raise TooLargeError(f"The issue makes {told}: {advice}.", is_compact=rendered.is_compact)
        return rendered

    def laid_out(self, document: Document) -> Rendered:
        """Returns what `render` does, whatever its size: to look at, and to see what would make it fit.

        What is too large is laid out compactly where the theme allows.
        """
        document = pictured.addressed(document, self.public_url)
        html, links = self._as_html(document, is_compact=document.is_compact)
        is_compact = document.is_compact
        is_large = self.size(html, links) > MAX_HTML_BYTES
        if is_large and not is_compact and document.theme.when_large is WhenLarge.TAKE:
            html, links = self._as_html(document, is_compact=True)
            is_compact = True
        return Rendered(html=html, text=self._as_text(document), links=links, is_compact=is_compact)

    def letter(self, letter: LetterText) -> Rendered:
        """Returns HTML and text of a letter; raises RenderError as `render` does."""
        source = self._filled(_LETTER_TEMPLATE, letter=letter, style=style.style(language=letter.language))
        html = _compiled(escape.ascii_only(source), template=_LETTER_TEMPLATE)
        return Rendered(html=html, text=_tidied(self._filled(_LETTER_TEXT_TEMPLATE, letter=letter)))

    def size(self, html: str, links: Iterable[Link]) -> int:
        """Returns how many bytes the HTML of a revision has at most in a reader's mail."""
        return slots.most_bytes(html, links, public_url=self.public_url)

    def weights(self, document: Document, rendered: Rendered) -> Mapping[int, int]:
        """Returns how many of these bytes each block takes, by its id."""
        return weights.by_block(rendered.html, document, rendered.links, public_url=self.public_url)

    def _as_html(self, document: Document, *, is_compact: bool) -> tuple[str, tuple[Link, ...]]:
        links = Links()
        source = self._filled(
            _HTML_TEMPLATE,
            document=document,
            **_spoken(document),
            links=links,
            is_compact=is_compact,
            chart=partial(chart.url, self.public_url, accent=document.accent),
            **_SLOTS,
        )
        return _compiled(escape.ascii_only(source)), links.found

    def _as_text(self, document: Document) -> str:
        return _tidied(self._filled(_TEXT_TEMPLATE, document=document, **_spoken(document), **_SLOTS))

    def _filled(self, name: str, **given: object) -> str:
        try:
            return self._environment.get_template(name).render(given)
        except TemplateSyntaxError as error:
            raise RenderError(
                error.message or "The template is broken.", template=error.name or name, line=error.lineno
            ) from error
        except (TemplateError, RecursionError, TypeError, ValueError, AttributeError) as error:
            template, line = _place(error.__traceback__, self._folder)
            raise RenderError(_reason(error), template=template or name, line=line) from error


def _environment(folder: Path) -> Environment:
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(("mjml",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"attribute": escape.attribute, "fragment": escape.fragment, "wrapped": wrapped}
    return made


def _spoken(document: Document) -> dict[str, object]:
    """Returns a document's look, and its language's words as templates say them."""
    look = style.style(accent=document.accent, theme=document.theme, language=document.language)
    return {"style": look, "_": look.say.gettext}


def _tidied(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().split("\n")) + "\n"


def _compiled(source: str, *, template: str = _HTML_TEMPLATE) -> str:
    """Compiles MJML; the one place where mrml is called.

    A panic of its Rust code arrives as PanicException, which is a BaseException and cannot be imported.
    """
    try:
        return str(mjml2html(source, fonts={}, disable_comments=True))
    except (ValueError, OSError, RecursionError) as error:
        raise RenderError(f"The MJML does not compile: {_reason(error)}", template=template) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise RenderError("The MJML compiler failed on this content.", template=template) from error


def _reason(error: Exception) -> str:
    words = error.message if isinstance(error, TemplateSyntaxError) else str(error)
    return (words or "").strip() or type(error).__name__


def _place(trace: TracebackType | None, folder: Path) -> tuple[str, int | None]:
    """Returns the innermost template and line of a traceback: Jinja's frames bear the template's file and lines."""
    place: tuple[str, int | None] = ("", None)
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(folder):
            place = path.name, trace.tb_lineno
        trace = trace.tb_next
    return place
