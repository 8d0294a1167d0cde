"""The mail as it stands on the board, rendered once for each content and kept by nobody: a preview keeps revisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from curator.db import Session
from curator.errors import RenderError
from curator.issues import compose
from curator.issues.render import Renderer
from curator.issues.revisions import store as revisions
from curator.issues.values import Board, Document, Link, Rendered
from curator.newsletters.values import NewsletterSpec

# A page asks for its sizes and its frame for the mail, one after the other, for every editor at work: 100 kB each.
_KEPT = 16


@dataclass(frozen=True)
class LiveMail:
    """The mail now, or with an `error` the last good one; without either there is nothing to show.

    `mark` changes with what is shown. `weights` are the bytes of each block by its id, empty where nobody knows. What
    is too large to be kept as a revision is shown all the same: `bytes` say so, and how it would fit.
    """

    html: str = ""
    links: Sequence[Link] = ()
    bytes: int | None = None
    weights: Mapping[int, int] = field(default_factory=dict)
    mark: str = ""
    error: str = ""
    is_compact: bool = False


def as_it_stands(session: Session, renderer: Renderer, board: Board, newsletter: NewsletterSpec) -> LiveMail:
    """Returns the mail of a board; when it does not render, the last kept revision and why."""
    document = compose.document(board, newsletter)
    version = renderer.version
    try:
        rendered = _rendered(renderer, version, document)
    except RenderError as error:
        return _last_good(session, renderer, board.issue.id, str(error))
    return LiveMail(
        html=rendered.html,
        links=rendered.links,
        bytes=renderer.size(rendered.html, rendered.links),
        weights=renderer.weights(document, rendered),
        mark=compose.content_hash(document, version)[:16],
        is_compact=rendered.is_compact,
    )


def _last_good(session: Session, renderer: Renderer, issue_id: int, error: str) -> LiveMail:
    last = revisions.latest_revision(session, issue_id)
    if last is None:
        return LiveMail(error=error)
    links = revisions.links(session, last.id)
    size = renderer.size(last.html, links)
    return LiveMail(html=last.html, links=links, bytes=size, mark=last.content_hash[:16], error=error)


@lru_cache(maxsize=_KEPT)
def _rendered(renderer: Renderer, _version: str, document: Document) -> Rendered:
    return renderer.laid_out(document)
