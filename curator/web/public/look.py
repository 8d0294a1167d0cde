"""A newsletter's own look on its pages: a style sheet made of nothing but the values that its address names."""

import re

from flask import Response, abort

from curator.errors import InvalidError
from curator.newsletters import look
from curator.newsletters.look import mixed
from curator.newsletters.palette import Scheme, palette
from curator.newsletters.theme import HOUSE, STACKS, Face, Theme, checked
from curator.newsletters.values import NewsletterSpec
from curator.web import headers
from curator.web.public.door import blueprint

# The look is the address, so what it leads to never changes.
_KEPT_S = 30 * 24 * 3600
_COLOR = "([0-9a-f]{6}|x)"
_NAME = re.compile(rf"{_COLOR}-{_COLOR}-{_COLOR}-{_COLOR}-([a-z]+)-([a-z]+)-(\d{{1,2}})", re.ASCII)
# An accent alone: what addresses were before there were themes.
_ACCENT = re.compile(r"[0-9a-f]{6}", re.ASCII)


@blueprint.app_template_global("look_name")
def name_of(newsletter: NewsletterSpec) -> str:
    """Returns what the style sheet of a newsletter is called; empty where it looks like the house."""
    theme = newsletter.theme
    if _seen(theme) == _seen(HOUSE):
        return newsletter.accent[1:]
    colors = (newsletter.accent, theme.page, theme.sheet, theme.ink)
    named = "-".join(color[1:] or "x" for color in colors)
    return f"{named}-{theme.headings}-{theme.words}-{theme.corner}"


@blueprint.get("/look/<accent>.css")
def accent(accent: str) -> Response:
    """Returns the look that a name stands for, in light and dark; 404 for what no newsletter may have."""
    try:
        color, theme = _read(accent)
        color = look.checked_accent(color)
        theme = checked(theme, accent=color)
    except InvalidError:
        abort(404)
    response = headers.shared(_sheet(color, theme), for_s=_KEPT_S)
    response.headers["Content-Type"] = "text/css; charset=utf-8"
    return response


def _seen(theme: Theme) -> tuple[object, ...]:
    """Returns what pages show of a theme: room, layout and logo are the mail's."""
    return (theme.page, theme.sheet, theme.ink, theme.headings, theme.words, theme.corner)


def _read(name: str) -> tuple[str, Theme]:
    """Returns accent and theme of a name; raises InvalidError for what is none."""
    if _ACCENT.fullmatch(name):
        return f"#{name}", HOUSE
    found = _NAME.fullmatch(name)
    faces = {str(face) for face in Face}
    if found is None or found[5] not in faces or found[6] not in faces:
        raise InvalidError("look", "There is no such look.")
    color, page, sheet, ink = ("" if each == "x" else f"#{each}" for each in found.groups()[:4])
    return color, Theme(page, sheet, ink, Face(found[5]), Face(found[6]), int(found[7]))


def _sheet(color: str, theme: Theme) -> str:
    made = palette(color, theme)
    has_grounds = bool(theme.page or theme.sheet or theme.ink)
    light = _head(made.light, color) + (_grounds(made.light) if has_grounds else "")
    dark = _head(made.dark, color) + (_grounds(made.dark) if has_grounds else "")
    light += "" if theme.headings is HOUSE.headings else f"--serif: {STACKS[theme.headings]}; "
    light += "" if theme.words is HOUSE.words else f"--sans: {STACKS[theme.words]}; "
    light += "" if theme.corner == HOUSE.corner else f"--radius: {theme.corner}px; "
    return f".reader {{ {light}}}\n@media (prefers-color-scheme: dark) {{ .reader {{ {dark}}} }}\n"


def _head(scheme: Scheme, color: str) -> str:
    if not color:
        return f"--accent: {scheme.accent}; "
    # What is still to be played of the wave is a shade between the band and the words on it.
    wave = "--played: var(--soft-on-band); --to-play: color-mix(in srgb, var(--soft-on-band) 35%, var(--band)); "
    return f"--accent: {scheme.accent}; --band: {scheme.band}; --soft-on-band: {scheme.quiet_on_band}; {wave}"


def _grounds(scheme: Scheme) -> str:
    """The pages' sheet lies on a ground a shade off it, as the house's own does; boxes are washed with the mail's."""
    edge = mixed(scheme.ink, scheme.sheet, 0.45)
    return (
        f"--paper: {scheme.sheet}; --sheet: {scheme.sheet}; --sunk: {scheme.page}; --ink: {scheme.ink}; "
        f"--soft: {scheme.quiet}; --rule: {scheme.rule}; --edge: {edge}; --accent-wash: {scheme.wash}; "
    )
