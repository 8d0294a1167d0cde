"""The golden mails as the checks take them: MJML source, HTML, and a whole message."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from curator.issues import render, slots
from curator.issues.render import Renderer
from curator.issues.values import Rendered
from tests.issues import goldens
from tests.mailings.test_mime import built

TEMPLATES = Path(__file__).parents[2] / "templates"


@dataclass(frozen=True)
class Mail:
    """One mail: `size` is what its HTML weighs at most in a reader's mail, `style_bytes` its style sheets."""

    name: str
    source: str
    html: str
    size: int
    style_bytes: int
    message: bytes


def golden_mails() -> list[Mail]:
    """Returns every golden document as mail, the letter too, and one as large as an issue gets."""
    renderer = Renderer(TEMPLATES)
    with _sources() as sources:
        mails = []
        for name, document in {**goldens.DOCUMENTS, **goldens.LARGE}.items():
            mails.append(_mail(name, document.subject, renderer.render(document), renderer, sources))
        letter = goldens.letter()
        mails.append(_mail("letter", letter.subject, renderer.letter(letter), renderer, sources))
    return mails


def _mail(name: str, subject: str, rendered: Rendered, renderer: Renderer, sources: list[str]) -> Mail:
    html = slots.filled(rendered.html, rendered.links)
    return Mail(
        name=name,
        source=sources[-1],
        html=html,
        size=renderer.size(rendered.html, rendered.links),
        style_bytes=sum(len(part.partition("</style>")[0]) for part in html.split("<style")[1:]),
        message=built(subject=subject, text=rendered.text, html=rendered.html, links=rendered.links).content,
    )


@contextmanager
def _sources() -> Iterator[list[str]]:
    """Listens to what the compiler is given: nothing else needs a template's MJML once it is filled."""
    given: list[str] = []
    compiler = render.mjml2html

    def listening(source: str, **options: object) -> object:
        given.append(source)
        return compiler(source, **options)

    render.mjml2html = listening
    try:
        yield given
    finally:
        render.mjml2html = compiler
