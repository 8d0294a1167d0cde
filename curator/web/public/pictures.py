"""The pictures of mails and pages, by the name that their content gives them."""

from flask import Response, abort

from curator.pictures.values import is_path, kind_of
from curator.web import headers, here
from curator.web.public.door import blueprint

# What a name leads to never changes.
_KEPT_S = 365 * 24 * 3600


@blueprint.app_template_global("is_own_picture")
def is_own_picture(url: str | None) -> bool:
    """Tells whether a picture lies here: pages ask no other site for one."""
    return url is not None and is_path(url)


@blueprint.get("/pictures/<name>")
def picture(name: str) -> Response:
    """Returns a picture that is kept; 404 for what names none."""
    content = here.app().pictures.get(name)
    if content is None:
        abort(404)
    response = headers.shared("", for_s=_KEPT_S)
    response.set_data(content)
    response.headers["Content-Type"] = kind_of(name).media_type
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] += ", immutable"
    # Mail programs, and sites that show a card of an issue, have it in their own pages.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
