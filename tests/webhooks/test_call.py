"""Calls to others' programs: signed, tried again, given up, and never lost by a kill."""

import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from curator.activity.tables import Activity
from curator.db import Database
from curator.errors import ConflictError, InvalidError, StateError
from curator.http.client import GuardedFetcher
from curator.http.values import Fetcher, Limits
from curator.tokens import Keys
from curator.webhooks import edit, signing, store
from curator.webhooks.call import Caller, call_endpoint
from curator.webhooks.tables import WebhookCall
from curator.webhooks.values import CallRow, CallState, Endpoint, EndpointForm, Kind
from tests.activity.taking_back import taken_back
from tests.conftest import FakeClock
from tests.flow.killing import statements_until_done
from tests.http.servers import Site, raw_server, running_site

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
KEYS = Keys.from_secret("k" * 40)
CHANCE = b"c" * 32


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        site.put("/hook", b"thanks")
        yield site


def form(url: str, *kinds: Kind, **more: object) -> EndpointForm:
    return replace(EndpointForm("CRM", url, kinds or (Kind.ISSUE_SENT,)), **more)  # type: ignore[arg-type]  # fields


def made(db: Database, url: str, *kinds: Kind, **more: object) -> tuple[int, str]:
    return edit.make(db, form(url, *kinds, **more), chance=CHANCE, keys=KEYS, by=1, now=NOW, allow_private=True)


def tell(db: Database, kind: Kind = Kind.ISSUE_SENT, now: datetime = NOW, **more: object) -> int:
    with db.write() as session:
        return store.announce(session, kind, {"issue_id": 7}, now=now, **more)  # type: ignore[arg-type]  # as it takes them


def fetcher() -> Fetcher:
    return GuardedFetcher(Limits(), user_agent="Curator", allow_private=True)


def call(db: Database, endpoint_id: int, clock: FakeClock) -> bool:
    return call_endpoint(Caller(db, fetcher(), KEYS, clock, random.Random(1)), endpoint_id)


def calls(db: Database, endpoint_id: int) -> list[CallRow]:
    with db.read() as session:
        return store.calls(session, endpoint_id)


def endpoint(db: Database, endpoint_id: int) -> Endpoint:
    with db.read() as session:
        return store.endpoint(session, endpoint_id)


def is_signed(site: Site, secret: str) -> bool:
    headers, body = site.asked[-1][1], site.posted[-1]
    right = signing.signature(secret, headers["webhook-id"], headers["webhook-timestamp"], body)
    return right in headers["webhook-signature"].split()


def test_what_happened_is_told_signed_and_once(database: Database, site: Site) -> None:
    endpoint_id, secret = made(database, site.url("/hook"))
    assert tell(database, newsletter_id=3) == 1
    assert tell(database, Kind.ITEM_PICKED) == 0, "it did not ask for that"
    assert not call(database, endpoint_id, FakeClock(NOW))
    [body] = site.posted
    assert json.loads(body) == {
        "type": "issue.sent",
        "timestamp": NOW.isoformat(),
        "data": {"newsletter_id": 3, "issue_id": 7},
    }
    assert is_signed(site, secret)
    assert site.asked[-1][1]["accept-encoding"] == "identity", "what is packed nobody reads at the desk"
    [row] = calls(database, endpoint_id)
    assert (row.state, row.attempts[0].status, row.attempts[0].words) == (CallState.DELIVERED, 200, "thanks")
    call(database, endpoint_id, FakeClock(NOW + timedelta(days=1)))
    assert len(site.posted) == 1


def test_no_address_leaves_unless_the_endpoint_is_set_to_get_it(database: Database, site: Site) -> None:
    plain, _ = made(database, site.url("/hook"), Kind.SUBSCRIBER_LEFT)
    told, _ = made(database, site.url("/hook"), Kind.SUBSCRIBER_LEFT, gets_personal=True)
    personal = {"address": "ada@example.org"}
    assert tell(database, Kind.SUBSCRIBER_LEFT, personal=personal, address_key="ada@example.org") == 2
    assert ["ada@" in calls(database, each)[0].body for each in (plain, told)] == [False, True]
    with database.read() as session:
        keys = session.execute(select(WebhookCall.endpoint_id, WebhookCall.address_key)).all()
    assert sorted(map(tuple, keys)) == [(plain, None), (told, "ada@example.org")], "found when somebody is erased"


def test_an_endpoint_of_one_newsletter_hears_of_that_one(database: Database, site: Site) -> None:
    made(database, site.url("/hook"), newsletter_id=2)
    assert [tell(database, newsletter_id=each) for each in (1, 2, None)] == [0, 1, 0]


def test_a_call_that_fails_is_made_again_later_under_its_id_and_given_up_in_the_end(
    database: Database, site: Site
) -> None:
    site.put("/hook", b"no\0t now", status=500)
    endpoint_id, _ = made(database, site.url("/hook"))
    tell(database)
    clock = FakeClock(NOW)
    for _ in range(60):
        call(database, endpoint_id, clock)
        clock.advance(timedelta(hours=2))
        if calls(database, endpoint_id)[0].state is not CallState.WAITING:
            break
    [row] = calls(database, endpoint_id)
    assert len({headers["webhook-id"] for _, headers in site.asked}) == 1
    assert row.attempts[0].words == "no t now"
    found = endpoint(database, endpoint_id)
    assert not found.is_on, "three days without a success switch it off"
    assert "answered 500" in found.off_reason
    with database.read() as session:
        assert [each.id for each in store.switched_off(session)] == [endpoint_id]
    assert tell(database) == 0
    site.put("/hook", b"well again")
    edit.switch(database, endpoint_id, is_on=True, by=1, now=clock())
    if row.state is not CallState.WAITING:
        edit.send_again(database, row.id, by=1, now=clock())
    call(database, endpoint_id, FakeClock(clock() + timedelta(hours=30)))
    assert calls(database, endpoint_id)[0].state is CallState.DELIVERED
    assert endpoint(database, endpoint_id).failing_since is None


def test_a_redirect_is_no_success_and_is_not_followed(database: Database, site: Site) -> None:
    site.put("/elsewhere", b"got it")
    site.put("/hook", status=302, headers={"Location": "/elsewhere"})
    endpoint_id, _ = made(database, site.url("/hook"))
    tell(database)
    call(database, endpoint_id, FakeClock(NOW))
    assert [path for path, _ in site.asked] == ["/hook"]
    assert calls(database, endpoint_id)[0].attempts[0].status == 302


def test_an_endpoint_that_is_gone_is_switched_off_at_once(sqlite_database: Database, site: Site) -> None:
    site.put("/hook", status=410)
    endpoint_id, _ = made(sqlite_database, site.url("/hook"))
    tell(sqlite_database)
    call(sqlite_database, endpoint_id, FakeClock(NOW))
    assert "410" in endpoint(sqlite_database, endpoint_id).off_reason


def test_an_endpoint_that_does_not_answer_is_asked_once_a_minute(sqlite_database: Database, site: Site) -> None:
    endpoint_id, _ = made(sqlite_database, "http://127.0.0.1:9/hook")
    for _ in range(3):
        tell(sqlite_database)
    clock = FakeClock(NOW)
    assert not call(sqlite_database, endpoint_id, clock), "it rests, and holds up nobody"
    assert sum(len(row.attempts) for row in calls(sqlite_database, endpoint_id)) == 1
    call(sqlite_database, endpoint_id, FakeClock(NOW + timedelta(minutes=2)))
    assert sum(len(row.attempts) for row in calls(sqlite_database, endpoint_id)) == 2
    words = calls(sqlite_database, endpoint_id)[-1].attempts[0].words
    assert "127.0.0.1" in words


def test_a_private_address_is_refused_where_no_setting_allows_it(sqlite_database: Database, site: Site) -> None:
    with pytest.raises(InvalidError):
        edit.make(sqlite_database, form("ftp://x.example/"), chance=CHANCE, keys=KEYS, by=1, now=NOW)
    with pytest.raises(InvalidError, match="https"):
        edit.make(sqlite_database, form("http://x.example/hook"), chance=CHANCE, keys=KEYS, by=1, now=NOW)
    endpoint_id, _ = made(sqlite_database, site.url("/hook"))
    tell(sqlite_database)
    guarded = GuardedFetcher(Limits(), user_agent="Curator")
    clock = FakeClock(NOW)
    call_endpoint(Caller(sqlite_database, guarded, KEYS, clock, random.Random(1)), endpoint_id)
    assert site.posted == []
    assert calls(sqlite_database, endpoint_id)[0].attempts[0].status is None


def test_a_name_that_leads_elsewhere_by_now_is_looked_up_and_guarded_each_time(
    sqlite_database: Database, site: Site
) -> None:
    leads_to = ["127.0.0.1"]
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return leads_to

    url = f"http://crm.example:{site.port}/hook"
    endpoint_id, _ = made(sqlite_database, url)
    clock = FakeClock(NOW)
    own = GuardedFetcher(Limits(), user_agent="Curator", allow_private=True, resolve=resolve)
    for address in ("127.0.0.1", "169.254.169.254"):
        leads_to[:] = [address]
        tell(sqlite_database, now=clock())
        call_endpoint(Caller(sqlite_database, own, KEYS, clock, random.Random(1)), endpoint_id)
    assert len(site.posted) == 1, "no cloud's metadata, whatever the setting"
    assert asked == ["crm.example"] * 2, "what was looked up is what is dialled"
    assert "no public address" in calls(sqlite_database, endpoint_id)[0].attempts[0].words


def test_of_an_answer_without_end_the_beginning_is_read(sqlite_database: Database) -> None:
    sent: list[int] = []

    def pours(line: socket.socket, over: threading.Event) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
        while not over.is_set():
            try:
                sent.append(line.send(b"x" * 65_536))
            except OSError:
                return

    with raw_server(pours) as url:
        endpoint_id, _ = made(sqlite_database, f"{url}/hook")
        tell(sqlite_database)
        call(sqlite_database, endpoint_id, FakeClock(NOW))
    [row] = calls(sqlite_database, endpoint_id)
    assert (row.state, row.attempts[0].words) == (CallState.DELIVERED, "x" * 400)
    assert sum(sent) < 20_000_000


def test_an_endpoint_that_hangs_is_left_after_its_time(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trickles(line: socket.socket, over: threading.Event) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n")
        with suppress(OSError):
            while not over.wait(0.05):
                line.sendall(b"X-More: 1\r\n")

    monkeypatch.setattr("curator.webhooks.call.LIMITS", Limits(connect_s=1, read_s=1, total_s=0.3, max_bytes=4_096))
    with raw_server(trickles) as url:
        endpoint_id, _ = made(sqlite_database, f"{url}/hook")
        tell(sqlite_database)
        call(sqlite_database, endpoint_id, FakeClock(NOW))
    [row] = calls(sqlite_database, endpoint_id)
    assert (row.state, row.attempts[0].status) == (CallState.WAITING, None)
    assert "longer than 0.3 s" in row.attempts[0].words


def test_a_signature_bears_the_moment_of_its_attempt(sqlite_database: Database, site: Site) -> None:
    site.put("/hook", status=500)
    endpoint_id, secret = made(sqlite_database, site.url("/hook"))
    tell(sqlite_database)
    for hours in (0, 30):
        call(sqlite_database, endpoint_id, FakeClock(NOW + timedelta(hours=hours)))
        assert is_signed(site, secret)
    stamps = [int(headers["webhook-timestamp"]) for _, headers in site.asked]
    assert stamps == [int(NOW.timestamp()), int(NOW.timestamp()) + 30 * 3600], "or its receiver would call it a replay"


def test_the_list_shows_what_waits_and_when_one_was_taken_last(database: Database, site: Site) -> None:
    for _ in range(2):
        made(database, site.url("/hook"))
    tell(database)
    call(database, 1, FakeClock(NOW))
    tell(database)
    with database.read() as session:
        rows = store.endpoint_rows(session)
    assert [(row.endpoint.id, row.waiting, row.delivered_at) for row in rows] == [(1, 1, NOW), (2, 2, None)]


def test_two_secrets_sign_for_a_day_after_a_new_one(sqlite_database: Database, site: Site) -> None:
    endpoint_id, old = made(sqlite_database, site.url("/hook"))
    new = edit.renew_secret(sqlite_database, endpoint_id, chance=b"n" * 32, keys=KEYS, by=1, now=NOW)
    for hours, old_signs in ((1, True), (25, False)):
        tell(sqlite_database, now=NOW + timedelta(hours=hours))
        call(sqlite_database, endpoint_id, FakeClock(NOW + timedelta(hours=hours)))
        assert (is_signed(site, new), is_signed(site, old)) == (True, old_signs)
    with sqlite_database.read() as session:
        assert all(old not in str(row.after) for row in session.scalars(select(Activity)))


def test_a_test_is_sent_once_even_where_the_endpoint_is_off(sqlite_database: Database, site: Site) -> None:
    site.put("/hook", status=500)
    endpoint_id, _ = made(sqlite_database, site.url("/hook"))
    edit.switch(sqlite_database, endpoint_id, is_on=False, by=1, now=NOW)
    edit.test(sqlite_database, endpoint_id, by=1, now=NOW)
    call(sqlite_database, endpoint_id, FakeClock(NOW))
    [row] = calls(sqlite_database, endpoint_id)
    assert (row.kind, row.state) == (Kind.TEST, CallState.GIVEN_UP)
    assert endpoint(sqlite_database, endpoint_id).failing_since is None


def test_what_waits_is_not_sent_again_by_hand(sqlite_database: Database, site: Site) -> None:
    endpoint_id, _ = made(sqlite_database, site.url("/hook"))
    tell(sqlite_database)
    [row] = calls(sqlite_database, endpoint_id)
    with pytest.raises(StateError):
        edit.send_again(sqlite_database, row.id, by=1, now=NOW)
    call(sqlite_database, endpoint_id, FakeClock(NOW))
    edit.send_again(sqlite_database, row.id, by=1, now=NOW)
    call(sqlite_database, endpoint_id, FakeClock(NOW))
    assert len({headers["webhook-id"] for _, headers in site.asked}) == 1
    assert len(site.posted) == 2
    edit.remove(sqlite_database, endpoint_id, is_removed=True, by=1, now=NOW)
    with pytest.raises(StateError, match="removed"):
        edit.send_again(sqlite_database, row.id, by=1, now=NOW)


def test_changes_of_an_endpoint_can_be_taken_back(sqlite_database: Database, site: Site) -> None:
    endpoint_id, _ = made(sqlite_database, site.url("/hook"))
    other = form(site.url("/other"), Kind.ITEM_PICKED, name="Other")
    changing = {"by": 1, "now": NOW, "allow_private": True}
    edit.change(sqlite_database, endpoint_id, other, expected_version=1, **changing)  # type: ignore[arg-type]  # as it takes them
    with pytest.raises(ConflictError):
        edit.change(sqlite_database, endpoint_id, form("http://x.example/"), expected_version=1, **changing)  # type: ignore[arg-type]  # likewise
    taken_back(sqlite_database)
    assert endpoint(sqlite_database, endpoint_id).form == form(site.url("/hook"))
    edit.remove(sqlite_database, endpoint_id, is_removed=True, by=1, now=NOW)
    assert tell(sqlite_database) == 0
    taken_back(sqlite_database)
    edit.switch(sqlite_database, endpoint_id, is_on=False, by=1, now=NOW)
    assert tell(sqlite_database) == 0
    taken_back(sqlite_database)
    assert tell(sqlite_database) == 1


def test_old_calls_are_forgotten_with_their_attempts(sqlite_database: Database, site: Site) -> None:
    endpoint_id, _ = made(sqlite_database, site.url("/hook"))
    tell(sqlite_database)
    call(sqlite_database, endpoint_id, FakeClock(NOW))
    with sqlite_database.write() as session:
        assert store.prune(session, before=NOW) == 0
        assert store.prune(session, before=NOW + timedelta(seconds=1)) == 1
        assert session.scalar(select(func.count()).select_from(WebhookCall)) == 0


def _call(database: Database, endpoint_id: int) -> None:
    call_endpoint(Caller(database, fetcher(), KEYS, lambda: NOW, random.Random(1)), endpoint_id)


@pytest.mark.slow
def test_a_kill_at_any_step_loses_no_call_and_keeps_its_id(database: Database, site: Site) -> None:
    endpoint_id, _ = made(database, site.url("/hook"))
    tell(database)
    url, step = database.url.render_as_string(hide_password=False), 0
    while not statements_until_done(_call, url, kill_before=(step := step + 1), arguments=(endpoint_id,)):
        assert step < 60
    assert [row.state for row in calls(database, endpoint_id)] == [CallState.DELIVERED]
    assert site.posted
    assert len({headers["webhook-id"] for _, headers in site.asked}) == 1
