"""Gathers what the rules look at: an issue's document, and what rows tell of it beyond that."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from curator.audience import store as audience
from curator.db import Session
from curator.errors import RenderError
from curator.issues import compose, pictured, store
from curator.issues.checks import links
from curator.issues.checks import store as checks
from curator.issues.checks.values import BlockFacts, Facts, LinkFacts, Mail, SectionFacts
from curator.issues.checks.words import name_of
from curator.issues.preflight import store as preflight
from curator.issues.proof import Proof
from curator.issues.render import Renderer
from curator.issues.revisions import store as revisions
from curator.issues.values import Board, BoardBlock, Document, DocumentEntry, IssueRow, IssueState
from curator.newsletters import store as newsletters

LOOKED_FOR = timedelta(days=3)
"""How long it counts that a link was looked at: pages go, but seldom between a test and the mail."""

# Written by our own Markdown, so nothing else stands in it.
_ANCHOR = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")


def facts(session: Session, renderer: Renderer, issue_id: int, *, now: datetime, is_frozen_seen: bool = True) -> Facts:
    """Returns the facts of an issue, in a fixed number of queries: of what was approved, else of what stands in it.

    Without a mail, unless this content was rendered before: `with_mail` renders it, outside of a transaction.
    `is_frozen_seen` false looks at what stands in it in any case.
    """
    board = store.board(session, issue_id)
    newsletter = newsletters.newsletter(session, board.issue.newsletter_id)
    document = compose.document(board, newsletter)
    content_hash = compose.content_hash(document, renderer.version)
    frozen = _frozen(session, board.issue) if is_frozen_seen else None
    if frozen is not None:
        document, content_hash = frozen
    found = Facts(
        issue_id=issue_id,
        content_hash=content_hash,
        document=document,
        newsletter=newsletter,
        now=now,
        sections=tuple(_sections(board)),
        blocks=tuple(_block(block) for block in _blocks(board)),
        links=tuple(links_of(document)),
        old_before=checks.last_but_one_at(session, newsletter.id, board.issue.number),
        readers=audience.counts(session, newsletter.id).active,
        machines=renderer.preflight.machines,
        pictures=pictured.standings(board),
    )
    looks = checks.looks(session, _looked_at(document, renderer.public_url), since=now - LOOKED_FOR)
    found = replace(found, looks=looks, blocks=_with_past(session, board, found))
    found = replace(found, readers_before=_readers_before(session, found, board.issue.number))
    return _with_revision(session, renderer, found)


def urls(session: Session, issue_id: int, *, public_url: str) -> list[str]:
    """Returns the addresses in an issue that a worker can look at, each once: links in the order of the page, pictures.

    What lies on `public_url` is our own, and known to be there.
    """
    board = store.board(session, issue_id)
    document = compose.document(board, newsletters.newsletter(session, board.issue.newsletter_id))
    return _looked_at(document, public_url)


def _looked_at(document: Document, public_url: str) -> list[str]:
    found = links.web_urls(links_of(document))
    pictures = [entry.image_url or "" for section in document.sections for entry in section.entries]
    others = [url for url in pictures if url.startswith(("http://", "https://"))]
    # Another host may begin like ours, so the slash belongs to it.
    return list(dict.fromkeys([*found, *(url for url in others if not url.startswith(f"{public_url}/"))]))


def with_mail(found: Facts, renderer: Renderer) -> Facts:
    """Returns the facts with the mail that the document makes, or why it makes none."""
    if found.mail is not None:
        return _with_proof(found, renderer)
    try:
        rendered = renderer.render(found.document)
    except RenderError as error:
        return replace(found, error=str(error))
    size = renderer.size(rendered.html, rendered.links)
    return _with_proof(replace(found, mail=Mail(rendered.html, rendered.text, size, rendered.links)), renderer)


def proof_of(found: Facts, renderer: Renderer) -> Proof | None:
    """Returns one message of the mail; None where nobody can make one."""
    if found.mail is None or renderer.preflight.prover is None:
        return None
    return renderer.preflight.prover(
        found.newsletter,
        number=found.document.number,
        subject=found.document.subject,
        html=found.mail.html,
        text=found.mail.text,
        links=found.mail.links,
        at=found.now,
    )


def _with_proof(found: Facts, renderer: Renderer) -> Facts:
    return replace(found, proof=proof_of(found, renderer))


def _frozen(session: Session, issue: IssueRow) -> tuple[Document, str] | None:
    """Returns what goes out whatever becomes of templates and feeds; None where nothing is approved."""
    if issue.approved_hash is None or issue.state is IssueState.HELD:
        return None
    revision = revisions.revision_of(session, issue.id, issue.approved_hash)
    document = None if revision is None else revisions.document_of(session, revision.id)
    return None if document is None else (document, issue.approved_hash)


def _with_revision(session: Session, renderer: Renderer, found: Facts) -> Facts:
    """Adds what was rendered of this content before, and what programs said of that."""
    revision = revisions.revision_of(session, found.issue_id, found.content_hash)
    if revision is None:
        return found
    its_links = tuple(revisions.links(session, revision.id))
    size = renderer.size(revision.html, its_links)
    looks = {look.machine: look for look in preflight.looks(session, revision.id) if look.machine in found.machines}
    return replace(found, mail=Mail(revision.html, revision.text, size, its_links), mail_looks=looks)


def _readers_before(session: Session, found: Facts, number: int) -> int | None:
    """Returns about how many readers there were when the last issue went out: those of now, without who came since."""
    last_at = checks.last_at(session, found.newsletter.id, number)
    if last_at is None:
        return None
    came, left = audience.came_and_left(session, found.newsletter.id, since=last_at)
    return max(found.readers - came + left, 0)


def _blocks(board: Board) -> Iterator[BoardBlock]:
    yield from board.intro
    for section in board.sections:
        yield from section.blocks


def _sections(board: Board) -> Iterator[SectionFacts]:
    for section in board.sections:
        picks = sum(block.pick is not None for block in section.blocks)
        yield SectionFacts(section.spec.title, len(section.blocks), picks, section.spec.budget)


def _block(block: BoardBlock) -> BlockFacts:
    promotion = getattr(block, "promotion", None)
    if block.pick is None:
        heading = f'the {block.kind} "{block.body}"' if block.facts is not None else "a text"
        name = str(getattr(promotion, "name", "")) or heading
        return BlockFacts(block.id, block.kind, name, promotion=promotion)
    item, episode = block.pick.item, block.episode
    return BlockFacts(
        block.id,
        block.kind,
        block.pick.title,
        has_blurb=bool(block.pick.blurb.strip()) or (episode is not None and episode.words.summary is not None),
        draft=block.pick.blurb if block.pick.is_blurb_draft else "",
        # Of one's own show there may be as many as one likes.
        source="" if episode is not None else item.feed_title,
        at=item.at,
        canonical_url=item.canonical_url,
        promotion=promotion,
    )


def _with_past(session: Session, board: Board, found: Facts) -> tuple[BlockFacts, ...]:
    urls = {block.canonical_url for block in found.blocks if block.canonical_url}
    issue = board.issue
    ran = checks.earlier(session, issue.id, issue.newsletter_id, issue.number, urls)
    return tuple(replace(block, ran_in=ran.get(block.canonical_url or "")) for block in found.blocks)


def links_of(document: Document) -> Iterator[LinkFacts]:
    """Yields the links of a document in the order of the page."""
    for section in document.sections:
        for entry in section.entries:
            yield from _of_entry(entry, name_of(section, entry))


def _of_entry(entry: DocumentEntry, where: str) -> Iterator[LinkFacts]:
    if entry.link:
        yield LinkFacts(entry.link, entry.title, where, entry.block_id)
    for url, words in _ANCHOR.findall(entry.body_html):
        said = html.unescape(_TAG.sub("", words))
        yield LinkFacts(html.unescape(url), said, where, entry.block_id, is_text=True)
    for item in (*entry.items, *entry.episodes):
        yield LinkFacts(item.url, item.title, where, entry.block_id, is_text=True)
    for listen in entry.listen:
        yield LinkFacts(listen.url, listen.name, where, entry.block_id, is_listen=True)
