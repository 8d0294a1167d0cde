"""Passages worth quoting beside their episode: an editor takes one, trims it and puts it into an issue."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.db import Session
from curator.episodes import enrich
from curator.episodes.excerpts import MAX_WORDS, suggested
from curator.episodes.quotes import store as quotes
from curator.episodes.transcripts import store
from curator.episodes.transcripts.values import StoredTurn
from curator.errors import InvalidError, NotFoundError, StateError
from curator.issues import board as boards
from curator.issues import store as issue_store
from curator.newsletters import store as newsletter_store
from curator.web import here
from curator.web.desk.door import blueprint, require
from curator.web.desk.transcripts import episode_of, episode_page
from curator.web.forms import Form, key

_MOST_TURNS = 6


@dataclass(frozen=True)
class Passage:
    """What one form shows: turns with the words that stand in their fields."""

    first: int
    last: int
    turns: tuple[StoredTurn, ...]
    words: tuple[str, ...]


@blueprint.get("/episodes/<key:item_id>/excerpts")
def excerpts(item_id: int) -> str:
    """Shows five suggestions, or with `first` and `last` one passage of the transcript."""
    return _page(item_id, Form())


@blueprint.post("/episodes/<key:item_id>/excerpts")
def take_quote(item_id: int) -> Response | tuple[str, int]:
    """Takes a passage as it was trimmed, and puts it into an issue where one was chosen."""
    form = Form(request.form)
    first, last = _number(form.value("first")), _number(form.value("last"))
    words = [form.value(f"words-{place}").replace("\r\n", "\n") for place in range(_MOST_TURNS)][: last - first + 1]
    by, now = here.editor_id(), here.now()
    try:
        quote_id = enrich.take_quote(here.db(), item_id, first=first, last=last, words=words, by=by, now=now)
        if form.value("place"):
            return _placed(quote_id, form.value("place"))
    except InvalidError as error:
        form.take(error)
        return _page(item_id, form, asked=(first, last), words=words), 422
    with here.db().read() as session:
        shown = " Readers see it on the page of the episode." if episode_page(session, item_id) else ""
    flash(f"The quote is kept. It stands in no issue yet.{shown}", "done")
    return here.go(url_for("desk.excerpts", item_id=item_id), anchor="quotes")


@blueprint.post("/quotes/<key:quote_id>/place")
def place_quote(quote_id: int) -> Response:
    """Puts a quote into an issue's section."""
    with here.db().read() as session:
        quotes.quote(session, quote_id)
    try:
        return _placed(quote_id, request.form.get("place", ""))
    except InvalidError as error:
        raise StateError(error.reason) from error


@blueprint.post("/quotes/<key:quote_id>/remove")
def remove_quote(quote_id: int) -> Response:
    """Forgets a quote that stands in no issue."""
    with here.db().read() as session:
        item_id = quotes.quote(session, quote_id).item_id
    boards.forget_quote(here.db(), quote_id, by=here.editor_id(), now=here.now())
    flash("The quote is forgotten.", "done")
    return here.go(url_for("desk.excerpts", item_id=item_id), anchor="quotes")


def _placed(quote_id: int, place: str) -> Response:
    issue_id, _, section = place.partition(":")
    issue = key(issue_id)
    if issue is None:
        raise InvalidError("place", "Choose the section of an issue.")
    with here.db().read() as session:
        newsletter_id = issue_store.newsletter_of(session, issue)
    if newsletter_id is not None:
        require(newsletter_id)
    try:
        block_id = boards.add_quote(here.db(), issue, key(section), quote_id, by=here.editor_id(), now=here.now())
    except NotFoundError as error:
        raise InvalidError("place", str(error)) from error
    except InvalidError as error:  # a section that the issue does not have
        raise InvalidError("place", error.reason) from error
    flash("The quote stands in the issue.", "done")
    return here.go(url_for("desk.board", issue_id=issue), anchor=f"block-{block_id}")


def _page(item_id: int, form: Form, *, asked: tuple[int, int] | None = None, words: Sequence[str] = ()) -> str:
    if asked is None and "first" in request.args:
        asked = _number(request.args["first"]), _number(request.args.get("last", request.args["first"]))
    with here.db().read() as session:
        item, row = episode_of(session, item_id), store.transcript_row(session, item_id)
        chosen = _chosen(session, item_id, asked, words) if asked else None
        turns = store.turns(session, item_id)
        taken = quotes.quotes_of(session, item_id)
        return render_template(
            "desk/excerpts.html",
            item=item,
            row=row,
            chosen=chosen,
            found=[_passage(found.turns) for found in suggested(turns)],
            taken=taken,
            standing=issue_store.issues_of_quotes(session, [each.id for each in taken]),
            places=_places(session),
            most_words=MAX_WORDS,
            episode_page=episode_page(session, item_id),
            form=form,
        )


def _chosen(session: Session, item_id: int, asked: tuple[int, int], words: Sequence[str]) -> Passage | None:
    first, last = asked
    turns = store.turns(session, item_id, first=first, limit=max(min(last - first + 1, _MOST_TURNS), 1))
    if not turns:
        return None
    return _passage(turns, words if len(words) == len(turns) else None)


def _passage(turns: Sequence[StoredTurn], words: Sequence[str] | None = None) -> Passage:
    shown = tuple(words) if words is not None else tuple(turn.text for turn in turns)
    return Passage(turns[0].position, turns[-1].position, tuple(turns), shown)


def _places(session: Session) -> list[tuple[str, str]]:
    """Returns where a quote may go: the sections of the open issue of each newsletter that whoever asks writes."""
    found: list[tuple[str, str]] = []
    for newsletter in newsletter_store.newsletters(session):
        issue = issue_store.current_issue(session, newsletter.id)
        if issue is not None and here.may(Right.WRITE, newsletter.id):
            name = f"{newsletter.name}, issue {issue.number}"
            found += [(f"{issue.id}:{one.id}", f"{name}: {one.title}") for one in newsletter.sections]
            found.append((f"{issue.id}:", f"{name}: Intro"))
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
