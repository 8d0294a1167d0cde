"""A document as mail: Jinja, then MJML, gives the HTML; the same document through a text template gives the text."""

import hashlib
from pathlib import Path
from types import TracebackType

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, select_autoescape
from mjml import mjml2html

from curator.errors import RenderError
from curator.issues import escape
from curator.issues.columns import wrapped
from curator.issues.values import READER_SLOT, UNSUBSCRIBE_SLOT, Document, Rendered
from curator.letters.values import LetterText

MAX_HTML_BYTES = 99_000
"""Gmail clips a mail at 102 KB, and the reader's own unsubscribe link and address come on top of this."""

_HTML_TEMPLATE = "issue.mjml"
_TEXT_TEMPLATE = "issue.txt"
_LETTERS = "letters"
_LETTER_TEMPLATE = f"{_LETTERS}/letter.mjml"
_LETTER_TEXT_TEMPLATE = f"{_LETTERS}/letter.txt"


class Renderer:
    """Renders documents through the files in `templates`/email, which are read again when they change."""

    def __init__(self, templates: Path) -> None:
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

        What is too big for Gmail is laid out compactly (without images and without a line of its own for the link).
        Raises RenderError, naming the template and its line where they are known.
        """
        html = self._as_html(document, is_compact=False)
        if len(html) > MAX_HTML_BYTES:
            html = self._as_html(document, is_compact=True)
        if len(html) > MAX_HTML_BYTES:
            size = f"{len(html) / 1000:.0f} KB of HTML, and Gmail clips mail at 102 KB"
            raise RenderError(f"The issue makes {size}: take some items out or shorten the blurbs.")
        return Rendered(html=html, text=self._as_text(document))

    def letter(self, letter: LetterText) -> Rendered:
        """Returns HTML and text of a letter; raises RenderError as `render` does."""
        source = _from_template(self._environment, _LETTER_TEMPLATE, folder=self._folder, letter=letter)
        html = _compiled(escape.ascii_only(source), template=_LETTER_TEMPLATE)
        text = _from_template(self._environment, _LETTER_TEXT_TEMPLATE, folder=self._folder, letter=letter)
        return Rendered(html=html, text=_tidied(text))

    def _as_html(self, document: Document, *, is_compact: bool) -> str:
        source = _filled(self._environment, _HTML_TEMPLATE, document, folder=self._folder, is_compact=is_compact)
        return _compiled(escape.ascii_only(source))

    def _as_text(self, document: Document) -> str:
        text = _filled(self._environment, _TEXT_TEMPLATE, document, folder=self._folder, is_compact=False)
        return _tidied(text)


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


def _filled(environment: Environment, name: str, document: Document, *, folder: Path, is_compact: bool) -> str:
    return _from_template(
        environment,
        name,
        folder=folder,
        document=document,
        is_compact=is_compact,
        unsubscribe_slot=UNSUBSCRIBE_SLOT,
        reader_slot=READER_SLOT,
    )


def _from_template(environment: Environment, name: str, *, folder: Path, **given: object) -> str:
    try:
        return environment.get_template(name).render(given)
    except TemplateSyntaxError as error:
        raise RenderError(
            error.message or "The template is broken.", template=error.name or name, line=error.lineno
        ) from error
    except (TemplateError, RecursionError, TypeError, ValueError, AttributeError) as error:
        template, line = _place(error.__traceback__, folder)
        raise RenderError(_reason(error), template=template or name, line=line) from error


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
