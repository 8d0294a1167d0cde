"""Two clocks and four workers are killed, hints are lost, the broker is wiped: every reader gets it once."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from curator.app import TEMPLATES, utc_now
from curator.db import Database
from curator.demo.rehearsal import scene
from curator.events.inbox import store as inbox
from curator.events.inbox.take import Intake
from curator.events.providers.judge import Doors
from curator.issues.render import Renderer
from curator.issues.tables import Issue
from curator.mailings import mime, store
from curator.mailings.tables import Delivery
from curator.mailings.values import DeliveryState, MailingState, MailingView
from curator.newsletters import edit
from curator.queue.celery_app import queue_name
from curator.queue.kick import Lane
from curator.queue.tables import Job, ScheduleRun
from curator.tokens import Keys
from curator.webhooks import edit as edit_webhooks
from curator.webhooks import store as webhooks
from curator.webhooks.tables import WebhookCall
from curator.webhooks.values import CallState, EndpointForm, Kind
from tests.events.providing import MAILGUN_KEY, mailgun_call
from tests.http.servers import Site, running_site
from tests.scaled.broker import Broker
from tests.scaled.machines import SECRET, Machines, environ_of, until
from tests.scaled.relay import SlowRelay

_SEED = 4
_RECIPIENTS = 3_000
_KILLS = 16
_PURGES = 8
_CALLS = 200
_LONGEST_S = 170.0
"""Twice what it takes on two quiet cores."""


def test_clocks_and_workers_are_killed_and_hints_lost_and_nobody_is_mailed_twice_or_never(
    broker: Broker, shared_database: Database, machines_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db, random = shared_database, Random(_SEED)
    with SlowRelay(_SEED) as relay, running_site() as site:
        site.put("/hook")
        _announce(db, site)
        newsletter_ids = [_planned_newsletter(db, number) for number in range(2)]
        scene.set_up(db, Renderer(TEMPLATES), recipients=_RECIPIENTS, now=utc_now())
        machines = Machines(machines_dir, environ_of(db, broker.url, relay.port), random)
        try:
            _disturb(machines, broker, relay, random)
            is_over = until(lambda: _is_over(db), within_s=_LONGEST_S)
            assert is_over, f"at {relay.accepted} of {_RECIPIENTS}\n" + "\n".join(machines.logs())
            assert until(lambda: _slots(db) >= 8, within_s=60)
            assert until(lambda: _is_heard_and_called(db), within_s=60)
            statuses = machines.drain()
        finally:
            machines.end()
        assert statuses == [0] * 6, "\n".join(machines.logs())
        _check_every_reader(db, relay, machines, capsys)
        _check_calls(db, site)
    _check_slots(db, newsletter_ids)


def _announce(db: Database, site: Site) -> None:
    """Lets a provider tell things, and an endpoint have calls to come, for the kills to fall between."""
    keys, now = Keys.from_secret(SECRET), utc_now()
    form = EndpointForm("CRM", site.url("/hook"), (Kind.ITEM_PICKED, Kind.MAILING_FINISHED))
    edit_webhooks.make(db, form, chance=b"c" * 32, keys=keys, by=None, now=now, allow_private=True)
    with db.write() as session:
        for number in range(_CALLS):
            webhooks.announce(session, Kind.ITEM_PICKED, {"item_id": number}, now=now)
    intake = Intake(db, Doors(mailgun_key=MAILGUN_KEY))
    for number in range(_CALLS):
        intake.take(mailgun_call({"event": "opened", "id": str(number)}, at=now, token=f"t{number}"), now=now)


def _is_heard_and_called(db: Database) -> bool:
    with db.read() as session:
        waiting = select(func.count()).where(WebhookCall.state != CallState.DELIVERED)
        return inbox.standing(session, since=utc_now().date()).calls == 0 and session.scalar(waiting) == 0


def _check_calls(db: Database, site: Site) -> None:
    told = Counter(headers["webhook-id"] for _, headers in site.asked)
    with db.read() as session:
        rows = dict(session.execute(select(WebhookCall.public_id, WebhookCall.kind)).all())  # type: ignore[arg-type]  # pairs
        sums = {each.what: each.number for each in inbox.standing(session, since=utc_now().date()).counts}
    assert set(told) == set(rows), "every call was made, each under its own id"
    assert Counter(rows.values()) == {Kind.ITEM_PICKED: _CALLS, Kind.MAILING_FINISHED: 1}
    assert sums == {"taken": _CALLS, "nothing to do": _CALLS}, "each is read once"


def _disturb(machines: Machines, broker: Broker, relay: SlowRelay, random: Random) -> None:
    """Does what is to befall them, each at its number of accepted messages, all before the last tenth."""
    acts = [machines.kill_one] * _KILLS + [lambda: _purge(broker)] * _PURGES + [lambda: _wipe(broker)]
    random.shuffle(acts)
    moments = sorted(random.sample(range(_RECIPIENTS * 9 // 10), len(acts)))
    for moment, act in zip(moments, acts, strict=True):
        assert until(lambda moment=moment: relay.accepted >= moment, within_s=60), (  # type: ignore[misc]  # see mypy 4226
            f"nothing moved at {relay.accepted}\n" + "\n".join(machines.logs())
        )
        act()


def _purge(broker: Broker) -> None:
    for lane in Lane:
        broker.purge(queue_name(lane))


def _wipe(broker: Broker) -> None:
    broker.kill(is_wiped=True)
    broker.start()


def _check_every_reader(db: Database, relay: SlowRelay, machines: Machines, capsys: pytest.CaptureFixture[str]) -> None:
    view, keys, accepted = _mailing(db), Keys.from_secret(SECRET), relay.message_ids
    with db.read() as session:
        states = {row[0]: row[1] for row in session.execute(select(Delivery.subscriber_id, Delivery.state))}
    ids = {
        id_: mime.message_id(keys, mailing_id=view.id, subscriber_id=id_, domain=scene.SENDER_DOMAIN) for id_ in states
    }
    counts = Counter(DeliveryState(state) for state in states.values())
    told = {"kills": machines.kills, **{str(state): number for state, number in counts.items()}}
    with capsys.disabled():
        print(f"\n{json.dumps(told)}")  # noqa: T201 - the figures of this run
    assert view.state is MailingState.FINISHED
    assert view.balance.is_even
    assert len(states) == view.balance.candidates == _RECIPIENTS
    assert set(counts) <= {DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.IN_DOUBT}
    assert max(accepted.values()) == 1, "somebody got it twice"
    assert set(accepted) <= set(ids.values())
    lost = [id_ for id_, state in states.items() if state == DeliveryState.SENT and accepted[ids[id_]] != 1]
    assert lost == []
    refused = [id_ for id_, state in states.items() if state == DeliveryState.REFUSED and accepted[ids[id_]] != 0]
    assert refused == []
    # Each kill ends at most as many connections as its processes sent over: a whole worker has four threads that may.
    assert counts[DeliveryState.IN_DOUBT] <= machines.kills["worker"] * 4 + machines.kills["worker's child"] * 2


def _check_slots(db: Database, newsletter_ids: list[int]) -> None:
    with db.read() as session:
        slots = session.execute(select(ScheduleRun.schedule_id, ScheduleRun.slot)).all()
        payloads = session.scalars(select(Job.payload).where(Job.task == "draft_issue")).all()
        drafted = session.execute(
            select(Issue.newsletter_id, func.count())
            .where(Issue.newsletter_id.in_(newsletter_ids))
            .group_by(Issue.newsletter_id)
        )
        issues = {row[0]: row[1] for row in drafted}
    queued = Counter((payload["newsletter_id"], payload["slot"]) for payload in payloads)
    assert len(queued) == len(slots) >= 8
    assert set(queued.values()) == {1}, "two clocks queued one slot"
    assert sum(issues.values()) <= len(slots)


def _planned_newsletter(db: Database, number: int) -> int:
    """Makes a newsletter of which several days' slots are due at once."""
    form = scene._form(utc_now())
    cadence = replace(form.cadence, weekdays=tuple(range(7)))
    return edit.create(db, replace(form, slug=f"day-{number}", cadence=cadence, draft_lead_hours=24 * 5), now=utc_now())


def _slots(db: Database) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(ScheduleRun)) or 0


def _is_over(db: Database) -> bool:
    with db.read() as session:
        return any(view.state.is_final for view in store.mailings(session))


def _mailing(db: Database) -> MailingView:
    with db.read() as session:
        (view,) = store.mailings(session)
    return view
