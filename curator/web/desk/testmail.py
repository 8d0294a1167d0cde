"""An issue's test mails: the revision that the preview shows, to whoever looks at it and to colleagues."""

from dataclasses import dataclass
from datetime import timedelta

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import admit
from curator.accounts import store as accounts
from curator.accounts.values import EditorRow, Right
from curator.addresses import address_key
from curator.db import Session
from curator.errors import NotFoundError
from curator.issues import store as issues
from curator.issues.checks import look_links
from curator.issues.checks import store as checks
from curator.issues.checks.changes import Change, changes
from curator.issues.checks.values import SentTestRow
from curator.issues.preflight import look as look_mail
from curator.issues.revisions import store as revisions
from curator.issues.values import RenderedRevision
from curator.letters import store as letters
from curator.letters.values import LetterKind, LetterRow, NewLetter
from curator.newsletters import store as newsletters
from curator.web import here, words
from curator.web.desk.door import blueprint
from curator.web.forms import key

# More than anybody who looks needs, and few enough that a stolen sign-in floods nobody's inbox.
_AN_HOUR = timedelta(hours=1)
_MOST_AN_HOUR = 20
_MOST_AT_ONCE = 10


@dataclass(frozen=True)
class SentMail:
    """A test mail: who got which revision when, and the letter that carried it while it is kept."""

    sent: SentTestRow
    letter: LetterRow | None


@dataclass(frozen=True)
class SentMails:
    """An issue's newest test mails, and what changed since the last; `changes` is None where nobody can say."""

    newest: tuple[SentMail, ...]
    changes: tuple[Change, ...] | None = ()


@blueprint.post("/issues/<key:issue_id>/test-mail")
def send_test_mail(issue_id: int) -> Response:
    """Writes test mails of the revision that was shown, to whoever is signed in unless the form names others.

    The links are looked at meanwhile, and the mail by the programs that there are.
    """
    with here.db().read() as session:
        revision = revisions.revision(session, key(request.form.get("revision")) or 0)
        if revision.issue_id != issue_id:
            raise NotFoundError("rendered revision", revision.id)
        issue = issues.issue_row(session, issue_id)
        transport = newsletters.newsletter(session, issue.newsletter_id).transport
        people = _people(session, issue.newsletter_id)
    for _ in people:
        me = str(here.editor_id())
        admit.throttle(here.db(), ["test mail", me], limit=_MOST_AN_HOUR, window=_AN_HOUR, now=here.now())
    with here.db().write() as session:
        for person in people:
            _write(session, issue_id, issue.newsletter_id, revision, person)
    look_mail.ask(here.db(), here.app().renderer, issue_id, now=here.now())
    look_links.ask(here.db(), issue_id, now=here.now(), public_url=here.app().renderer.public_url)
    flash(_said(revision.number, people, transport), "done")
    return here.go(url_for("desk.preview", issue_id=issue_id))


def told(session: Session, issue_id: int, revision: RenderedRevision | None) -> SentMails:
    """Returns an issue's newest test mails, and what changed from the last one to this revision."""
    sent = checks.sent_tests(session, issue_id, limit=5)
    by_key = letters.by_keys(session, [row.letter_key for row in sent])
    newest = tuple(SentMail(row, by_key.get(row.letter_key)) for row in sent)
    if not sent or revision is None or sent[0].revision_id == revision.id:
        return SentMails(newest)
    old, new = (revisions.document_of(session, each) for each in (sent[0].revision_id, revision.id))
    return SentMails(newest, None if old is None or new is None else changes(old, new))


def _people(session: Session, newsletter_id: int) -> list[EditorRow]:
    """Returns who is to get it: whom the form names of those who may look at it, or whoever is signed in."""
    named = {key(each) for each in request.form.getlist("to")[:_MOST_AT_ONCE]} or {here.editor_id()}
    return [person for person in accounts.able(session, Right.LOOK, newsletter_id, at=here.now()) if person.id in named]


def _write(session: Session, issue_id: int, newsletter_id: int, revision: RenderedRevision, person: EditorRow) -> None:
    letter_key = f"test:{issue_id}:{person.id}:{here.now().timestamp():.6f}"
    letter = NewLetter(
        LetterKind.TEST,
        person.address,
        address_key(person.address),
        name=person.name,
        payload={"revision_id": revision.id, "user_id": person.id},
        key=letter_key,
        newsletter_id=newsletter_id,
    )
    if letters.write(session, letter, now=here.now()):
        ids = {"revision_id": revision.id, "user_id": person.id}
        checks.add_test(session, issue_id, **ids, letter_key=letter_key, now=here.now())


def _said(number: int, people: list[EditorRow], transport: str) -> str:
    to = people[0].address if len(people) == 1 else words.count(len(people), "person", "people")
    if transport not in here.app().transports:
        setting = "CURATOR_TRANSPORTS" if transport else "CURATOR_SMTP_URL"
        waits = f"It waits until a mail relay is set ({setting})."
        return f"A test mail of revision {number} to {to} is written. {waits}"
    return f"A test mail of revision {number} is on its way to {to}."
