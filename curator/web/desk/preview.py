"""The preview: the numbered revision that will be sent, in a frame that nothing gets out of, and its checks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from curator.accounts import store as accounts
from curator.accounts.values import Right
from curator.audience.values import SubscriberRow
from curator.errors import NotFoundError, RenderError, TooLargeError
from curator.issues import publish, slots, store
from curator.issues.checks import run as checks
from curator.issues.checks.whole import MOST_BYTES
from curator.issues.markup.schemes import in_scheme
from curator.issues.revisions import store as revisions
from curator.issues.values import READER_SLOT, IssueState, Link, RenderedRevision
from curator.newsletters import store as newsletters
from curator.web import headers, here
from curator.web.desk import pictures, testmail, views
from curator.web.desk.checklist import checklist, link_progress
from curator.web.desk.door import blueprint
from curator.web.desk.looks import looks_of
from curator.web.forms import Form, key

_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class Looked:
    """What a preview shows: the revision, and why it is not the newest content where that does not render."""

    revision: RenderedRevision | None
    error: str = ""
    # The compact layout is what may make it fit.
    is_too_large: bool = False


@blueprint.get("/issues/<key:issue_id>/preview")
def preview(issue_id: int) -> Response:
    """Shows what is approved, or else what stands in the issue; if that does not render, the last good revision.

    A script gets the mail alone, for another view of it.
    """
    looked, view = look(issue_id), views.asked()
    revision = looked.revision
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        links = [] if revision is None else revisions.links(session, revision.id)
        shown = {
            "issue": issue,
            "newsletter": newsletter,
            "zone": newsletter.cadence.zone,
            "revision": revision,
            "view": view,
            "readers": views.readers(session, newsletter.id, view),
            "text": "" if revision is None else _text(revision, views.reader(session, newsletter.id, view)),
            "remote_images": 0 if revision is None else _remote_images(revision.html),
        }
        if not here.is_fragment():
            shown |= {
                "error": looked.error,
                "is_too_large": looked.is_too_large,
                "form": Form({"subject": issue.subject, "preheader": issue.preheader, "version": str(issue.version)}),
                "bytes": 0 if revision is None else here.app().renderer.size(revision.html, links),
                "clipped_at": MOST_BYTES,
                "test_mails": testmail.told(session, issue_id, revision),
                "people": accounts.able(session, Right.LOOK, newsletter.id, at=here.now()),
                "progress": link_progress(session, issue_id),
                "looks": looks_of(session, issue_id, revision),
                "is_asked": False,
                "has_transport": newsletter.transport in here.app().transports,
            }
    if not here.is_fragment():
        report = checks.report(here.db(), here.app().renderer, issue_id, now=here.now())
        shown["checks"] = checklist(report, issue)
    page = "desk/_mail.html" if here.is_fragment() else "desk/preview.html"
    response = make_response(render_template(page, **shown))
    response.headers["Vary"] = "HX-Request"
    return response


@blueprint.get("/issues/<key:issue_id>/preview.html")
def preview_html(issue_id: int) -> Response:
    """Returns a revision's HTML for the frame, under a policy of its own."""
    view = views.asked()
    with here.db().read() as session:
        revision = revisions.revision(session, key(request.args.get("revision")) or 0)
        if revision.issue_id != issue_id:
            raise NotFoundError("rendered revision", revision.id)
        links = revisions.links(session, revision.id)
        reader = views.reader(session, store.issue_row(session, issue_id).newsletter_id, view)
    html = pictures.ours(revision.html, here.app().renderer.public_url)
    html = html if reader is None else html.replace(READER_SLOT, slots.attribute(reader.address))
    shown = pictures.with_fields(html) if view.images == "on" else pictures.without(html)
    response = make_response(framed(shown, links, scheme=view.scheme))
    response.headers["Content-Security-Policy"] = headers.PREVIEW_POLICY
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def look(issue_id: int) -> Looked:
    """Returns the approved revision, which is what goes out whatever becomes of the templates; else renders anew."""
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        # An issue that was held keeps its approval in the books, but has to be approved anew as it stands.
        is_frozen = issue.approved_hash is not None and issue.state is not IssueState.HELD
        approved = revisions.revision_of(session, issue_id, issue.approved_hash or "") if is_frozen else None
    if approved is not None:
        return Looked(approved)
    try:
        return Looked(publish.render(here.db(), here.app().renderer, issue_id, now=here.now()))
    except RenderError as error:
        with here.db().read() as session:
            is_too_large = isinstance(error, TooLargeError) and not error.is_compact
            return Looked(revisions.latest_revision(session, issue_id), str(error), is_too_large)


def framed(html: str, links: Iterable[Link] = (), *, scheme: str) -> str:
    """Returns a mail's HTML as one kind of screen shows it, with real targets; its links ask for windows, which the
    frame may not open.
    """
    # `color-scheme` on a sandboxed frame does not reach the page's media queries in Chromium, so they are rewritten.
    shown = in_scheme(slots.example(html, links), scheme)
    return _HEAD.sub(lambda head: f'{head.group(0)}<base target="_blank">', shown, count=1)


def _remote_images(html: str) -> int:
    return pictures.remote(pictures.ours(html, here.app().renderer.public_url))


def _text(revision: RenderedRevision, reader: SubscriberRow | None) -> str:
    text = revision.text if reader is None else revision.text.replace(READER_SLOT, reader.address)
    return slots.example(text)
