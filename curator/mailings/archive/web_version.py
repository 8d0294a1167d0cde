"""A public issue as the web shows it: what was sent, with its corrections, and without promotions that ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from curator.db import Session
from curator.issues import compose, expiry, promoted
from curator.issues import store as issues
from curator.issues.corrections import store as corrections
from curator.issues.corrections.editing import corrected
from curator.issues.corrections.values import Correction
from curator.issues.promoted import Promoted
from curator.issues.revisions import store as revisions
from curator.issues.values import BlockKind, Document
from curator.mailings.repoints import store as repoints
from curator.mailings.repoints.applied import applied as repointed
from curator.mailings.values import PublicIssue
from curator.newsletters.values import NewsletterSpec


@dataclass(frozen=True)
class WebVersion:
    """An issue's page: its words, what was corrected (oldest first), and the promotion on it that ends first."""

    issue: PublicIssue
    document: Document
    corrections: tuple[Correction, ...]
    first_to_end: Promoted | None = None

    @property
    def changed_at(self) -> datetime:
        """When its words changed last: when it was sent, or its newest correction."""
        return max([self.issue.at, *(each.made_at for each in self.corrections)])


def web_version(
    session: Session, issue: PublicIssue, newsletter: NewsletterSpec, *, now: datetime, is_as_mailed: bool = False
) -> WebVersion:
    """Returns an issue as it is to be seen at a moment; `is_as_mailed` with links that lead where the mail's led.

    Whoever corrects words needs those: a link that is kept in them is found by what the mail was made with.
    """
    whole = web_versions(session, [issue], newsletter, is_as_mailed=is_as_mailed)[0]
    ends = expiry.ends_of(session, whole.document)
    seen = promoted.still_seen(whole.document, at=now, ends=ends)
    return WebVersion(issue, seen, whole.corrections, promoted.first_to_end(seen, ends=ends))


def web_versions(
    session: Session, found: Sequence[PublicIssue], newsletter: NewsletterSpec, *, is_as_mailed: bool = False
) -> list[WebVersion]:
    """Returns issues with their corrections, whatever became of their promotions.

    Links lead where they lead by now. Three queries, and for an issue that kept no document those of its board: a back
    issue, or one of the first release.
    """
    kept = revisions.documents(session, [each.revision_id for each in found if each.revision_id is not None])
    noted = corrections.corrections(session, [each.id for each in found])
    leads = {} if is_as_mailed else repoints.now_at_of(session, [each.id for each in found])
    versions = []
    for each in found:
        document, made_at = kept.get(each.revision_id or 0) or (_of_board(session, each, newsletter), None)
        mine = tuple(noted.get(each.id, ()))
        # What was corrected before these words were approved was corrected in others: only the note is left of it.
        later = [one for one in mine if made_at is None or one.made_at >= made_at]
        words = repointed(corrected(document, later), leads.get(each.id, {}))
        versions.append(WebVersion(each, words, mine))
    return versions


def without_promotions(document: Document) -> Document:
    """Returns a document for what is copied and kept elsewhere: nobody can take a promotion out of it at its end."""
    kept = (
        replace(section, entries=tuple(each for each in section.entries if each.kind is not BlockKind.PROMOTION))
        for section in document.sections
    )
    return replace(document, sections=tuple(section for section in kept if section.entries))


def _of_board(session: Session, issue: PublicIssue, newsletter: NewsletterSpec) -> Document:
    return compose.document(issues.board(session, issue.id), newsletter)
