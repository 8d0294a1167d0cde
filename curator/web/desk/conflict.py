"""When somebody else saved first: both texts, on a page or in place of the form, so that neither is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for
from werkzeug.wrappers import Response

from curator.accounts import store as accounts
from curator.activity import store as activity
from curator.activity.values import ActivityRow
from curator.db import Session
from curator.issues import store
from curator.web import here
from curator.web.desk.arrangement import varied
from curator.web.forms import Form

# Whoever saved first did so a moment ago: among the last changes of an issue.
_LOOKED_THROUGH = 40


@dataclass(frozen=True)
class Pair:
    """One field as both editors left it."""

    name: str
    label: str
    theirs: str
    mine: str
    is_long: bool


@dataclass(frozen=True)
class First:
    """Who saved first, and when."""

    name: str
    at: datetime


def block_page(issue_id: int, block_id: int, form: Form) -> Response | tuple[str, int]:
    """Returns the page for a block that was changed meanwhile."""
    from curator.web.desk.blocks import find, name_of  # the two pages show each other

    with here.db().read() as session:
        shown = store.board(session, issue_id)
        first = _first(session, issue_id, lambda change: (change.before or {}).get("block") == block_id)
    block = find(shown, block_id)
    if block.facts is not None:
        pairs = [Pair("heading", "Heading", block.body, form.value("heading"), is_long=False)]
        if "words" in block.facts:
            pairs.append(Pair("words", "Words", block.facts["words"], form.value("words"), is_long=True))
    elif block.pick is None:
        pairs = [Pair("body", "Text", block.body, form.value("body"), is_long=True)]
    else:
        pick = block.pick
        pairs = [
            Pair("title", "Title", pick.title, form.value("title"), is_long=False),
            Pair("link", "Link", pick.link or "", form.value("link"), is_long=False),
            Pair("blurb", "Blurb", pick.blurb, form.value("blurb"), is_long=True),
        ]
    if here.is_fragment():
        return _in_place(pairs, version=block.version, first=first)
    return two_versions(
        f"{name_of(block)} was saved by someone else first",
        pairs,
        first=first,
        version=block.version,
        action=url_for("desk.change_block", issue_id=issue_id, block_id=block_id),
        back=url_for("desk.board", issue_id=issue_id, _anchor=f"block-{block_id}"),
    )


def settings_page(issue_id: int, form: Form) -> Response | tuple[str, int]:
    """Returns the page for a subject or preheader that was changed meanwhile."""
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        first = _first(session, issue_id, lambda change: "preheader" in (change.before or {}))
    pairs = [
        Pair("subject", "Subject", issue.subject, form.value("subject"), is_long=False),
        Pair("preheader", "Preheader", issue.preheader, form.value("preheader"), is_long=False),
    ]
    if here.is_fragment():
        return _in_place(pairs, version=issue.version, first=first)
    return two_versions(
        "Subject and preheader were saved by someone else first",
        pairs,
        first=first,
        version=issue.version,
        action=url_for("desk.change_settings", issue_id=issue_id),
        back=url_for("desk.board", issue_id=issue_id, _anchor="settings"),
    )


def two_versions(
    title: str, pairs: list[Pair], *, version: int, action: str, back: str, first: First | None = None
) -> tuple[str, int]:
    """Returns the page that shows both texts of every field that differs, and keeps the others."""
    told = {"title": title, "pairs": pairs, "version": version, "first": first}
    return render_template("desk/conflict.html", action=action, back=back, **told), 409


def _in_place(pairs: list[Pair], *, version: int, first: First | None) -> Response:
    """Returns both texts for the script that sent one of them: the form on the page keeps it."""
    return varied(render_template("desk/_conflict.html", pairs=pairs, version=version, first=first), 409)


def _first(session: Session, issue_id: int, is_it: Callable[[ActivityRow], bool]) -> First | None:
    """Returns who made the newest change that is it, where the activity log still shows it near its end."""
    changes = activity.recent(session, limit=_LOOKED_THROUGH, subject="issue", subject_id=issue_id)
    change = next((change for change in changes if is_it(change)), None)
    if change is None:
        return None
    if change.actor == here.editor_id():
        return First("You, in another window,", change.at)
    someone = None if change.actor is None else accounts.editor(session, change.actor)
    return First(someone.name if someone else "Somebody else", change.at)
