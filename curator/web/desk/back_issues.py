"""Back issues: files or pasted words are looked through first, and imported at a second press."""

import base64
import binascii
import json
import zlib
from datetime import date

from flask import flash, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import InvalidError
from curator.issues.back import take_in
from curator.issues.back.matching import usual_section
from curator.issues.back.values import Fate, File, Report, StandIns
from curator.newsletters.values import NewsletterSpec
from curator.web import here, words
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key

MOST_FILES = 60
MOST_BYTES = 2_000_000
"""Of one upload: reading it takes about a second. The command line takes more."""

MOST_ISSUES = 300
"""Of one upload, for a file may hold many: each is written by itself, all of them in some seconds."""

_MOST_PASTED = 200_000
# Below the limit of one field of a form, with room for what a browser makes of "+" and "/".
_MOST_PACKED = 900_000
_PASTED = "what you pasted"


@blueprint.get("/issues/import")
@needs(Right.MANAGE)
def back_issues() -> str:
    """Shows the form for files of back issues."""
    newsletter = chosen(newsletters())
    return render_template("desk/none.html", title="Back issues") if newsletter is None else _page(newsletter, Form())


@blueprint.post("/issues/import")
@needs(Right.MANAGE)
def plan_back_issues() -> tuple[str, int]:
    """Says what would come in, and writes nothing; what was given goes along in the page."""
    newsletter, form = required(), Form(request.form)
    files, stand_ins = _uploaded(form), _stand_ins(form)
    if form.is_good:
        try:
            report = take_in.planned(here.db(), newsletter.id, files, now=here.now(), stand_ins=stand_ins)
            _require_few(report)
            return _page(newsletter, form, report=report, packed=_packed(files)), 200
        except InvalidError as error:
            form.take(error)
    return _page(newsletter, form), 422


@blueprint.post("/issues/import/confirm")
@needs(Right.MANAGE)
def import_back_issues() -> Response:
    """Imports what was looked through; pressing twice adds nothing twice."""
    newsletter, form = required(), Form(request.form)
    files, stand_ins = _unpacked(form.value("files")), _stand_ins(form)
    if not form.is_good:
        raise InvalidError(*next(iter(form.errors.items())))
    by, now = here.editor_id(), here.now()
    done = take_in.take_in(here.db(), newsletter.id, files, by=by, now=now, stand_ins=stand_ins)
    if new := done.of(Fate.NEW):
        flash(f"{words.count(len(new), 'back issue')} with {words.count(done.links, 'link')} came in.", "done")
    else:
        flash("Nothing came in: all of it was here, or could not be taken.", "error")
    return here.go(url_for("desk.issues", newsletter=newsletter.id))


def _require_few(report: Report) -> None:
    if len(report.issues) > MOST_ISSUES:
        told = f"These hold {len(report.issues)} issues; at most {MOST_ISSUES} are imported at once here."
        raise InvalidError("file", f"{told} The command line takes more.")


def _stand_ins(form: Form) -> StandIns:
    number = form.number("number", low=1, high=100_000) if form.value("number").strip() else None
    return StandIns(section_id=key(form.value("section")), number=number, dated_on=_day(form))


def _day(form: Form) -> date | None:
    typed = form.value("dated_on").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        form.refuse("dated_on", "Give a day, such as 2024-05-01.")
        return None


def _uploaded(form: Form) -> tuple[File, ...]:
    """Returns the files and what was pasted; none, or too many or too large, is a complaint."""
    sent = [file for file in request.files.getlist("file") if file.filename]
    found = [_file(file) for file in sent]
    pasted = form.text("pasted", at_most=_MOST_PASTED)
    if pasted:
        found.append(File(_PASTED, pasted.encode("utf-8", "replace")))
    if not found:
        form.refuse("file", "Choose files, or paste an issue below.")
    if len(sent) > MOST_FILES:
        form.refuse("file", f"These are {len(sent)} files; at most {MOST_FILES} are looked through at once.")
    if sum(len(file.content) for file in found) > MOST_BYTES:
        form.refuse("file", f"Together they are larger than {MOST_BYTES // 1_000_000} MB. Import them in parts.")
    return tuple(found)


def _file(sent: FileStorage) -> File:
    with sent.stream as stream:  # a large one lies in a temporary file
        return File((sent.filename or "").replace("\0", "")[-200:], stream.read(MOST_BYTES + 1))


def _page(newsletter: NewsletterSpec, form: Form, *, report: Report | None = None, packed: str = "") -> str:
    usual = usual_section(newsletter.sections)
    if not form.value("section") and usual is not None:
        form.values["section"] = str(usual.id)
    return render_template(
        "desk/back_issues.html",
        newsletter=newsletter,
        all_newsletters=newsletters(),
        form=form,
        report=report,
        packed=packed,
        titles={section.id: section.title for section in newsletter.sections},
        sections=[(section.id, section.title) for section in newsletter.sections],
        most_files=MOST_FILES,
        most_mb=MOST_BYTES // 1_000_000,
    )


def _packed(files: tuple[File, ...]) -> str:
    """Returns files as text for a form's field. Raises InvalidError for more than the second step can take."""
    told = json.dumps([[file.name, file.content.decode("latin-1")] for file in files], ensure_ascii=False)
    packed = base64.b64encode(zlib.compress(told.encode("utf-8", "surrogatepass"), 9)).decode()
    if len(packed) > _MOST_PACKED:
        raise InvalidError("file", "This is too much to be imported at once. Import the files in parts.")
    return packed


def _unpacked(text: str) -> tuple[File, ...]:
    """Returns the files that the first step packed. Raises InvalidError for what did not arrive whole."""
    try:
        # Latin-1 in UTF-8 takes two bytes for one, and JSON up to six for a control character.
        content = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), 6 * MOST_BYTES)
        files = tuple(File(str(name), body.encode("latin-1")) for name, body in json.loads(content))
    except (zlib.error, binascii.Error, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidError("files", "The files did not arrive whole. Choose them again.") from error
    if len(files) > MOST_FILES + 1 or sum(len(file.content) for file in files) > MOST_BYTES:
        raise InvalidError("files", "This is too much to be imported at once. Import the files in parts.")
    return files
