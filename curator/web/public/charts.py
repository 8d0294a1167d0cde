"""The charts of trends: pictures whose address says what they show."""

from functools import lru_cache

from flask import Response, abort

from curator.issues import chart as charts
from curator.web import headers
from curator.web.public.door import blueprint

# What an address leads to never changes.
_KEPT_S = 365 * 24 * 3600
# An issue that leaves is opened by thousands within the hour; a picture has two kilobytes.
_drawn = lru_cache(maxsize=256)(charts.png)


@blueprint.get("/chart/<name>.png")
def chart(name: str) -> Response:
    """Returns a chart as PNG; 404 for what names none."""
    drawn = _drawn(name)
    if drawn is None:
        abort(404)
    response = headers.shared("", for_s=_KEPT_S)
    response.set_data(drawn)
    response.headers["Content-Type"] = "image/png"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] += ", immutable"
    # Mail programs, and the web version on another host, show it in their own pages.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
