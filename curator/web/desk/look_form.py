"""A newsletter's look as form fields, form fields as a look, and looks to begin with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from curator.errors import InvalidError
from curator.newsletters import look
from curator.newsletters.palette import Pair, pairs, palette
from curator.newsletters.theme import HOUSE, MOST_CORNER, Density, Face, Theme, WhenLarge, checked
from curator.newsletters.values import NewsletterSpec
from curator.web.forms import Form

COLORS = ("accent", "page", "sheet", "ink")
FIELDS = (*COLORS, "headings", "words", "corner", "density", "when_large")

FACES = {
    Face.BOOK: "Book face (Charter, Cambria)",
    Face.CLASSIC: "Classic (Georgia, Times)",
    Face.SYSTEM: "The system’s own (Segoe, Roboto, Helvetica)",
    Face.HUMANIST: "Humanist (Optima, Candara)",
    Face.GEOMETRIC: "Geometric (Avenir, Century Gothic)",
    Face.SLAB: "Slab (Rockwell, Roboto Slab)",
    Face.TYPEWRITER: "Typewriter (Menlo, Consolas)",
}
DENSITIES = {Density.ROOMY: "Roomy", Density.USUAL: "As usual", Density.TIGHT: "Tight"}
WHEN_LARGE = {
    WhenLarge.TAKE: "Lay it out compactly by itself",
    WhenLarge.OFFER: "Say so, and let its editor choose",
}


@dataclass(frozen=True)
class Look:
    """An accent and what goes with it."""

    accent: str
    theme: Theme


PRESETS: Mapping[str, tuple[str, Look]] = MappingProxyType(
    {
        "house": ("The house’s", Look("", HOUSE)),
        "paper": (
            "Paper and ink",
            Look(
                "#8a2f1b", Theme("#efe8dc", "#fffdf8", "#211e19", headings=Face.CLASSIC, words=Face.CLASSIC, corner=0)
            ),
        ),
        "harbour": ("Harbour", Look("#1f4fb3", Theme("#e6ecf5", headings=Face.SYSTEM, corner=10))),
        "plum": ("Plum", Look("#7a1f5c", Theme("#f2e8ee", "#fffcfe", headings=Face.HUMANIST, corner=14))),
        "wire": (
            "Wire",
            Look("#1b1b1b", Theme("#ececec", "#ffffff", "#111111", Face.TYPEWRITER, corner=0, density=Density.TIGHT)),
        ),
        "orchard": (
            "Orchard",
            Look("#3b6212", Theme("#edf1e2", "#fefff9", headings=Face.SLAB, density=Density.ROOMY)),
        ),
    }
)
"""By the name that an address has for it."""


def of(newsletter: NewsletterSpec) -> Look:
    """Returns a newsletter's look as it is saved."""
    return Look(newsletter.accent, newsletter.theme)


def values_of(shown: Look) -> dict[str, str]:
    """Returns the fields of a look."""
    theme = shown.theme
    return {"accent": shown.accent, **{name: str(getattr(theme, name)) for name in FIELDS if name != "accent"}}


def read(form: Form, known: Look) -> Look:
    """Returns the look that was typed; complaints stand in the form. The logo stays as it is `known`."""
    colors = {name: form.line(name, at_most=20).lower() for name in COLORS}
    accent = colors["accent"]
    theme = replace(
        known.theme,
        page=colors["page"],
        sheet=colors["sheet"],
        ink=colors["ink"],
        headings=form.choice("headings", list(Face), default=Face.BOOK),
        words=form.choice("words", list(Face), default=Face.SYSTEM),
        corner=form.number("corner", low=0, high=MOST_CORNER),
        density=form.choice("density", list(Density), default=Density.USUAL),
        when_large=form.choice("when_large", list(WhenLarge), default=WhenLarge.TAKE),
    )
    try:
        accent = look.checked_accent(accent)
        theme = checked(theme, accent=accent)
    except InvalidError as error:
        form.take(error)
    return Look(accent, theme)


def contrasts(shown: Look) -> list[Pair]:
    """Returns how readable each pair of colours is; none while something typed is no colour."""
    theme = shown.theme
    if not all(look.is_color(each) for each in (shown.accent, theme.page, theme.sheet, theme.ink) if each):
        return []
    return pairs(palette(shown.accent, theme))
