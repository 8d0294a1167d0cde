"""When somebody else saved first: a page with both texts, so that neither is lost."""

from dataclasses import dataclass

from flask import render_template, url_for

from curator.issues import store
from curator.web import here
from curator.web.forms import Form


@dataclass(frozen=True)
class Pair:
    """One field as both editors left it."""

    name: str
    label: str
    theirs: str
    mine: str
    is_long: bool


def block_page(issue_id: int, block_id: int, form: Form) -> tuple[str, int]:
    """Returns the page for a block that was changed meanwhile."""
    from curator.web.desk.blocks import find, name_of  # the two pages show each other

    with here.db().read() as session:
        shown = store.board(session, issue_id)
    block = find(shown, block_id)
    if block.pick is None:
        pairs = [Pair("body", "Text", block.body, form.value("body"), is_long=True)]
    else:
        pick = block.pick
        pairs = [
            Pair("title", "Title", pick.title, form.value("title"), is_long=False),
            Pair("link", "Link", pick.link or "", form.value("link"), is_long=False),
            Pair("blurb", "Blurb", pick.blurb, form.value("blurb"), is_long=True),
        ]
    return two_versions(
        f"{name_of(block)} was saved by someone else first",
        pairs,
        version=block.version,
        action=url_for("desk.change_block", issue_id=issue_id, block_id=block_id),
        back=url_for("desk.board", issue_id=issue_id, _anchor=f"block-{block_id}"),
    )


def settings_page(issue_id: int, form: Form) -> tuple[str, int]:
    """Returns the page for a subject or preheader that was changed meanwhile."""
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
    pairs = [
        Pair("subject", "Subject", issue.subject, form.value("subject"), is_long=False),
        Pair("preheader", "Preheader", issue.preheader, form.value("preheader"), is_long=False),
    ]
    return two_versions(
        "Subject and preheader were saved by someone else first",
        pairs,
        version=issue.version,
        action=url_for("desk.change_settings", issue_id=issue_id),
        back=url_for("desk.board", issue_id=issue_id, _anchor="settings"),
    )


def two_versions(title: str, pairs: list[Pair], *, version: int, action: str, back: str) -> tuple[str, int]:
    """Returns the page that shows both texts of every field that differs, and keeps the others."""
    page = render_template("desk/conflict.html", title=title, pairs=pairs, version=version, action=action, back=back)
    return page, 409
