"""How a newsletter's mail and pages look beside its accent: grounds, typefaces, logo, corner, density. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from curator.errors import InvalidError
from curator.newsletters.look import READABLE, contrast, is_color

MOST_CORNER = 16
"""In CSS pixels: beyond it a picture of 64 looks like a button."""

MOST_LOGO = (528, 200)
"""Width and height in CSS pixels: as wide as the mail's words, and low enough to leave the first title in sight."""

# What is pale enough for dark words has about this contrast with black; a ground of a middle tone serves neither.
_PALE = 11.0
_INK = "#14211f"


class Face(StrEnum):
    """A typeface that readers have: no font is fetched, so each is a stack of what systems bring."""

    BOOK = "book"
    CLASSIC = "classic"
    SYSTEM = "system"
    HUMANIST = "humanist"
    GEOMETRIC = "geometric"
    SLAB = "slab"
    TYPEWRITER = "typewriter"


STACKS: Mapping[Face, str] = MappingProxyType(
    {
        Face.BOOK: "Charter,Bitstream Charter,Iowan Old Style,Cambria,Georgia,serif",
        Face.CLASSIC: "Georgia,Times New Roman,Times,serif",
        Face.SYSTEM: "-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif",
        Face.HUMANIST: "Optima,Candara,Noto Sans,Gill Sans,Verdana,sans-serif",
        Face.GEOMETRIC: "Avenir Next,Avenir,Century Gothic,URW Gothic,Helvetica,sans-serif",
        Face.SLAB: "Rockwell,Roboto Slab,DejaVu Serif,Sitka Small,Georgia,serif",
        Face.TYPEWRITER: "Menlo,Consolas,Liberation Mono,Courier New,monospace",
    }
)
"""Names without quotes, which would have to be escaped in every style attribute."""


class Density(StrEnum):
    """How much room is between things."""

    ROOMY = "roomy"
    USUAL = "usual"
    TIGHT = "tight"


class WhenLarge(StrEnum):
    """What becomes of an issue that is too large for Gmail laid out in full: OFFER leaves the choice to its editor."""

    TAKE = "take"
    OFFER = "offer"


@dataclass(frozen=True)
class Theme:
    """A newsletter's look beside its accent. A colour like "#e4ebe8", empty for the house's own.

    `page` lies around the sheet that the words stand on. All are those of a light screen: dark ones follow from them.
    """

    page: str = ""
    sheet: str = ""
    ink: str = ""
    headings: Face = Face.BOOK
    words: Face = Face.SYSTEM
    corner: int = 6
    density: Density = Density.USUAL
    when_large: WhenLarge = WhenLarge.TAKE
    # Filled when an issue is composed, from what was uploaded; no part of what a newsletter keeps of its look.
    logo_url: str = ""
    logo_alt: str = ""
    # In CSS pixels, as it is shown.
    logo_width: int = 0
    logo_height: int = 0

    @property
    def has_logo(self) -> bool:
        """Whether there is a picture to show, of a size that is known."""
        return bool(self.logo_url and self.logo_width and self.logo_height)


HOUSE = Theme()
"""The house's own look, which every newsletter begins with."""


def theme_from(facts: Mapping[str, Any] | None) -> Theme:
    """Returns the theme that `facts_of` made this of; what is not there, or not known any more, is the house's."""
    given = facts or {}
    made: dict[str, Any] = {each.name: _known(given.get(each.name), each.default) for each in fields(Theme)}
    return Theme(**made)


def facts_of(theme: Theme) -> dict[str, Any]:
    """Returns what differs from the house's look, fit for JSON."""
    usual = asdict(Theme())
    return {name: _plain(value) for name, value in asdict(theme).items() if value != usual[name]}


def checked(theme: Theme, *, accent: str) -> Theme:
    """Returns the theme with tidy colours; raises InvalidError, naming field and ratio, for what nobody could read."""
    page, sheet, ink = (_color(name, getattr(theme, name)) for name in ("page", "sheet", "ink"))
    theme = replace(theme, page=page, sheet=sheet, ink=ink)
    if not 0 <= theme.corner <= MOST_CORNER:
        raise InvalidError("corner", f"Corners are {theme.corner} px round; choose from 0 to {MOST_CORNER}.")
    for name in ("page", "sheet"):
        _require_pale(name, getattr(theme, name))
    grounds = {"sheet": theme.sheet or "#ffffff", "page": theme.page or "#e4ebe8"}
    for name, ground in grounds.items():
        _require_readable("ink", theme.ink or _INK, ground, name)
        if accent:
            _require_readable("accent", accent, ground, name)
    return theme


def _color(field: str, text: str) -> str:
    color = text.strip().lower()
    if color and not is_color(color):
        raise InvalidError(field, f"{text.strip()[:20]!r} is not a colour; write one like #e4ebe8.")
    return color


def _require_pale(field: str, color: str) -> None:
    if color and (found := contrast(color, "#000000")) < _PALE:
        told = f"{color} has a contrast of {found:.1f} with black, and a ground needs {_PALE:.0f} at least"
        raise InvalidError(field, f"{told}; choose a paler one. Dark screens get a dark ground by themselves.")


def _require_readable(field: str, color: str, ground: str, name: str) -> None:
    if (found := contrast(color, ground)) < READABLE:
        told = f"{color} has a contrast of {found:.1f} with the {name} ({ground}), and words need {READABLE} at least"
        raise InvalidError(field, f"{told}; choose a darker one.")


def _known(value: Any, usual: Any) -> Any:
    """Returns a kept value as what a field holds."""
    try:
        return usual if value is None else type(usual)(value)
    except (TypeError, ValueError):
        return usual


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value
