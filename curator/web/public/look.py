"""A newsletter's own colour on its pages: a style sheet made of nothing but the colour that its address names."""

from flask import Response, abort

from curator.errors import InvalidError
from curator.newsletters import look
from curator.newsletters.look import Tint
from curator.web import headers
from curator.web.public.door import blueprint

# The colour is the address, so what it leads to never changes.
_KEPT_S = 30 * 24 * 3600


@blueprint.get("/look/<accent>.css")
def accent(accent: str) -> Response:
    """Returns the colours of one accent, in light and dark; 404 for what no newsletter may have."""
    try:
        made = look.tint(look.checked_accent(f"#{accent}"))
    except InvalidError:
        made = None
    if made is None:
        abort(404)
    response = headers.shared(_sheet(made), for_s=_KEPT_S)
    response.headers["Content-Type"] = "text/css; charset=utf-8"
    return response


def _sheet(made: Tint) -> str:
    # What is still to be played of the wave is a shade between the band and the words on it.
    wave = "--played: var(--soft-on-band); --to-play: color-mix(in srgb, var(--soft-on-band) 35%, var(--band))"
    light = f"--accent: {made.accent}; --band: {made.band}; --soft-on-band: {made.quiet_on_band}; {wave}"
    dark = f"--accent: {made.dark_accent}; --band: {made.dark_band}"
    return f".reader {{ {light}; }}\n@media (prefers-color-scheme: dark) {{ .reader {{ {dark}; {wave}; }} }}\n"
