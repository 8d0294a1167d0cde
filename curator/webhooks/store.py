"""Queries on endpoints, calls and attempts; and `announce`, by which every room tells what happened."""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from curator.db import changed
from curator.errors import NotFoundError
from curator.webhooks.tables import WebhookAttempt, WebhookCall, WebhookEndpoint
from curator.webhooks.values import (
    CallRow,
    CallState,
    DueCall,
    Endpoint,
    EndpointForm,
    EndpointRow,
    Kind,
    Outcome,
)

_LONGEST_WORDS = 500

# --- telling


def announce(
    session: Session,
    kind: Kind,
    facts: Mapping[str, Any],
    *,
    now: datetime,
    newsletter_id: int | None = None,
    personal: Mapping[str, Any] | None = None,
    address_key: str | None = None,
) -> int:
    """Writes down, in the caller's transaction, that something happened; returns how many endpoints are told.

    `facts` must be fit for JSON and name no reader's address; `personal` may, and goes to those endpoints only that
    are set to get it, with `address_key` saying whose it is. An endpoint of one newsletter hears of that one.
    """
    told = 0
    rows = session.execute(
        select(WebhookEndpoint.id, WebhookEndpoint.kinds, WebhookEndpoint.newsletter_id, WebhookEndpoint.gets_personal)
        .where(WebhookEndpoint.is_on, WebhookEndpoint.removed_at.is_(None))
        .order_by(WebhookEndpoint.id)
    )
    for endpoint_id, kinds, only, gets_personal in rows:
        if kind not in kinds or (only is not None and only != newsletter_id):
            continue
        given = {"newsletter_id": newsletter_id, **facts} | (dict(personal or {}) if gets_personal else {})
        add_call(session, endpoint_id, kind, given, now=now, address_key=address_key if gets_personal else None)
        told += 1
    return told


def add_call(
    session: Session,
    endpoint_id: int,
    kind: Kind,
    facts: Mapping[str, Any],
    *,
    now: datetime,
    address_key: str | None = None,
) -> int:
    """Writes a call down, to be made at once; returns its id."""
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": dict(facts)}, ensure_ascii=False)
    row = WebhookCall(
        public_id=f"msg_{secrets.token_urlsafe(18)}",
        endpoint_id=endpoint_id,
        kind=kind,
        body=body,
        address_key=address_key,
        state=CallState.WAITING,
        made_at=now,
        due_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


# --- calling


def due_endpoints(session: Session, *, now: datetime) -> list[int]:
    """Returns the endpoints that have a call to be made now."""
    # Asked endpoint by endpoint, along the index: what was called this month may be a million.
    mine = exists().where(WebhookCall.endpoint_id == WebhookEndpoint.id, *_is_due(now)).correlate(WebhookEndpoint)
    return list(session.scalars(select(WebhookEndpoint.id).where(mine).order_by(WebhookEndpoint.id)))


def due_call(session: Session, endpoint_id: int, *, now: datetime) -> DueCall | None:
    """Returns the call of an endpoint that is due longest; None when there is none, or the endpoint rests."""
    query = select(WebhookCall, WebhookEndpoint).join(WebhookEndpoint)
    mine = query.where(*_is_due(now), WebhookCall.endpoint_id == endpoint_id)
    found = session.execute(mine.order_by(WebhookCall.due_at, WebhookCall.id).limit(1)).one_or_none()
    if found is None:
        return None
    call, endpoint = found
    is_old_good = endpoint.old_until is not None and endpoint.old_until > now
    return DueCall(
        id=call.id,
        public_id=call.public_id,
        endpoint_id=endpoint.id,
        url=endpoint.url,
        body=call.body,
        attempts=call.attempts,
        made_at=call.made_at,
        sealed_secrets=(endpoint.secret, *((endpoint.old_secret,) if is_old_good else ())),
        failing_since=endpoint.failing_since,
        is_test=call.kind == Kind.TEST,
    )


def note_attempt(session: Session, call_id: int, outcome: Outcome) -> None:
    """Writes an attempt down."""
    words = outcome.words[:_LONGEST_WORDS]
    session.add(
        WebhookAttempt(call_id=call_id, at=outcome.at, took_ms=outcome.took_ms, status=outcome.status, words=words)
    )
    session.execute(update(WebhookCall).where(WebhookCall.id == call_id).values(attempts=WebhookCall.attempts + 1))


def note_delivered(session: Session, call: DueCall, *, at: datetime) -> None:
    """Ends a call that was taken; its endpoint is well."""
    _set_call(session, call.id, state=CallState.DELIVERED, finished_at=at)
    set_endpoint(session, call.endpoint_id, delivered_at=at, failing_since=None, rests_until=None)


def put_off(session: Session, call_id: int, *, until: datetime) -> None:
    """Lets a call wait."""
    _set_call(session, call_id, due_at=until)


def give_up(session: Session, call_id: int, *, at: datetime) -> None:
    """Ends a call that nobody took."""
    _set_call(session, call_id, state=CallState.GIVEN_UP, finished_at=at)


def note_failing(session: Session, endpoint_id: int, *, since: datetime, rests_until: datetime) -> None:
    """Notes that an endpoint failed, and until when it is left alone."""
    set_endpoint(session, endpoint_id, failing_since=since, rests_until=rests_until)


def call_again(session: Session, call_id: int, *, now: datetime) -> bool:
    """Lets a call be made once more, under its own id; False where it waits already."""
    over = WebhookCall.id == call_id, WebhookCall.state != CallState.WAITING
    # From the first pause on again, and from now: what was given up for its age has another four days.
    anew = {"state": CallState.WAITING, "attempts": 0, "due_at": now, "made_at": now, "finished_at": None}
    return changed(session, update(WebhookCall).where(*over).values(anew)) == 1


# --- endpoints


def add_endpoint(session: Session, form: EndpointForm, *, sealed: str, now: datetime) -> int:
    """Adds an endpoint and returns its id."""
    row = WebhookEndpoint(**_columns(form), secret=sealed, made_at=now)
    session.add(row)
    session.flush()
    return row.id


def put_endpoint(session: Session, endpoint_id: int, form: EndpointForm) -> None:
    """Writes anew what a person says of an endpoint."""
    set_endpoint(session, endpoint_id, **_columns(form), version=WebhookEndpoint.version + 1)


def set_endpoint(session: Session, endpoint_id: int, **columns: Any) -> None:
    """Changes columns of an endpoint."""
    session.execute(update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(**columns))


def renew_secret(session: Session, endpoint_id: int, *, sealed: str, old_until: datetime) -> None:
    """Gives an endpoint a new secret; the one before it signs too, until then."""
    set_endpoint(session, endpoint_id, secret=sealed, old_secret=WebhookEndpoint.secret, old_until=old_until)


def endpoint(session: Session, endpoint_id: int, *, lock: bool = False) -> Endpoint:
    """Returns an endpoint, one that is removed too. Raises NotFoundError."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    query = query.execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("endpoint", endpoint_id)
    return _endpoint(row)


def endpoint_rows(session: Session) -> list[EndpointRow]:
    """Returns every endpoint that is not removed, by name, with its calls counted; two queries."""
    rows = session.scalars(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.removed_at.is_(None))
        .order_by(func.lower(WebhookEndpoint.name), WebhookEndpoint.id)
    ).all()
    # Only what waits is counted, along its index: what was called stays for a month, and may be a million.
    mine = WebhookCall.endpoint_id.in_([row.id for row in rows]), WebhookCall.state == CallState.WAITING
    counted = select(WebhookCall.endpoint_id, func.count().label("number")).where(*mine)
    waiting = {row.endpoint_id: row.number for row in session.execute(counted.group_by(WebhookCall.endpoint_id))}
    return [EndpointRow(_endpoint(row), waiting.get(row.id, 0), row.delivered_at) for row in rows]


def switched_off(session: Session) -> list[Endpoint]:
    """Returns the endpoints that Curator itself switched off and that are off still, oldest first."""
    off = WebhookEndpoint.is_on.is_(False), WebhookEndpoint.off_reason != "", WebhookEndpoint.removed_at.is_(None)
    return [_endpoint(row) for row in session.scalars(select(WebhookEndpoint).where(*off).order_by(WebhookEndpoint.id))]


# --- pages


def calls(session: Session, endpoint_id: int, *, before: int | None = None, limit: int = 30) -> list[CallRow]:
    """Returns the calls of an endpoint with their attempts, newest first, at most `limit`; two queries."""
    query = select(WebhookCall).where(WebhookCall.endpoint_id == endpoint_id)
    query = query if before is None else query.where(WebhookCall.id < before)
    rows = session.scalars(query.order_by(WebhookCall.id.desc()).limit(limit)).all()
    attempts = _attempts(session, [row.id for row in rows])
    return [_call(row, attempts.get(row.id, ())) for row in rows]


def call_endpoint_id(session: Session, call_id: int) -> int:
    """Returns whose call it is. Raises NotFoundError."""
    found = session.scalar(select(WebhookCall.endpoint_id).where(WebhookCall.id == call_id))
    if found is None:
        raise NotFoundError("call", call_id)
    return found


def prune(session: Session, *, before: datetime, limit: int = 2_000) -> int:
    """Deletes at most `limit` calls that ended before a moment, with their attempts; returns how many.

    What waits for an endpoint that was switched off goes too.
    """
    old = or_(WebhookCall.finished_at < before, and_(WebhookCall.finished_at.is_(None), WebhookCall.made_at < before))
    ids = select(WebhookCall.id).where(old).order_by(WebhookCall.id).limit(limit)
    return changed(
        session, delete(WebhookCall).where(WebhookCall.id.in_(ids)).execution_options(synchronize_session=False)
    )


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    rests = or_(WebhookEndpoint.rests_until.is_(None), WebhookEndpoint.rests_until <= now)
    # A test is made whether it is on or off: that is what tests are for.
    listens = or_(WebhookEndpoint.is_on, WebhookCall.kind == Kind.TEST)
    is_waiting = WebhookCall.state == CallState.WAITING, WebhookCall.due_at <= now
    return (*is_waiting, or_(rests, WebhookCall.kind == Kind.TEST), listens, WebhookEndpoint.removed_at.is_(None))


def _attempts(session: Session, call_ids: Collection[int]) -> dict[int, tuple[Outcome, ...]]:
    rows = session.scalars(
        select(WebhookAttempt).where(WebhookAttempt.call_id.in_(call_ids)).order_by(WebhookAttempt.id.desc())
    )
    found: dict[int, list[Outcome]] = {}
    for row in rows:
        found.setdefault(row.call_id, []).append(Outcome(row.at, row.took_ms, row.status, row.words))
    return {id_: tuple(some) for id_, some in found.items()}


def _set_call(session: Session, call_id: int, **columns: Any) -> None:
    session.execute(update(WebhookCall).where(WebhookCall.id == call_id).values(**columns))


def _columns(form: EndpointForm) -> dict[str, Any]:
    return {
        "name": form.name,
        "url": form.url,
        "kinds": [str(kind) for kind in form.kinds],
        "newsletter_id": form.newsletter_id,
        "gets_personal": form.gets_personal,
    }


def _endpoint(row: WebhookEndpoint) -> Endpoint:
    known = set(Kind)
    return Endpoint(
        id=row.id,
        name=row.name,
        url=row.url,
        kinds=tuple(Kind(each) for each in row.kinds if each in known),
        newsletter_id=row.newsletter_id,
        gets_personal=row.gets_personal,
        is_on=row.is_on,
        off_reason=row.off_reason,
        old_until=row.old_until,
        failing_since=row.failing_since,
        is_removed=row.removed_at is not None,
        version=row.version,
    )


def _call(row: WebhookCall, attempts: Sequence[Outcome]) -> CallRow:
    return CallRow(
        id=row.id,
        public_id=row.public_id,
        kind=Kind(row.kind),
        body=row.body,
        state=CallState(row.state),
        made_at=row.made_at,
        due_at=row.due_at,
        attempts=tuple(attempts),
    )
