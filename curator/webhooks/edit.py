"""Owners set endpoints up: who is called, of what, with which secret."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import ConflictError, FetchError, InvalidError, StateError
from curator.http.guard import target_of
from curator.tokens import Keys
from curator.webhooks import sealed, signing, store
from curator.webhooks.values import CHOICES, EndpointForm, Kind

SUBJECT = "webhook endpoint"
"""What the audit log calls it."""

OLD_SECRET_FOR = timedelta(hours=24)
"""How long the secret before a new one signs too."""

MOST = 50
"""Endpoints: each is looked at whenever something happens."""


def make(
    db: Database,
    form: EndpointForm,
    *,
    chance: bytes,
    keys: Keys,
    by: int | None,
    now: datetime,
    allow_private: bool = False,
) -> tuple[int, str]:
    """Adds an endpoint; returns its id and its secret, this once. `chance` are random bytes. Raises InvalidError."""
    checked, secret = _checked(form, allow_private=allow_private), signing.secret_of(chance)
    with db.write() as session:
        if len(store.endpoint_rows(session)) >= MOST:
            raise InvalidError("url", f"There are {MOST} endpoints. Remove one that is not used any more.")
        endpoint_id = store.add_endpoint(session, checked, sealed=sealed.seal(keys, secret), now=now)
        _record(session, "made", endpoint_id, by=by, now=now, after=kept(checked))
    return endpoint_id, secret


def change(
    db: Database,
    endpoint_id: int,
    form: EndpointForm,
    *,
    expected_version: int | None,
    by: int | None,
    now: datetime,
    allow_private: bool = False,
) -> None:
    """Writes an endpoint anew. Raises InvalidError, and ConflictError when somebody changed it since."""
    checked = _checked(form, allow_private=allow_private)
    with db.write() as session:
        was = store.endpoint(session, endpoint_id, lock=True)
        if was.form == checked:
            return
        if expected_version is not None and was.version != expected_version:
            raise ConflictError("endpoint", endpoint_id, expected=expected_version, actual=was.version)
        store.put_endpoint(session, endpoint_id, checked)
        _record(session, "changed", endpoint_id, by=by, now=now, before=kept(was.form), after=kept(checked))


def switch(db: Database, endpoint_id: int, *, is_on: bool, by: int | None, now: datetime) -> None:
    """Switches an endpoint on or off; as it is already, nothing happens. What waits is called once it is on again."""
    with db.write() as session:
        was = store.endpoint(session, endpoint_id, lock=True)
        if was.is_on is is_on:
            return
        well = {"failing_since": None, "rests_until": None} if is_on else {}
        store.set_endpoint(session, endpoint_id, is_on=is_on, off_reason="", **well)
        _record(session, "switched on" if is_on else "switched off", endpoint_id, by=by, now=now)


def remove(db: Database, endpoint_id: int, *, is_removed: bool, by: int | None, now: datetime) -> None:
    """Removes an endpoint, so that nothing is called any more, or puts it back as it was."""
    with db.write() as session:
        if store.endpoint(session, endpoint_id, lock=True).is_removed is not is_removed:
            store.set_endpoint(session, endpoint_id, removed_at=now if is_removed else None)
            _record(session, "removed" if is_removed else "put back", endpoint_id, by=by, now=now)


def renew_secret(db: Database, endpoint_id: int, *, chance: bytes, keys: Keys, by: int | None, now: datetime) -> str:
    """Gives an endpoint a new secret and returns it, this once; the old one signs beside it for a day."""
    secret = signing.secret_of(chance)
    with db.write() as session:
        store.endpoint(session, endpoint_id, lock=True)
        store.renew_secret(session, endpoint_id, sealed=sealed.seal(keys, secret), old_until=now + OLD_SECRET_FOR)
        _record(session, "renewed the secret of", endpoint_id, by=by, now=now)
    return secret


def test(db: Database, endpoint_id: int, *, by: int | None, now: datetime) -> None:
    """Has an endpoint called once with nothing but a greeting, whether it is on or off."""
    with db.write() as session:
        name = store.endpoint(session, endpoint_id, lock=True).name
        store.add_call(session, endpoint_id, Kind.TEST, {"words": f"This is a test for {name}."}, now=now)
        _record(session, "tested", endpoint_id, by=by, now=now)


def send_again(db: Database, call_id: int, *, by: int | None, now: datetime) -> int:
    """Has a call made once more, under the id that it had; returns its endpoint. Raises StateError while it waits."""
    with db.write() as session:
        endpoint_id = store.call_endpoint_id(session, call_id)
        endpoint = store.endpoint(session, endpoint_id)
        if endpoint.is_removed:
            raise StateError("The endpoint is removed. The activity log puts it back.")
        if not endpoint.is_on:
            raise StateError("The endpoint is off. Switch it on first.")
        if not store.call_again(session, call_id, now=now):
            raise StateError("This call waits already, and is made by itself.")
        store.set_endpoint(session, endpoint_id, rests_until=None)
        _record(session, "called again", endpoint_id, by=by, now=now, after={"call": call_id})
    return endpoint_id


def kept(form: EndpointForm) -> dict[str, Any]:
    """Returns an endpoint as the audit log keeps it."""
    return asdict(form) | {"kinds": [str(kind) for kind in form.kinds]}


def _checked(form: EndpointForm, *, allow_private: bool) -> EndpointForm:
    if not form.name:
        raise InvalidError("name", "Give it a name, so that you know it again.")
    try:
        target = target_of(form.url, allow_private=allow_private)
    except FetchError as error:
        raise InvalidError("url", error.reason) from error
    if not target.is_tls and not allow_private:
        raise InvalidError("url", "Use https: a call tells things that are nobody else's business.")
    kinds = tuple(kind for kind in CHOICES if kind in form.kinds)
    if not kinds:
        raise InvalidError("kinds", "Choose at least one thing to be told of.")
    return EndpointForm(form.name, target.url, kinds, form.newsletter_id, form.gets_personal)


def _record(
    session: Session,
    verb: str,
    endpoint_id: int,
    *,
    by: int | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    activity.record(
        session, at=now, actor=by, verb=verb, subject=SUBJECT, subject_id=endpoint_id, before=before, after=after
    )
