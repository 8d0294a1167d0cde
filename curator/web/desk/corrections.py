"""Corrections of a sent issue: a dated note for its readers on the web, and better words of one thing in it."""

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.db import Session
from curator.errors import InvalidError, NotFoundError, StateError
from curator.issues import store
from curator.issues.corrections import correct, editing
from curator.issues.corrections import store as corrections
from curator.issues.corrections.values import (
    MOST_NOTE_CHARACTERS,
    MOST_OF_AN_ISSUE,
    MOST_WORDS_CHARACTERS,
    Correction,
)
from curator.issues.values import DocumentEntry
from curator.mailings.archive import store as archive
from curator.mailings.archive.web_version import WebVersion, web_version
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk.deeds import people
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form, key


@dataclass(frozen=True)
class Line:
    """A correction in the list: who made it, what it is about, and which words are others since."""

    correction: Correction
    who: str
    about: str
    fields: str


@blueprint.get("/issues/<key:issue_id>/corrections")
def issue_corrections(issue_id: int) -> str:
    """Shows what was corrected, and the form for the issue, or with `entry` for one thing in it."""
    return _page(issue_id, Form(), entry_id=key(request.args.get("entry")))


@blueprint.post("/issues/<key:issue_id>/corrections")
@needs(Right.PUBLISH)
def make_correction(issue_id: int) -> Response | tuple[str, int]:
    """Publishes a correction; readers see it at once."""
    form = Form(request.form)
    entry_id = key(form.value("entry"))
    with here.db().read() as session:
        shown = _shown(session, issue_id)
    if shown is None:
        raise StateError("This issue is not public, so there is nothing to correct on the web.")
    entry = _entry(shown, entry_id)
    try:
        _require_same(form, entry)
        correct.correct(
            here.db(),
            issue_id,
            note=form.value("note"),
            entry=entry,
            words={
                name: form.text(name, at_most=MOST_WORDS_CHARACTERS) for name in editing.LABELS if name in form.values
            },
            seen=_number(form.value("seen")),
            by=here.editor_id(),
            now=here.now(),
        )
    except InvalidError as error:
        form.take(error)
        return _page(issue_id, form, entry_id=entry_id), 422
    except StateError as error:
        form.refuse("note", str(error))
        return _page(issue_id, form, entry_id=entry_id), 409
    flash("The correction is on the web. The mail that left stays as it was.", "done")
    return here.go(url_for("desk.issue_corrections", issue_id=issue_id))


@blueprint.post("/corrections/<key:correction_id>/take-out")
@needs(Right.PUBLISH)
def take_correction_out(correction_id: int) -> Response:
    """Takes a correction out again, with its words."""
    issue_id = correct.take_out(here.db(), correction_id, by=here.editor_id(), now=here.now())
    flash("The correction is taken out: the web shows what was there before.", "done")
    return here.go(url_for("desk.issue_corrections", issue_id=issue_id))


def _page(issue_id: int, form: Form, *, entry_id: int | None) -> str:
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        shown = _shown(session, issue_id)
        made = corrections.of_issue(session, issue_id)
        names = people(session)
    entry = None if shown is None else _entry(shown, entry_id)
    return render_template(
        "desk/corrections.html",
        issue=issue,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        web=shown,
        lines=[] if shown is None else _lines(shown, made, names),
        entries=[] if shown is None else editing.correctable(shown.document),
        entry=entry,
        name_of=editing.name_of,
        labels=editing.LABELS,
        form=_filled(form, entry, made),
        most_note=MOST_NOTE_CHARACTERS,
        most_words=MOST_WORDS_CHARACTERS,
        is_full=len(made) >= MOST_OF_AN_ISSUE,
    )


def _filled(form: Form, entry: DocumentEntry | None, made: list[Correction]) -> Form:
    """A form that was sent keeps what was typed; whoever sees the page has seen what was corrected until now."""
    said: dict[str, Any] = {} if entry is None else editing.words_of(entry)
    form.values = {**said, **form.values, "seen": str(made[-1].id if made else 0)}
    form.values["fields"] = " ".join(said)
    form.values["was"] = _mark(entry)
    return form


def _require_same(form: Form, entry: DocumentEntry | None) -> None:
    """Raises StateError where the page was made of other words: what was withdrawn since must not come back."""
    if form.value("was") not in ("", _mark(entry)):
        raise StateError("These words became others meanwhile. Look at what stands there now, then send yours again.")


def _mark(entry: DocumentEntry | None) -> str:
    """Returns a sign of the words that whoever corrects them has before them."""
    said = "" if entry is None else repr(editing.words_of(entry))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def _shown(session: Session, issue_id: int) -> WebVersion | None:
    """Returns an issue as the web shows it, but for links that lead elsewhere by now; None where it does not."""
    issue = store.issue_row(session, issue_id)
    newsletter = newsletters.newsletter(session, issue.newsletter_id)
    found = archive.issue(session, newsletter.id, issue.number)
    return None if found is None else web_version(session, found, newsletter, now=here.now(), is_as_mailed=True)


def _entry(shown: WebVersion, entry_id: int | None) -> DocumentEntry | None:
    """Returns what is to be corrected, None for the issue as a whole. Raises NotFoundError."""
    if entry_id is None:
        return None
    entry = editing.entry_of(shown.document, entry_id)
    if entry is None or not editing.words_of(entry):
        raise NotFoundError("entry", entry_id)
    return entry


def _lines(shown: WebVersion, made: list[Correction], names: dict[int, str]) -> list[Line]:
    return [_line(shown, each, names) for each in reversed(made)]


def _line(shown: WebVersion, made: Correction, names: dict[int, str]) -> Line:
    entry = None if made.block_id is None else editing.entry_of(shown.document, made.block_id)
    about = "The whole issue" if made.block_id is None else "What is not in it any more"
    fields = ", ".join(label for name, label in editing.LABELS.items() if name in made.words)
    who = "Curator" if made.made_by is None else names.get(made.made_by, "Somebody")
    return Line(made, who, about if entry is None else editing.name_of(entry), fields)


def _number(text: str) -> int | None:
    return 0 if text == "0" else key(text)
