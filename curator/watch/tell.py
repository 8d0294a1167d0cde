"""Tells people of alerts: by letter to who runs the installation, and by webhook: a dead machine sends no mail."""

import json
from datetime import datetime, timedelta
from typing import Any

import structlog

from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.addresses import Address, address_key, checked_address
from curator.app import App
from curator.db import Session
from curator.errors import FetchError
from curator.letters import store as letters
from curator.letters.values import LetterKind, NewLetter
from curator.newsletters import store as newsletters
from curator.watch import store
from curator.watch.values import Alert, Way

_log = structlog.get_logger()


# An open alert is told again once a day.
AGAIN_AFTER = timedelta(days=1)
# Longer than a call may last, so that nobody else makes it meanwhile.
_CALLING = timedelta(minutes=1)
_MOST_CALLS = 20


def write(app: App, *, now: datetime) -> int:
    """Writes letters of new alerts, of open ones told a day ago and of ended ones; returns of how many.

    A letter and the note that it is written are one transaction. Where nobody can be written to nothing is noted.
    """
    again_before = now - AGAIN_AFTER
    with app.db.read() as session:
        found = store.to_tell(session, Way.LETTER, again_before=again_before)
        why = why_unwritten(session, app) if found else ""
    if why:
        _log.error("nobody can be written to of alerts", because=why, alerts=len(found))
    if why or not found:
        return 0
    with app.db.write() as session:
        told = [each for each in found if store.mark_told(session, each, again_before=again_before, now=now)]
        for alert in told:
            _write(session, app, alert, now=now)
    if told:
        _log.warning("alerts told", alerts=[str(each.kind) for each in told])
    return len(told)


def call(app: App, *, now: datetime) -> int:
    """Tells the webhook what letters tell; returns of how many alerts it took.

    It is asked with no transaction open, one process at a time. The first call that reaches nobody is the last of the
    round: the next one begins with it again. A kill in the middle of a call makes it again after a minute.
    """
    url, again_before, taken = app.settings.alert_webhook_url, now - AGAIN_AFTER, 0
    if url is None:
        return 0
    with app.db.read() as session:
        found = store.to_tell(session, Way.WEBHOOK, again_before=again_before, limit=_MOST_CALLS)
    for alert in found:
        with app.db.write() as session:
            until = now + _CALLING
            if not store.begin_call(session, alert, again_before=again_before, now=now, until=until):
                continue
        answer = _answer(app, url, alert)
        is_taken = answer is not None and 200 <= answer < 300
        with app.db.write() as session:
            store.end_call(session, alert, is_taken=is_taken, now=now)
        taken += is_taken
        if answer is None:
            break
    return taken


def why_unwritten(session: Session, app: App) -> str:
    """Returns in words why nobody can be told of alerts by letter, "" where somebody can."""
    if not newsletters.newsletters(session):
        return "There is no newsletter yet, whose sender letters bear."
    if not _people(session, app):
        return "CURATOR_ALERT_ADDRESSES names nobody, and no owner is active."
    return "" if app.transports else "No mail relay is set up (CURATOR_SMTP_URL)."


def as_facts(app: App, alert: Alert) -> dict[str, Any]:
    """Returns an alert as a webhook bears it."""
    return {
        "id": alert.id,
        "kind": str(alert.kind),
        "state": "open" if alert.is_open else "over",
        "what": alert.what,
        "todo": alert.todo,
        "url": f"{app.settings.public_url}{alert.path}",
        "opened_at": alert.opened_at.isoformat(),
        "closed_at": None if alert.closed_at is None else alert.closed_at.isoformat(),
        "installation": app.settings.public_url,
        # What Slack, Mattermost and their like show.
        "text": f"{'' if alert.is_open else 'Over: '}{alert.what} {alert.todo if alert.is_open else ''}".strip(),
    }


def _answer(app: App, url: str, alert: Alert) -> int | None:
    """Returns the status with which a call was answered, None where nobody was reached."""
    body = json.dumps(as_facts(app, alert)).encode()
    try:
        status = app.pager.post(url, body, headers={"Content-Type": "application/json"}).status
    except FetchError as error:
        # Not its URL: that is the key to somebody's chat room.
        _log.error("the alerts' webhook cannot be reached", reason=error.reason)
        return None
    if not 200 <= status < 300:
        _log.error("the alerts' webhook refuses", status=status)
    return status


def _write(session: Session, app: App, alert: Alert, *, now: datetime) -> None:
    first = min(each.id for each in newsletters.newsletters(session))
    payload = {
        "what": alert.what,
        "todo": alert.todo,
        "url": f"{app.settings.public_url}{alert.path}",
        "is_over": not alert.is_open,
        "opened_at": alert.opened_at.isoformat(),
    }
    for to in _people(session, app):
        key = f"alert:{alert.id}:{now:%Y%m%d%H%M%S}:{to.key}"[:200]
        letter = NewLetter(LetterKind.ALERT, to.address, to.key, "", payload, key, newsletter_id=first)
        letters.write(session, letter, now=now)


def _people(session: Session, app: App) -> list[Address]:
    """Returns who is told: whom the setting names, else everybody who owns the installation."""
    if app.settings.alert_addresses:
        return [checked_address(each) for each in app.settings.alert_addresses]
    owners = [each for each in accounts.editors(session) if each.is_active and each.role is Role.OWNER]
    return [Address(each.address, address_key(each.address)) for each in owners]
