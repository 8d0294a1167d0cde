"""Lists of feeds: an OPML file is looked through first, taken in at a second press, and given out."""

import base64
import binascii
import zlib

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import InvalidError
from curator.feeds import exchange
from curator.feeds.exchange import ImportReport
from curator.feeds.opml import MAX_BYTES, written_opml
from curator.web import here
from curator.web.desk.door import blueprint
from curator.web.forms import Form

# Feeds and lines as the page lists them; the counts say how many there are.
_LISTED = 200
# Below the limit of one field of a form, with room for what a browser makes of "+" and "/".
_MOST_PACKED = 900_000


@blueprint.get("/feeds/opml")
def opml() -> str:
    """Shows the form for a file, and the link to one's own list."""
    return _page(Form())


@blueprint.post("/feeds/opml")
def plan_import() -> tuple[str, int]:
    """Says what a file would add, and adds nothing; what is to be added goes along in the page."""
    form, content = Form(), _uploaded()
    if not content:
        form.refuse("file", "Choose an OPML file; this one is empty.")
        return _page(form), 422
    try:
        plan = exchange.planned_import(here.db(), content)
        packed = _packed(plan)
    except InvalidError as error:
        form.take(error)
        return _page(form), 422
    return _page(form, plan=plan, packed=packed), 200


@blueprint.post("/feeds/opml/import")
def import_feeds() -> Response:
    """Adds what was planned; pressing twice adds nothing twice."""
    report = exchange.import_opml(
        here.db(), _unpacked(request.form.get("list", "")), now=here.now(), by=here.editor_id()
    )
    flash(f"{len(report.added):,} added. They are asked for news one after another.", "done")
    return here.go(url_for("desk.feeds"))


@blueprint.get("/feeds/feeds.opml")
def export_feeds() -> Response:
    """Gives every feed with its folders."""
    response = make_response(exchange.export_opml(here.db()))
    response.mimetype = "text/x-opml"
    response.headers["Content-Disposition"] = "attachment; filename=feeds.opml"
    return response


def _uploaded() -> bytes:
    file = request.files.get("file")
    if file is None:
        return b""
    with file.stream as stream:  # a large one lies in a temporary file
        return stream.read()


def _page(form: Form, *, plan: ImportReport | None = None, packed: str = "") -> str:
    return render_template(
        "desk/opml.html",
        form=form,
        plan=plan,
        packed=packed,
        added=[] if plan is None else plan.added[:_LISTED],
        refused=[] if plan is None else plan.refused[:_LISTED],
        listed=_LISTED,
    )


def _packed(plan: ImportReport) -> str:
    """Returns the new feeds as text for a form's field: 5,000 of them take some 100 kB.

    Raises InvalidError (field "file") for more than the second step can take: it shall be said at the first.
    """
    written = written_opml(plan.added, title="Planned")
    packed = base64.b64encode(zlib.compress(written, 9)).decode()
    if len(written) > MAX_BYTES or len(packed) > _MOST_PACKED:
        raise InvalidError("file", "The list is too long to be added at once. Split it and import the parts.")
    return packed


def _unpacked(text: str) -> bytes:
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(text, validate=True), MAX_BYTES + 1)
    except (zlib.error, binascii.Error, ValueError) as error:
        raise InvalidError("list", "The list did not arrive whole. Choose the file again.") from error
    return content
