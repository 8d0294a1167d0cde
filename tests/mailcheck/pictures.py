"""Takes the pictures of docs/mail.md anew: every kind of block, light, dark, on a phone, and right to left."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from curator.issues import slots
from curator.issues.render import Renderer
from curator.issues.values import Document, DocumentSection
from tests.issues import goldens
from tests.issues.documents import document, words
from tests.mailcheck import window
from tests.mailcheck.mails import TEMPLATES

# Flat colours and words: so many tell every shade apart that can be seen, at a third of the bytes.
COLOURS = 128
MAX_BYTES = 150_000


@dataclass(frozen=True)
class Shot:
    """One picture: what is shown, how wide, in which scheme."""

    name: str
    shown: Document
    width: int = 640
    scheme: str = "light"


def main(folder: Path) -> None:
    for shot in _shots():
        with window.window(color_scheme=shot.scheme) as page:
            rendered = Renderer(TEMPLATES).render(shot.shown)
            taken = window.picture(page, slots.example(rendered.html, rendered.links), width=shot.width)
        path = folder / f"mail-{shot.name}.png"
        taken.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        assert path.stat().st_size < MAX_BYTES, f"{path.name} is too large for the repository"


def _shots() -> Iterator[Shot]:
    every = every_kind()
    yield Shot("light", every)
    yield Shot("dark", every, scheme="dark")
    yield Shot("phone", every, width=320)
    yield Shot("right-to-left", goldens.DOCUMENTS["rtl"])


def every_kind() -> Document:
    """Returns an issue with a block of each kind."""
    return replace(
        document(
            DocumentSection(
                "", (words("Good morning. This week three shows asked what happens when an index *forgets*."),)
            ),
            DocumentSection("Highlights", (goldens.episode(), goldens.quote())),
            DocumentSection("Trends", (goldens.trend(), goldens.picture())),
            DocumentSection("Recommendations", (goldens.promotion(), goldens.listed())),
        ),
        preheader="An issue with a block of each kind",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
