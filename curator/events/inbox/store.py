"""Queries on the inbox of what providers told."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from curator.db import changed, each_dialect, insert_for, insertion, upsert
from curator.events.inbox.values import Count, NewCall, Refusal, Standing, WaitingCall, WaitingFact
from curator.events.providers.values import Fact, FactKind, Provider
from curator.events.tables import HookCall, HookCertificate, HookCount, HookFact, HookRefusal

# Made once: of what a call costs, putting the statement together was a fifth.
_ADD = each_dialect(
    lambda name: insert_for(name, HookCall).on_conflict_do_nothing(index_elements=["key"]).returning(HookCall.key)
)
KEPT_REFUSALS, _SHOWN_REFUSALS = 500, 20
"""Of refused calls, the newest are kept, and the newest of those are shown."""

# Each may need a fetch, and anybody can send them: what is proven goes on between.
_MOST_UNPROVEN_AT_ONCE = 20

MOST_COUNTED = 10_000
"""Waiting calls and facts that a page counts: more are "more than that"."""

_WAITING, _UNPROVEN, _READ, _DONE = "waiting", "unproven", "read", "done"


def add_calls(session: Session, calls: Sequence[NewCall]) -> set[str]:
    """Keeps calls, and returns the keys of those that had not come before."""
    rows = [
        {
            "key": call.key,
            "provider": call.provider,
            "state": _WAITING if call.is_proven else _UNPROVEN,
            "body": call.body,
            "came_at": call.at,
            "due_at": call.at,
        }
        for call in calls
    ]
    if not rows:
        return set()
    connection = session.connection()
    return set(connection.execute(_ADD[connection.dialect.name], rows).scalars())


def count(session: Session, numbers: Mapping[tuple[Provider, str], int], *, now: datetime) -> None:
    """Adds to the day's sums."""
    for (provider, what), number in sorted(numbers.items()):
        row = {"provider": provider, "on": now.date(), "what": what, "number": number, "last_at": now}
        insert = insertion(session, HookCount).values(row)
        more = {"number": HookCount.number + insert.excluded.number, "last_at": insert.excluded.last_at}
        session.execute(insert.on_conflict_do_update(index_elements=["provider", "on", "what"], set_=more))


def add_refusals(session: Session, refusals: Sequence[Refusal]) -> None:
    """Writes down what was refused."""
    session.add_all(HookRefusal(provider=each.provider, why=each.why, at=each.at) for each in refusals)


def unproven(session: Session) -> int:
    """Returns how many calls wait for a certificate."""
    return session.scalar(select(func.count()).select_from(HookCall).where(HookCall.state == _UNPROVEN)) or 0


def has_work(session: Session, *, now: datetime) -> bool:
    """Tells whether a call or a fact is due."""
    for table, states in ((HookCall, (_WAITING, _UNPROVEN)), (HookFact, (_WAITING,))):
        due = select(table.id).where(table.state.in_(states), table.due_at <= now)
        if session.scalar(due.limit(1)) is not None:
            return True
    return False


def due_calls(session: Session, *, now: datetime, limit: int) -> list[WaitingCall]:
    """Returns the calls that are due, those that are proven first, oldest first, at most `limit`."""
    found: list[WaitingCall] = []
    # One state after the other: each is read along its index, however many wait.
    for state, most in ((_WAITING, limit), (_UNPROVEN, _MOST_UNPROVEN_AT_ONCE)):
        due = select(HookCall).where(HookCall.state == state, HookCall.due_at <= now)
        found += [
            WaitingCall(row.id, Provider(row.provider), row.body, row.came_at, row.state == _WAITING)
            for row in session.scalars(due.order_by(HookCall.due_at, HookCall.id).limit(min(most, limit - len(found))))
        ]
    return found


def put_off_calls(session: Session, ids: Collection[int], *, until: datetime) -> None:
    """Lets calls wait."""
    if ids:
        session.execute(update(HookCall).where(HookCall.id.in_(ids)).values(due_at=until))


def close_calls(session: Session, ids: Collection[int]) -> set[int]:
    """Notes that calls were read and lets go of their bodies; returns those that were not read before."""
    if not ids:
        return set()
    mine = update(HookCall).where(HookCall.id.in_(ids), HookCall.state != _READ)
    return set(session.scalars(mine.values(state=_READ, body=b"").returning(HookCall.id)))


def add_facts(session: Session, provider: Provider, facts: Iterable[Fact], *, now: datetime) -> int:
    """Keeps facts, each once, to be settled at once; returns how many had not been told before."""
    rows = [
        {"id": fact.id, "provider": provider, "state": _WAITING, "told": _told(fact), "came_at": now, "due_at": now}
        for fact in facts
    ]
    return upsert(session, HookFact, rows, keys=["id"])


def due_facts(session: Session, *, now: datetime, limit: int) -> list[WaitingFact]:
    """Returns the facts that are due, oldest first, at most `limit`."""
    due = select(HookFact).where(HookFact.state == _WAITING, HookFact.due_at <= now)
    return [
        WaitingFact(Provider(row.provider), _fact(row.id, row.told), row.came_at)
        for row in session.scalars(due.order_by(HookFact.due_at).limit(limit))
    ]


def close_facts(session: Session, ids: Collection[str]) -> None:
    """Notes that facts are done with, and lets go of what they told; their ids stay."""
    session.execute(update(HookFact).where(HookFact.id.in_(ids)).values(state=_DONE, told={}))


def put_off_facts(session: Session, ids: Collection[str], *, until: datetime) -> None:
    """Lets facts wait for their delivery."""
    session.execute(update(HookFact).where(HookFact.id.in_(ids)).values(due_at=until))


def certificate(session: Session, url: str) -> tuple[str, datetime] | None:
    """Returns a certificate and when it was fetched; None where nobody has asked. Empty: there was none."""
    row = session.get(HookCertificate, url)
    return None if row is None else (row.pem, row.fetched_at)


def keep_certificate(session: Session, url: str, pem: str, *, now: datetime) -> None:
    """Keeps a certificate, or that there is none."""
    row = {"url": url, "pem": pem, "fetched_at": now}
    upsert(session, HookCertificate, [row], keys=["url"], update=["pem", "fetched_at"])


def forget(session: Session, *, before: datetime, counts_before: date, limit: int = 2_000) -> int:
    """Deletes what was read or settled before a moment, old sums, certificates and refusals, at most `limit` of each.

    Returns how many rows went; call it again until none did.
    """
    calls = select(HookCall.id).where(HookCall.state == _READ, HookCall.due_at < before).limit(limit)
    facts = select(HookFact.id).where(HookFact.state == _DONE, HookFact.due_at < before).limit(limit)
    newest = select(func.coalesce(func.max(HookRefusal.id), 0) - KEPT_REFUSALS).scalar_subquery()
    refused = select(HookRefusal.id).where(HookRefusal.id <= newest).order_by(HookRefusal.id).limit(limit)
    gone = (
        delete(HookRefusal).where(HookRefusal.id.in_(refused)),
        delete(HookCall).where(HookCall.id.in_(calls)),
        delete(HookFact).where(HookFact.id.in_(facts)),
        delete(HookCertificate).where(HookCertificate.fetched_at < before),
        delete(HookCount).where(HookCount.on < counts_before),
    )
    return sum(changed(session, each.execution_options(synchronize_session=False)) for each in gone)


def standing(session: Session, *, since: date) -> Standing:
    """Returns what waits, counted up to MOST_COUNTED, and the sums since a day."""
    rows = session.execute(
        select(HookCount.provider, HookCount.what, func.sum(HookCount.number), func.max(HookCount.last_at))
        .where(HookCount.on >= since)
        .group_by(HookCount.provider, HookCount.what)
        .order_by(HookCount.provider, HookCount.what)
    )
    counts = tuple(Count(Provider(provider), what, int(number), last_at) for provider, what, number, last_at in rows)
    waits = HookCall.state.in_((_WAITING, _UNPROVEN))
    calls = _up_to(session, select(HookCall.id).where(waits))
    oldest = session.scalar(select(HookCall.came_at).where(waits).order_by(HookCall.due_at).limit(1)) if calls else None
    facts = _up_to(session, select(HookFact.id).where(HookFact.state == _WAITING))
    refused = session.scalars(select(HookRefusal).order_by(HookRefusal.id.desc()).limit(_SHOWN_REFUSALS))
    shown = tuple(Refusal(row.at, Provider(row.provider), row.why) for row in refused)
    return Standing(since, counts, calls, facts, oldest, shown)


def _up_to(session: Session, rows: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(rows.limit(MOST_COUNTED).subquery())) or 0


def tallied(pairs: Iterable[tuple[Provider, str]]) -> Counter[tuple[Provider, str]]:
    """Returns how often each came."""
    return Counter(pairs)


def _told(fact: Fact) -> dict[str, Any]:
    told = asdict(fact)
    del told["id"]
    return told | {"at": None if fact.at is None else fact.at.isoformat()}


def _fact(id_: str, told: Mapping[str, Any]) -> Fact:
    at = told["at"]
    columns = dict(told) | {
        "kind": FactKind(told["kind"]),
        "at": None if at is None else datetime.fromisoformat(at),
        "message_ids": tuple(told["message_ids"]),
        "addressed": tuple(told["addressed"]),
    }
    return Fact(id=id_, **columns)
