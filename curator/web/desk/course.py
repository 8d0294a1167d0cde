"""How mailings go: how fast, about when each is done, and whether anybody is at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from curator.activity import store as activity
from curator.db import Session
from curator.mailings.eta import Eta, eta
from curator.mailings.progress import store as progress
from curator.mailings.values import MailingState, MailingView
from curator.newsletters import store as newsletters

# In these something changes by itself, so a page looks again.
MOVING = (MailingState.HOLDING, MailingState.BUILDING, MailingState.RUNNING)


def etas(session: Session, views: Sequence[MailingView], *, now: datetime) -> dict[int, Eta]:
    """Returns for each mailing that runs how it goes, by its id."""
    return {view.id: _eta(session, view, now=now) for view in views if view.state is MailingState.RUNNING}


@dataclass(frozen=True)
class Motion:
    """Whether anybody is at a mailing: when somebody was last, and since when what is due is left lying (if it is)."""

    seen_at: datetime | None
    stands_since: datetime | None
    tried_at: datetime | None


def motions(session: Session, views: Sequence[MailingView], *, now: datetime) -> dict[int, Motion]:
    """Returns for each mailing that runs what moves in it, by its id."""
    return {view.id: _motion(session, view, now=now) for view in views if view.state is MailingState.RUNNING}


def _motion(session: Session, view: MailingView, *, now: datetime) -> Motion:
    moves = progress.movement(session, view.id, now=now)
    waits = [at for at in (view.waits_until, view.retry_at) if at is not None]
    steered = [each.at for each in activity.recent(session, limit=1, subject="mailing", subject_id=view.id)]
    does_wait = any(at > now for at in waits)
    stands = None if does_wait else moves.stands_since(view.started_at, *waits, *steered, now=now)
    return Motion(moves.seen_at, stands, moves.tried_at)


def _eta(session: Session, view: MailingView, *, now: datetime) -> Eta:
    pause = timedelta(minutes=newsletters.newsletter(session, view.newsletter_id).wave_minutes)
    return eta(progress.course(session, view, pause=pause, now=now), now=now)
