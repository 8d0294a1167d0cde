"""The inbox of providers' calls: each counts once, finds its delivery, and reaches the arrows of events."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from curator.audience import steps, subscribe
from curator.audience.record import store as record
from curator.audience.steps import Step
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import Subscriber, Subscription, Suppression
from curator.audience.values import ConsentStep, SubscriptionState, SuppressionReason
from curator.db import Database
from curator.events.inbox import store, work
from curator.events.inbox.take import Intake
from curator.events.inbox.values import Refusal
from curator.events.providers.judge import Call, Why
from curator.events.providers.values import Provider
from curator.events.tables import Event, HookCall, HookFact, HookRefusal
from curator.http.memory import MemoryFetcher
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, LetterState
from curator.mailings import mime
from curator.mailings.return_path import OfDelivery, return_token
from curator.mailings.tables import Delivery, Mailing
from curator.mailings.values import DeliveryState
from curator.tokens import Keys
from tests import builders
from tests.events import providing as p
from tests.events.scene import NOW, Sent, counters, deliver, events, sent

KEYS = Keys.from_secret("k" * 40)


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database, readers=4)


def our_id(line: Sent, reader: int) -> str:
    return mime.message_id(KEYS, mailing_id=line.mailing_id, subscriber_id=reader, domain="podcast.example")


def mark(line: Sent, reader: int) -> str:
    return our_id(line, reader).strip("<>").partition("@")[0]


def take(db: Database, *calls: Call, now: datetime = NOW) -> list[Why]:
    intake = Intake(db, p.doors())
    return [intake.take(call, now=now) for call in calls]


def read(db: Database, *, now: datetime = NOW, fetcher: MemoryFetcher | None = None) -> None:
    assert not work.work(work.Reading(db, KEYS, p.doors(), fetcher or amazon()), now=now)


def amazon() -> MemoryFetcher:
    fetcher = MemoryFetcher()
    fetcher.put(p.CERTIFICATE_URL, p.certificate().encode())
    fetcher.put(p.CONFIRM_URL, b"<ConfirmSubscriptionResponse/>")
    return fetcher


def counts(db: Database) -> dict[tuple[str, str], int]:
    with db.read() as session:
        standing = store.standing(session, since=NOW.date() - timedelta(days=30))
    return {(str(each.provider), each.what): each.number for each in standing.counts}


def facts(line: Sent) -> dict[int, set[str]]:
    with line.db.read() as session:
        rows = session.execute(select(Event.subscriber_id, Event.kind).where(Event.mailing_id == line.mailing_id))
        found: dict[int, set[str]] = {}
        for reader, kind in rows:
            found.setdefault(reader, set()).add(str(kind))
    return found


def mailgun(line: Sent, reader: int, event: str, *, token: str, **more: Any) -> Call:
    headers = {"message-id": our_id(line, reader).strip("<>")}
    told = {"event": event, "id": token, "message": {"headers": headers}, "timestamp": NOW.timestamp(), **more}
    return p.mailgun_call(told, at=NOW, token=token)


def test_facts_reach_their_deliveries_and_count_once(line: Sent) -> None:
    gone, angry, left, well = line.readers
    hard = {"severity": "permanent", "delivery-status": {"code": 550, "message": "5.1.1 no such user"}}
    calls = [
        mailgun(line, gone, "failed", token="a", **hard),
        mailgun(line, angry, "complained", token="b"),
        mailgun(line, left, "unsubscribed", token="c"),
        mailgun(line, well, "delivered", token="d"),
        mailgun(line, well, "opened", token="e"),
    ]
    assert take(line.db, *calls) == [Why.TAKEN] * 5
    read(line.db)
    assert facts(line) == {gone: {"bounced"}, angry: {"complained"}, left: {"unsubscribed"}, well: {"delivered"}}
    with line.db.read() as session:
        reasons = sorted(str(each) for each in session.scalars(select(Suppression.reason)))
        assert reasons == ["bounced", "complained"]
        states = dict(session.execute(select(Subscription.subscriber_id, Subscription.state)).all())  # type: ignore[arg-type]  # pairs
        assert [str(states[each]) for each in (left, well)] == ["ended", "active"]
        mailing = session.get_one(Mailing, line.mailing_id)
        assert (mailing.hard_bounces, mailing.complaints) == (1, 1)
        assert session.scalar(select(func.sum(func.length(HookCall.body)))) == 0, "no body is kept"
    counted = counters(line.db, line.mailing_id)
    assert (counted.bounced, counted.unsubscribed, counted.complained, counted.delivered) == (1, 1, 1, 1)
    # The provider tells it all again, in calls of its own.
    take(line.db, *(mailgun(line, reader, "delivered", token=f"d{reader}") for reader in [well]))
    read(line.db)
    assert facts(line)[well] == {"delivered"}


def test_a_call_that_was_sent_before_is_refused_where_providers_sign_once(line: Sent) -> None:
    call = mailgun(line, line.readers[0], "delivered", token="a")
    assert take(line.db, call, call) == [Why.TAKEN, Why.REPLAYED]
    hook = p.sendgrid_call([{"event": "delivered", "sg_event_id": "1"}], at=NOW)
    assert take(line.db, hook, hook) == [Why.TAKEN, Why.REPLAYED]
    same = p.postmark_call({"RecordType": "Delivery", "MessageID": "x"})
    assert take(line.db, same, same) == [Why.TAKEN, Why.AGAIN], "its retries are no attack"
    read(line.db)
    assert take(line.db, call) == [Why.REPLAYED], "read or not"
    assert counts(line.db)["mailgun", "replayed"] == 2


def test_many_threads_keep_their_calls_together_and_none_is_lost(line: Sent) -> None:
    intake = Intake(line.db, p.doors())
    calls = [mailgun(line, line.readers[0], "opened", token=f"t{number % 30}") for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        whys = list(pool.map(lambda call: intake.take(call, now=NOW), calls))
    assert sorted(whys) == [Why.REPLAYED] * 30 + [Why.TAKEN] * 30
    with line.db.read() as session:
        assert session.scalar(select(func.count()).select_from(HookCall)) == 30
    read(line.db)
    assert (counts(line.db)["mailgun", "taken"], counts(line.db)["mailgun", "replayed"]) == (30, 30)


def test_amazons_first_message_waits_for_the_certificate_and_later_ones_do_not(line: Sent) -> None:
    gone, well = line.readers[:2]
    bounce = p.ses_bounce("Permanent", "NoEmail", "5.1.1", "550 5.1.1 user unknown", message_id=our_id(line, gone))
    good, forged = p.sns(bounce, at=NOW, id_="1"), {**p.sns(bounce, at=NOW, id_="2"), "Message": "{}"}
    assert take(line.db, p.ses_call(good), p.ses_call(forged)) == [Why.UNPROVEN, Why.UNPROVEN]
    fetcher = amazon()
    read(line.db, fetcher=fetcher)
    assert facts(line) == {gone: {"bounced"}}
    assert counts(line.db)["ses", "forged"] == 1
    assert len(fetcher.asked) == 1, "the certificate is kept"
    source = f"bounces+{return_token(KEYS, OfDelivery(line.mailing_id, well))}@podcast.example"
    told = p.ses_message("Delivery", source=source, delivery={"recipients": ["r@example.org"]})
    assert take(line.db, p.ses_call(p.sns(told, at=NOW, id_="3"))) == [Why.TAKEN]
    assert take(line.db, p.ses_call({**p.sns(told, at=NOW, id_="4"), "Message": "{}"})) == [Why.FORGED]
    read(line.db)
    assert facts(line)[well] == {"delivered"}, "found by its return path"


def test_a_certificate_that_amazon_does_not_have_refuses_what_names_it(line: Sent) -> None:
    take(line.db, p.ses_call(p.sns("{}", at=NOW)))
    away = MemoryFetcher()
    away.fail(p.CERTIFICATE_URL)
    read(line.db, fetcher=away)
    assert ("ses", "forged") not in counts(line.db), "while Amazon is away, nothing is decided"
    gone = MemoryFetcher()
    gone.put(p.CERTIFICATE_URL, status=403)
    read(line.db, now=NOW + timedelta(minutes=6), fetcher=gone)
    assert counts(line.db)["ses", "forged"] == 1


def test_a_topic_that_the_settings_name_is_confirmed_and_no_other(line: Sent) -> None:
    fetcher = amazon()
    asked = {"Type": "SubscriptionConfirmation", "SubscribeURL": p.CONFIRM_URL, "Token": "t"}
    strange = asked | {"SubscribeURL": "https://evil.example/"}
    calls = [p.ses_call(p.sns("Confirm", at=NOW, id_=str(n), **each)) for n, each in enumerate((asked, strange))]
    other = p.ses_call(p.sns("Confirm", at=NOW, id_="9", **(asked | {"TopicArn": p.TOPIC + "-theirs"})))
    assert take(line.db, *calls, other)[-1] is Why.WRONG_TOPIC
    read(line.db, fetcher=fetcher)
    assert [each.url for each in fetcher.asked] == [p.CERTIFICATE_URL, p.CONFIRM_URL]
    assert counts(line.db)["ses", "topic confirmed"] == 1
    assert counts(line.db)["ses", "forged"] == 1


def test_an_event_before_its_delivery_waits_and_one_that_is_nobodys_is_dropped_with_a_count(line: Sent) -> None:
    late = max(line.readers) + 1
    take(
        line.db,
        mailgun(line, late, "delivered", token="a"),
        mailgun(line, late + 1, "delivered", token="c"),
        p.mailgun_call(
            {"event": "delivered", "id": "b", "message": {"headers": {"message-id": "x@y"}}}, at=NOW, token="b"
        ),
    )
    read(line.db)
    assert facts(line) == {}
    assert counts(line.db)["mailgun", "not ours"] == 1, "whoever shares the account sent it: nothing to wait for"
    deliver(line.db, line.mailing_id, (late,), state=DeliveryState.IN_DOUBT)
    read(line.db, now=NOW + timedelta(minutes=2))
    assert facts(line) == {late: {"delivered"}}
    with line.db.read() as session:
        assert session.get_one(Delivery, (line.mailing_id, late)).state == DeliveryState.SENT, "its doubt is settled"
    for days in range(6):
        read(line.db, now=NOW + timedelta(days=days, hours=1))
    assert counts(line.db)["mailgun", "unknown"] == 1
    with line.db.read() as session:
        assert set(session.scalars(select(HookFact.state))) == {"done"}
        assert all(told == {} for told in session.scalars(select(HookFact.told)))


def test_a_late_word_of_leaving_does_not_end_what_began_since(line: Sent) -> None:
    reader = line.readers[0]
    subscribe.unsubscribe(line.db, line.newsletter_id, reader, now=NOW, how="link")
    with line.db.write() as session:
        record.hold(session, reader)
        for step in (ConsentStep.ASKED, ConsentStep.CONFIRMED):
            steps.take(session, line.newsletter_id, reader, Step(step, NOW + timedelta(hours=1), "sign-up"))
    old, new = ((NOW + timedelta(hours=hours)).timestamp() for hours in (0.5, 2))
    take(line.db, _left(line, reader, "a", old))
    read(line.db, now=NOW + timedelta(hours=3))
    assert is_active(line, reader)
    take(line.db, _left(line, reader, "b", new))
    read(line.db, now=NOW + timedelta(hours=3))
    assert not is_active(line, reader)


def _left(line: Sent, reader: int, token: str, at_s: float) -> Call:
    return mailgun(line, reader, "unsubscribed", token=token, timestamp=at_s)


def is_active(line: Sent, reader: int) -> bool:
    with line.db.read() as session:
        found = record.subscription(session, line.newsletter_id, reader)
        return found is not None and found.state is SubscriptionState.ACTIVE


def test_what_is_told_of_one_newsletters_mail_ends_nothing_of_another(line: Sent) -> None:
    reader = line.readers[0]
    other = builders.newsletter_row(line.db, slug="other")
    with line.db.write() as session:
        record.hold(session, reader)
        for step in (ConsentStep.ASKED, ConsentStep.CONFIRMED):
            steps.take(session, other, reader, Step(step, NOW, "sign-up"))
    take(line.db, mailgun(line, reader, "unsubscribed", token="a"))
    read(line.db)
    assert not is_active(line, reader)
    assert is_active(replace(line, newsletter_id=other), reader)


def test_a_reader_who_was_erased_complains_without_words(line: Sent) -> None:
    gone = line.readers[0]
    with line.db.write() as session:
        session.execute(delete(Subscription).where(Subscription.subscriber_id == gone))
        session.execute(delete(Subscriber).where(Subscriber.id == gone))
    told = {
        "RecordType": "SpamComplaint",
        "ID": 7,
        "Details": "ada@example.org",
        "Metadata": {"curator": mark(line, gone)},
    }
    take(line.db, p.postmark_call(told))
    read(line.db)
    assert [each.detail for each in events(line.db)] == [""]


def test_reading_ends_with_its_turn_where_amazon_would_have_to_be_asked(line: Sent) -> None:
    take(line.db, *(p.ses_call(p.sns("{}", at=NOW, id_=str(n))) for n in range(3)))
    slow, turns = amazon(), iter((False, False, True, True))
    slow.fail(p.CERTIFICATE_URL)
    assert work.work(work.Reading(line.db, KEYS, p.doors(), slow), now=NOW, is_over=lambda: next(turns))
    assert len(slow.asked) == 1
    read(line.db)
    assert counts(line.db)["ses", "taken"] == 2, "the others were left as they were"


def test_those_who_invent_certificates_hold_up_nobody(line: Sent) -> None:
    path = "SimpleNotificationService-"
    invented = [p.CERTIFICATE_URL.replace(f"{path}0", f"{path}{number:016x}") for number in range(60)]
    take(line.db, *(p.ses_call(p.sns("{}", at=NOW, id_=url[-35:-19], SigningCertURL=url)) for url in invented))
    take(line.db, mailgun(line, line.readers[0], "delivered", token="a"))
    away = amazon()
    for url in invented:
        away.put(url, status=403)
    reading = work.Reading(line.db, KEYS, p.doors(), away)
    assert work.work(reading, now=NOW, is_over=lambda: bool(facts(line))), "it ends once the first fact is told"
    assert len(away.asked) <= 20, "what is proven comes between"


def test_our_mark_names_a_message_where_the_provider_gives_its_own_id(line: Sent) -> None:
    reader = line.readers[0]
    told = {"RecordType": "SpamComplaint", "ID": 7, "Metadata": {"curator": mark(line, reader)}}
    take(line.db, p.postmark_call(told))
    read(line.db)
    assert facts(line) == {reader: {"complained"}}
    forged = {"RecordType": "SpamComplaint", "ID": 8, "Metadata": {"curator": f"m{line.mailing_id}.s1.abcdefghijkl"}}
    take(line.db, p.postmark_call(forged))
    read(line.db)
    assert facts(line) == {reader: {"complained"}}, "nobody can make one up"


def test_what_was_read_is_forgotten_after_its_signature_is_good_for_nothing(line: Sent) -> None:
    call = mailgun(line, line.readers[0], "delivered", token="a")
    take(line.db, call)
    read(line.db)
    work.forget(line.db, now=NOW + timedelta(days=16))
    with line.db.read() as session:
        assert session.scalar(select(func.count()).select_from(HookCall)) == 0
    assert take(line.db, call, now=NOW + timedelta(days=16)) == [Why.STALE]


def test_a_body_without_sense_is_counted_and_keeps_nobody_waiting(line: Sent) -> None:
    odd = p.sns('{"notificationType": ["Bounce"]}', at=NOW, id_="1")
    broken = p.sns("{broken", at=NOW, id_="2")
    take(line.db, p.ses_call(odd), p.ses_call(broken), replace(p.postmark_call({}), body=b'{"RecordType": 7}'))
    read(line.db)
    assert counts(line.db)["ses", "not understood"] == 1


def test_of_refusals_the_first_of_a_minute_are_listed_and_the_newest_kept(line: Sent) -> None:
    intake = Intake(line.db, p.doors())
    forged = p.mailgun_call({}, at=NOW, key="another")
    for number in range(30):
        intake.take(forged, now=NOW + timedelta(seconds=number))
    intake.take(replace(forged, mimetype="text/html"), now=NOW + timedelta(minutes=1))
    take(line.db, p.ses_call({**p.sns("{}", at=NOW), "Message": "other"}))
    read(line.db)
    with line.db.read() as session:
        shown = store.standing(session, since=NOW.date()).refused
        assert session.scalar(select(func.count()).select_from(HookRefusal)) == 22
    assert [(str(each.provider), each.why) for each in shown[:3]] == [
        ("ses", "forged"),
        ("mailgun", "wrong type"),
        ("mailgun", "forged"),
    ]
    assert counts(line.db)["mailgun", "forged"] == 30, "and all are counted"
    with line.db.write() as session:
        store.add_refusals(session, [Refusal(NOW, Provider.SES, "stale")] * store.KEPT_REFUSALS)
    work.forget(line.db, now=NOW)
    with line.db.read() as session:
        assert set(session.scalars(select(HookRefusal.why))) == {"stale"}


def test_forgetting_goes_piece_by_piece(line: Sent) -> None:
    take(line.db, *(mailgun(line, line.readers[0], "delivered", token=f"t{n}") for n in range(3)))
    read(line.db)
    gone = []
    for _ in range(4):
        with line.db.write() as session:
            gone.append(store.forget(session, before=NOW + timedelta(days=1), counts_before=NOW.date(), limit=1))
    assert gone == [2, 2, 2, 0], "a call and a fact each time"


@pytest.mark.parametrize(("kind", "is_suppressed"), [("welcome", True), ("alert", False)])
def test_whoever_calls_a_letter_spam_gets_no_more_mail_but_nobody_at_the_desk(
    line: Sent, kind: str, is_suppressed: bool
) -> None:
    letter_id = letter(line, kind)
    ours = mime.letter_message_id(KEYS, letter_id, domain="podcast.example")
    told = {"event": "complained", "id": "a", "message": {"headers": {"message-id": ours.strip("<>")}}}
    take(line.db, p.mailgun_call(told, at=NOW, token="a"))
    read(line.db)
    with line.db.read() as session:
        assert session.get_one(Letter, letter_id).state == LetterState.REFUSED
        reason = suppressed.why(session, "ada@example.org")
    assert reason == (SuppressionReason.COMPLAINED if is_suppressed else None)


def letter(line: Sent, kind: str) -> int:
    address = "ada@example.org"
    with line.db.write() as session:
        row = Letter(kind=LetterKind(kind), state=LetterState.SENT, address=address, address_key=address, due_at=NOW)
        row.created_at = NOW
        session.add(row)
        session.flush()
        return row.id
