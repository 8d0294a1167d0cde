"""Every colour of a newsletter's mail and pages, in light and dark, from its accent and its theme. Pure."""

from dataclasses import dataclass, replace

from curator.newsletters import look
from curator.newsletters.look import READABLE, contrast, mixed, until
from curator.newsletters.theme import Theme

# Words beside the main ones: a little more than the least, so that thin small type can be read too.
_QUIET = 5.5
_DARK_INK = 12.0


@dataclass(frozen=True)
class Scheme:
    """The colours of one kind of screen. `wash` is a tint for boxes, `band` the ground of the head."""

    page: str
    sheet: str
    ink: str
    quiet: str
    accent: str
    rule: str
    wash: str
    band: str
    on_band: str
    quiet_on_band: str
    wave: str


@dataclass(frozen=True)
class Palette:
    """The colours of both kinds of screens."""

    light: Scheme
    dark: Scheme


@dataclass(frozen=True)
class Pair:
    """Words on a ground, and how well they are told apart."""

    name: str
    words: str
    ground: str
    scheme: str

    @property
    def contrast(self) -> float:
        """From 1 to 21."""
        return contrast(self.words, self.ground)

    @property
    def is_readable(self) -> bool:
        """Whether it is enough for words."""
        return self.contrast >= READABLE


HOUSE = Palette(
    light=Scheme(
        page="#e4ebe8",
        sheet="#ffffff",
        ink="#14211f",
        quiet="#4b605c",
        accent="#0b5f5a",
        rule="#c3d1cd",
        wash="#eef4f2",
        band="#0e3b38",
        on_band="#ffffff",
        quiet_on_band="#b9d6d0",
        wave="#f2b84b",
    ),
    dark=Scheme(
        page="#0a1110",
        sheet="#131d1b",
        ink="#e6eeec",
        quiet="#a4b8b3",
        accent="#74d3c5",
        rule="#33463f",
        wash="#1a2724",
        band="#0d3330",
        on_band="#ffffff",
        quiet_on_band="#b9d6d0",
        wave="#f2b84b",
    ),
)
"""The house's own look, which every newsletter begins with."""


def palette(accent: str, theme: Theme) -> Palette:
    """Returns the colours of a newsletter; what it does not set is the house's, and what is dark follows from that."""
    light, dark = HOUSE.light, HOUSE.dark
    if theme.page or theme.sheet or theme.ink:
        light = _light(theme)
        dark = _dark(light)
    made = look.tint(accent)
    if made is not None:
        head = {"quiet_on_band": made.quiet_on_band, "wave": made.quiet_on_band}
        light = replace(light, accent=made.accent, band=made.band, **head)
        dark = replace(dark, accent=_lit(accent, dark), band=made.dark_band, **head)
    else:
        ground = min((light.page, light.sheet), key=lambda each: contrast(light.accent, each))
        light = replace(light, accent=until(light.accent, "#000000", against=ground, least=READABLE))
        dark = replace(dark, accent=_lit(dark.accent, dark))
    return Palette(light, dark)


def pairs(made: Palette) -> list[Pair]:
    """Returns all words with the grounds that they stand on, the light ones first."""
    named = (
        ("Words on the sheet", "ink", "sheet"),
        ("Titles and links on the sheet", "accent", "sheet"),
        ("Small print on the sheet", "quiet", "sheet"),
        ("Small print below the sheet", "quiet", "page"),
        ("The name on the head", "on_band", "band"),
        ("The tagline on the head", "quiet_on_band", "band"),
    )
    schemes = (("light", made.light), ("dark", made.dark))
    return [
        Pair(name, getattr(scheme, words), getattr(scheme, ground), kind)
        for kind, scheme in schemes
        for name, words, ground in named
    ]


def _light(theme: Theme) -> Scheme:
    house = HOUSE.light
    page, sheet, ink = theme.page or house.page, theme.sheet or house.sheet, theme.ink or house.ink
    least = min((page, sheet), key=lambda ground: contrast(ink, ground))
    quiet = until(mixed(ink, sheet, 0.3), ink, against=least, least=min(_QUIET, contrast(ink, least)))
    return replace(
        house,
        page=page,
        sheet=sheet,
        ink=ink,
        quiet=quiet,
        rule=mixed(ink, sheet, 0.78),
        wash=mixed(page, sheet, 0.6),
    )


def _dark(light: Scheme) -> Scheme:
    """The same hues by night: of the grounds a trace is left, of the ink the tone."""
    page, sheet = mixed(light.page, "#000000", 0.93), mixed(light.page, "#000000", 0.88)
    wash = mixed(sheet, "#ffffff", 0.05)
    ink = until(mixed(light.sheet, "#000000", 0.08), "#ffffff", against=wash, least=_DARK_INK)
    return replace(
        HOUSE.dark,
        page=page,
        sheet=sheet,
        ink=ink,
        quiet=until(mixed(ink, sheet, 0.35), ink, against=wash, least=_QUIET),
        rule=mixed(ink, sheet, 0.78),
        wash=wash,
    )


def _lit(accent: str, dark: Scheme) -> str:
    """Returns an accent that can be read on every dark ground, the palest box of readers' pages included."""
    palest = max((dark.wash, dark.sheet, look.DARK_GROUND), key=lambda ground: contrast(ground, "#000000"))
    return until(accent, "#ffffff", against=palest, least=READABLE)
