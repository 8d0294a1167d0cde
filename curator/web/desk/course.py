"""How fast mailings go, and about when each is done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from curator.db import Session
from curator.mailings import store
from curator.mailings.eta import Eta, eta
from curator.mailings.values import MailingState, MailingView
from curator.newsletters import store as newsletters

# In these something changes by itself, so a page looks again.
MOVING = (MailingState.HOLDING, MailingState.BUILDING, MailingState.RUNNING)


def etas(session: Session, views: Sequence[MailingView], *, now: datetime) -> dict[int, Eta]:
    """Returns for each mailing that runs how it goes, by its id."""
    return {view.id: _eta(session, view, now=now) for view in views if view.state is MailingState.RUNNING}


def _eta(session: Session, view: MailingView, *, now: datetime) -> Eta:
    pause = timedelta(minutes=newsletters.newsletter(session, view.newsletter_id).wave_minutes)
    return eta(store.course(session, view, pause=pause, now=now), now=now)
