"""What programs said of an issue's mail, as the preview shows it: axe's rules, and the spam filter's points."""

from dataclasses import dataclass

from curator.db import Session
from curator.issues.preflight import look as look_mail
from curator.issues.preflight import store as preflight
from curator.issues.preflight.values import Machine, MailLook
from curator.issues.revisions import store as revisions
from curator.issues.values import RenderedRevision
from curator.queue import store as queue
from curator.web import here

# Chromium takes about five seconds for four looks at a mail.
_WAIT_S = 3


@dataclass(frozen=True)
class Seen:
    """One program: whether this installation has it, and what it said of the revision that is shown."""

    machine: Machine
    is_there: bool
    look: MailLook | None


@dataclass(frozen=True)
class Looks:
    """All programs, and whether a worker has them look right now; `wait_s` is after how long to ask again."""

    seen: tuple[Seen, ...]
    revision: int
    is_running: bool
    wait_s: int = _WAIT_S

    @property
    def is_any_there(self) -> bool:
        """Whether there is a program to ask."""
        return any(each.is_there for each in self.seen)


def looks_of(session: Session, issue_id: int, revision: RenderedRevision | None = None) -> Looks:
    """Returns what programs said of a revision, by default of the one that would go out."""
    revision = revision or revisions.latest_revision(session, issue_id)
    said = {} if revision is None else {look.machine: look for look in preflight.looks(session, revision.id)}
    there = here.app().renderer.preflight.machines
    return Looks(
        tuple(Seen(machine, machine in there, said.get(machine)) for machine in Machine),
        0 if revision is None else revision.number,
        is_running=queue.is_unfinished(session, look_mail.key_of(issue_id)),
    )
