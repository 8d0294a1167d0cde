"""An issue's test mail: the revision that the preview shows, to whoever looks at it."""

from dataclasses import dataclass
from datetime import timedelta

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import admit
from curator.addresses import address_key
from curator.db import Session
from curator.errors import NotFoundError
from curator.issues import store as issues
from curator.letters import store as letters
from curator.letters.values import LetterKind, LetterRow, NewLetter
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk.door import blueprint
from curator.web.forms import key

# More than anybody who looks needs, and few enough that a stolen sign-in floods nobody's inbox.
_AN_HOUR = timedelta(hours=1)
_MOST_AN_HOUR = 20


@dataclass(frozen=True)
class NewestTestMail:
    """The newest test mail of an issue and the number of the revision that it shows."""

    letter: LetterRow
    revision: int


@blueprint.post("/issues/<key:issue_id>/test-mail")
def send_test_mail(issue_id: int) -> Response:
    """Writes a test mail of the revision that was shown to whoever is signed in."""
    editor = here.editor()
    assert editor is not None
    with here.db().read() as session:
        revision = issues.revision(session, key(request.form.get("revision")) or 0)
        issue = issues.issue_row(session, issue_id)
        transport = newsletters.newsletter(session, issue.newsletter_id).transport
    if revision.issue_id != issue_id:
        raise NotFoundError("rendered revision", revision.id)
    admit.throttle(here.db(), ["test mail", str(editor.id)], limit=_MOST_AN_HOUR, window=_AN_HOUR, now=here.now())
    letter = NewLetter(
        LetterKind.TEST,
        editor.address,
        address_key(editor.address),
        name=editor.name,
        payload={"revision_id": revision.id, "user_id": editor.id},
        key=f"{_key_start(issue_id)}{editor.id}:{here.now().timestamp():.6f}",
        newsletter_id=issue.newsletter_id,
    )
    with here.db().write() as session:
        letters.write(session, letter, now=here.now())
    flash(_said(revision.number, editor.address, transport), "done")
    return here.go(url_for("desk.preview", issue_id=issue_id))


def newest_test_mail(session: Session, issue_id: int) -> NewestTestMail | None:
    """Returns the newest test mail of an issue, whoever asked for it; None before the first."""
    letter = letters.newest_under(session, LetterKind.TEST, _key_start(issue_id))
    if letter is None:
        return None
    return NewestTestMail(letter, issues.revision(session, letter.payload["revision_id"]).number)


def _key_start(issue_id: int) -> str:
    return f"test:{issue_id}:"


def _said(number: int, address: str, transport: str) -> str:
    if transport not in here.app().transports:
        setting = "CURATOR_TRANSPORTS" if transport else "CURATOR_SMTP_URL"
        waits = f"It waits until a mail relay is set ({setting})."
        return f"A test mail of revision {number} to {address} is written. {waits}"
    return f"A test mail of revision {number} is on its way to {address}."
