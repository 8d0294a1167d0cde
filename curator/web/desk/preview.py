"""The preview: the numbered revision that will be sent, in a frame that nothing gets out of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from curator.errors import NotFoundError, RenderError
from curator.issues import publish, slots, store
from curator.issues.values import IssueState, Link, RenderedRevision
from curator.newsletters import store as newsletters
from curator.web import headers, here
from curator.web.desk.arrangement import CLIPPED_AT_BYTES
from curator.web.desk.door import blueprint
from curator.web.desk.testmail import newest_test_mail
from curator.web.forms import key

WIDTHS = ("600", "375")
SCHEMES = ("light", "dark")
# `color-scheme` on a sandboxed frame does not reach the page's media queries in Chromium, so they are rewritten here.
_SCHEME_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_ALWAYS, _NEVER = "(min-width: 0)", "(max-width: 0)"
_REMOTE_IMAGE = re.compile(r"<img\b[^>]*\bsrc\s*=\s*[\"']?https?:", re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class Looked:
    """What a preview shows: the revision, and why it is not the newest content where that does not render."""

    revision: RenderedRevision | None
    error: str = ""


@blueprint.get("/issues/<key:issue_id>/preview")
def preview(issue_id: int) -> str | tuple[str, int]:
    """Shows what is approved, or else what stands in the issue; if that does not render, the last good revision."""
    looked = look(issue_id)
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        test_mail = newest_test_mail(session, issue_id)
        links = [] if looked.revision is None else store.links(session, looked.revision.id)
    revision = looked.revision
    return render_template(
        "desk/preview.html",
        issue=issue,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        revision=revision,
        error=looked.error,
        width=_one_of("width", WIDTHS),
        scheme=_one_of("scheme", SCHEMES),
        text="" if revision is None else slots.example(revision.text),
        bytes=0 if revision is None else here.app().renderer.size(revision.html, links),
        clipped_at=CLIPPED_AT_BYTES,
        test_mail=test_mail,
        has_transport=newsletter.transport in here.app().transports,
        images_off=0 if revision is None else len(_REMOTE_IMAGE.findall(revision.html)),
    )


@blueprint.get("/issues/<key:issue_id>/preview.html")
def preview_html(issue_id: int) -> Response:
    """Returns a revision's HTML for the frame, under a policy of its own."""
    with here.db().read() as session:
        revision = store.revision(session, key(request.args.get("revision")) or 0)
        links = store.links(session, revision.id)
    if revision.issue_id != issue_id:
        raise NotFoundError("rendered revision", revision.id)
    response = make_response(framed(revision.html, links, scheme=_one_of("scheme", SCHEMES)))
    response.headers["Content-Security-Policy"] = headers.PREVIEW_POLICY
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def look(issue_id: int) -> Looked:
    """Returns the approved revision, which is what goes out whatever becomes of the templates; else renders anew."""
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        # An issue that was held keeps its approval in the books, but has to be approved anew as it stands.
        is_frozen = issue.approved_hash is not None and issue.state is not IssueState.HELD
        approved = store.revision_of(session, issue_id, issue.approved_hash or "") if is_frozen else None
    if approved is not None:
        return Looked(approved)
    try:
        return Looked(publish.render(here.db(), here.app().renderer, issue_id, now=here.now()))
    except RenderError as error:
        with here.db().read() as session:
            return Looked(store.latest_revision(session, issue_id), str(error))


def framed(html: str, links: Iterable[Link] = (), *, scheme: str) -> str:
    """Returns a mail's HTML as one kind of screen shows it, with real targets; its links ask for windows, which the
    frame may not open.
    """

    def answer(found: re.Match[str]) -> str:
        return _ALWAYS if found.group(1).lower() == scheme else _NEVER

    shown = _SCHEME_QUERY.sub(answer, slots.example(html, links))
    return _HEAD.sub(lambda head: f'{head.group(0)}<base target="_blank">', shown, count=1)


def _one_of(name: str, choices: tuple[str, ...]) -> str:
    wanted = request.args.get(name, choices[0])
    return wanted if wanted in choices else choices[0]
