"""Tells people of alerts: by letter to who runs the installation, and by webhook: a dead machine sends no mail."""

import json
from datetime import datetime
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


def tell(app: App, *, again_before: datetime, now: datetime) -> int:
    """Tells of new alerts, of open ones told before that moment and of ended ones; returns how many tellings.

    The webhook is asked with no transaction open; what it did not take is said again in the next round. Letters and
    the note that they are written are one transaction.
    """
    return _call(app, again_before=again_before, now=now) + _write_all(app, again_before=again_before, now=now)


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


def _call(app: App, *, again_before: datetime, now: datetime) -> int:
    url = app.settings.alert_webhook_url
    if url is None:
        return 0
    with app.db.read() as session:
        found = store.to_tell(session, Way.WEBHOOK, again_before=again_before)
    taken = [each for each in found if _is_taken(app, url, each)]
    if taken:
        with app.db.write() as session:
            store.mark_told(session, Way.WEBHOOK, taken, now=now)
    return len(taken)


def _is_taken(app: App, url: str, alert: Alert) -> bool:
    body = json.dumps(as_facts(app, alert)).encode()
    try:
        answer = app.fetcher.post(url, body, headers={"Content-Type": "application/json"})
    except FetchError as error:
        # Not its URL: that is the key to somebody's chat room.
        _log.error("the alerts' webhook cannot be reached", reason=error.reason)
        return False
    if not 200 <= answer.status < 300:
        _log.error("the alerts' webhook refuses", status=answer.status)
        return False
    return True


def _write_all(app: App, *, again_before: datetime, now: datetime) -> int:
    with app.db.read() as session:
        if not store.to_tell(session, Way.LETTER, again_before=again_before):
            return 0
    with app.db.write() as session:
        found = store.to_tell(session, Way.LETTER, again_before=again_before)
        for alert in found:
            _write(session, app, alert, now=now)
        store.mark_told(session, Way.LETTER, found, now=now)
    _log.warning("alerts told", alerts=[str(each.kind) for each in found])
    return len(found)


def _write(session: Session, app: App, alert: Alert, *, now: datetime) -> None:
    first = min((each.id for each in newsletters.newsletters(session)), default=None)
    if first is None:
        return
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
