"""The examination over ports that obey: what is fine, what needs a look, what is wrong, and what to do."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import update

from curator import schema
from curator.app import TEMPLATES, App
from curator.backup.nightly import store as nightly
from curator.db import Database
from curator.doctor import sending
from curator.doctor.backups import backups
from curator.doctor.examine import examine
from curator.doctor.telling import telling
from curator.errors import TransportError
from curator.events import records
from curator.events.spool import Spool
from curator.events.values import Hit
from curator.findings import Finding, Level, Record
from curator.http.memory import MemoryFetcher
from curator.http.memory_resolver import MemoryResolver
from curator.http.values import Outcome
from curator.issues.render import Renderer
from curator.issues.tables import Issue
from curator.mailings.dkim import Keyring
from curator.mailings.pace import store as pace
from curator.mailings.pacing import Limits
from curator.mailings.routes import Route
from curator.mailings.transports.choose import transport_for
from curator.mailings.transports.memory import MemoryTransport
from curator.newsletters import edit
from curator.queue import store as queue
from curator.queue.kick import PatientKicker
from curator.queue.memory import MemoryKicker
from curator.settings import Settings
from curator.settings.transports import TransportUrl
from curator.tokens import Keys
from tests import builders
from tests.conftest import FakeClock
from tests.events.bounces import Mailbox
from tests.events.imap.server import serving
from tests.mailings.test_dkim import key

DOMAIN = "podcast.example"


@pytest.fixture
def resolver() -> MemoryResolver:
    """A DNS in which the sender's domain is as it should be."""
    resolver = MemoryResolver()
    resolver.put(DOMAIN, txt="v=spf1 include:relay.example ~all", mx="mail.podcast.example")
    resolver.put(f"_dmarc.{DOMAIN}", txt="v=DMARC1; p=none")
    resolver.put(f"s1._domainkey.{DOMAIN}", txt="v=DKIM1; p=TUlJQg==")
    return resolver


@pytest.fixture
def app(database: Database, clock: FakeClock, tmp_path: Path, resolver: MemoryResolver) -> App:
    """An installation that may send: a live newsletter, a relay, records in place."""
    builders.newsletter_row(database, postal_address="1 Quay Road")
    return make_app(database, clock, tmp_path, resolver)


def make_app(database: Database, clock: FakeClock, data_dir: Path, resolver: MemoryResolver) -> App:
    return App(
        settings=Settings(
            data_dir=data_dir,
            database_url=database.url.render_as_string(hide_password=False),
            secret_key="x" * 40,
            public_url="https://news.podcast.example",
            trusted_proxies=1,
            alert_addresses=("ops@podcast.example",),
            alert_webhook_url="https://chat.example/hook",
            heartbeat_url="https://watch.example/ping",
        ),
        db=database,
        clock=clock,
        keys=Keys.from_secret("x" * 40),
        fetcher=MemoryFetcher(),
        transport=MemoryTransport(),
        renderer=Renderer(TEMPLATES),
        random=Random(1),
        resolver=resolver,
    )


def findings(app: App, *, workers: tuple[str, ...] = ("one",), selectors: tuple[str, ...] = ()) -> list[Finding]:
    return examine(app, workers=workers, selectors=selectors)


def about(found: list[Finding], name: str) -> Finding:
    (finding,) = [each for each in found if each.about == name]
    return finding


def test_an_installation_that_may_send_is_well_and_no_mail_is_sent(app: App) -> None:
    found = findings(app, selectors=("s1",))
    assert [each for each in found if each.level is not Level.OK and each.about not in ("disk", "backups")] == []
    assert [each.about for each in found] == [
        "settings",
        "disk",
        "database",
        "runner",
        "queue",
        "retention",
        "backups",
        "alerts",
        "heartbeat",
        "mail relay",
        "newsletter AI Weekly",
        f"SPF of {DOMAIN}",
        f"DKIM of {DOMAIN}, selector s1",
        f"DMARC of {DOMAIN}",
        f"MX of {DOMAIN}",
    ]
    assert isinstance(app.transport, MemoryTransport)
    assert (app.transport.connections, app.transport.sent) == (1, [])


def test_it_says_whom_alerts_reach_and_who_would_miss_the_machine(app: App) -> None:
    def told(**changes: object) -> dict[str, Level]:
        changed = replace(app, settings=replace(app.settings, **changes))  # type: ignore[arg-type]
        return {each.about: each.level for each in telling(changed)}

    assert told() == {"alerts": Level.OK, "heartbeat": Level.OK}
    assert told(heartbeat_url=None)["heartbeat"] is Level.LOOK
    assert told(alert_webhook_url=None)["alerts"] is Level.LOOK
    assert told(alert_addresses=())["alerts"] is Level.WRONG
    assert told(is_demo=True) == {}


def test_it_says_how_old_the_last_good_backup_is_and_when_there_is_none(
    app: App, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(found_in: App) -> tuple[Level, str]:
        (finding,) = [each for each in backups(found_in) if each.about == "backups"]
        assert finding.todo or finding.level is Level.OK
        return finding.level, finding.what

    keeps = replace(app, settings=replace(app.settings, backup_dir=tmp_path))
    assert told(app) == (Level.LOOK, "No nightly backup is set up.")
    assert list(backups(replace(app, settings=replace(app.settings, is_demo=True)))) == []
    assert told(keeps) == (Level.LOOK, "None was asked for yet.")
    with app.db.write() as session:
        nightly.ask(session, clock(), now=clock())
    assert told(keeps) == (Level.LOOK, "The first one is being made.")
    with app.db.write() as session:
        night = nightly.begin(session, now=clock())
        assert night is not None
        nightly.note_failed(session, night, why="The disk is full.", now=clock())
    assert told(keeps) == (Level.WRONG, "The last one failed. The disk is full.")
    with app.db.write() as session:
        night = nightly.begin(session, now=clock())
        assert night is not None
        nightly.note_made(session, night, file="x.backup", backup_at=clock(), counts=(9, 1_234, 5))
        nightly.note_good(session, night, now=clock())
    clock.advance(timedelta(hours=35))
    assert told(keeps) == (Level.OK, "The last is 35 hours old and was tried out: 1,234 rows, 5 files (x.backup).")
    clock.advance(timedelta(hours=2))
    assert told(keeps) == (Level.WRONG, "There is no good one since 37 hours.")


def test_it_says_when_the_folder_of_backups_is_missing_or_on_the_installations_own_disk(
    app: App, tmp_path: Path
) -> None:
    def told(folder: Path) -> dict[str, Level]:
        keeps = replace(app, settings=replace(app.settings, backup_dir=folder))
        return {each.about: each.level for each in backups(keeps)}

    assert told(tmp_path)["backups' folder"] is Level.LOOK
    assert told(tmp_path / "unmounted")["backups' folder"] is Level.WRONG
    assert "backups' folder" not in told(Path("/dev/shm"))  # noqa: S108 - a disk that is another one


def test_whatever_is_not_well_says_what_to_do(app: App, resolver: MemoryResolver, clock: FakeClock) -> None:
    resolver.fail(Outcome.LATE, DOMAIN)
    builders.newsletter_row(app.db, slug="second", name="Second", live_at=None, sender_address="x@other.example")
    found = findings(replace(app, transport=None, settings=replace(app.settings, public_url="http://a.example")))
    assert all(each.todo for each in found if each.level is not Level.OK)


# --- the broker


def test_a_broker_that_answers_is_well_and_one_that_is_away_needs_a_look(sqlite_app: App, clock: FakeClock) -> None:
    broker = MemoryKicker()
    app = replace(sqlite_app, kicker=PatientKicker(lambda: broker, clock))
    assert about(findings(app), "broker").level is Level.OK
    broker.is_away = True
    found = about(findings(app), "broker")
    assert (found.level, "by themselves" in found.todo) == (Level.LOOK, True)
    assert "broker" not in {each.about for each in findings(sqlite_app)}


# --- settings


@pytest.mark.parametrize(
    ("url", "says"),
    [("http://127.0.0.1:8000", "only this machine reaches"), ("http://news.example.org", "without encryption")],
)
def test_an_address_that_readers_cannot_reach_or_trust_needs_a_look(sqlite_app: App, url: str, says: str) -> None:
    found = findings(replace(sqlite_app, settings=replace(sqlite_app.settings, public_url=url)))
    assert (about(found, "public address").level, says in about(found, "public address").what) == (Level.LOOK, True)


# --- the database


def test_a_database_of_another_version_ends_the_examination_with_the_way_out(
    sqlite_app: App, resolver: MemoryResolver
) -> None:
    schema.downgrade(sqlite_app.db, "0001")
    found = findings(sqlite_app)
    assert about(found, "database").level is Level.WRONG
    assert "stands at 0001; this version needs" in about(found, "database").what
    assert about(found, "database").todo == "Run `curator db upgrade`."
    assert "mail relay" in {each.about for each in found}
    assert resolver.asked == []


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, clock: FakeClock, resolver: MemoryResolver) -> None:
    missing = tmp_path / "var" / "curator.sqlite3"
    database = Database(f"sqlite:///{missing}")
    found = findings(make_app(database, clock, tmp_path, resolver))
    database.close()
    assert (about(found, "database").level, about(found, "database").todo) == (Level.WRONG, "Run `curator init`.")
    assert not missing.exists()


def test_a_file_that_is_no_database_is_said_in_words(
    tmp_path: Path, clock: FakeClock, resolver: MemoryResolver
) -> None:
    (tmp_path / "curator.sqlite3").write_text("no database " * 99)
    database = Database(f"sqlite:///{tmp_path / 'curator.sqlite3'}")
    found = findings(make_app(database, clock, tmp_path, resolver))
    database.close()
    assert "file is not a database" in about(found, "database").what


def test_a_database_server_that_is_away_is_said_without_its_password(
    tmp_path: Path, clock: FakeClock, resolver: MemoryResolver
) -> None:
    database = Database("postgresql+psycopg://curator:sesame@127.0.0.1:1/news")
    found = findings(make_app(database, clock, tmp_path / "not" / "made", resolver))
    database.close()
    assert about(found, "database").level is Level.WRONG
    assert "sesame" not in str(found)


# --- runner and queue


@pytest.mark.parametrize(
    ("workers", "waits", "level", "says"),
    [
        (("one", "two"), 0, Level.OK, "2 worker processes live"),
        ((), 0, Level.LOOK, "nothing waits"),
        ((), 4, Level.LOOK, "nothing waits"),
        ((), 12, Level.WRONG, "waiting for 12 minutes"),
        (("one",), 300, Level.LOOK, "waiting for 5 hours"),
    ],
)
def test_work_that_waits_and_nobody_who_does_it_is_wrong(
    app: App, workers: tuple[str, ...], waits: int, level: Level, says: str
) -> None:
    if waits:
        with app.db.write() as session:
            queue.enqueue(session, "poll_feed", {}, now=app.clock() - timedelta(minutes=waits))
    finding = about(findings(app, workers=workers), "runner")
    assert (finding.level, says in finding.what) == (level, True)


def test_a_job_that_failed_is_named_without_the_words_of_its_error(app: App) -> None:
    now = app.clock()
    with app.db.write() as session:
        queue.enqueue(session, "pump_mailing", {}, now=now)
        job = queue.claim(session, owner="w", now=now, lease=timedelta(minutes=1))
        assert job is not None
        queue.fail(session, job, error="The relay refuses ada@example.org.", now=now, retry_at=None)
    finding = about(findings(app), "queue")
    assert (finding.level, finding.what) == (Level.LOOK, "1 job failed for good, the newest of them pump_mailing.")


def test_a_clock_alone_is_no_worker_and_a_worker_alone_no_clock(sqlite_app: App) -> None:
    assert "No worker lives" in about(findings(sqlite_app, workers=("clock-1-a",)), "runner").what
    assert "No clock lives" in about(findings(sqlite_app, workers=("worker-1-a",)), "clock").what
    for both in (("runner-1-a",), ("clock-1-a", "worker-2-b")):
        found = findings(sqlite_app, workers=both)
        assert about(found, "runner").level is Level.OK
        assert [each for each in found if each.about == "clock"] == []


def test_what_is_due_and_was_not_begun_is_wrong(app: App, clock: FakeClock) -> None:
    letter = {"kind": "welcome", "newsletter_id": 1, "payload": {}}
    builders.letter_row(app.db, at=clock(), address="a@x.example", **letter)
    builders.approved_issue_row(app.db, 1)
    with app.db.write() as session:
        session.execute(update(Issue).values(send_at=clock()))
    builders.change_newsletters(app.db, next_draft_at=clock())
    spooled = Spool(app.spool_dir)
    spooled.append(records.packed(Hit(1, 1, 1, clock(), 1)))
    spooled.close()
    names = ("letters", "drafts", "scheduled issues", "clicks")
    clock.advance(timedelta(minutes=5))
    assert [each for each in findings(app) if each.about in names] == []
    clock.advance(timedelta(minutes=6))
    found = findings(app)
    assert [about(found, name).level for name in names] == [Level.WRONG] * 4
    assert about(found, "letters").what == "A letter has been waiting for 11 minutes."


def test_letters_that_are_held_for_a_live_newsletter_are_told(app: App, clock: FakeClock) -> None:
    held = {"kind": "welcome", "state": "held", "newsletter_id": 1, "payload": {}}
    builders.letter_row(app.db, at=clock(), address="a@x.example", **held)
    assert about(findings(app), "held letters").level is Level.LOOK
    builders.change_newsletters(app.db, live_at=None)
    assert [each for each in findings(app) if each.about == "held letters"] == []


def test_https_without_a_trusted_proxy_is_worth_a_look(sqlite_app: App) -> None:
    bare = replace(sqlite_app, settings=replace(sqlite_app.settings, trusted_proxies=0))
    assert about(findings(bare), "proxies").level is Level.LOOK


@pytest.mark.parametrize(
    ("url", "is_told"),
    [
        ("smtp://me:sesame@mail.example.org", True),
        ("smtp://me:sesame@localhost:25", False),
        ("smtp://me:sesame@[::1]:25", False),
        ("smtp://mail.example.org", False),
        ("smtp+starttls://me:sesame@mail.example.org", False),
        ("smtps://me:sesame@mail.example.org", False),
    ],
)
def test_a_password_that_goes_to_another_machine_in_the_clear_is_worth_a_look(
    sqlite_app: App, url: str, is_told: bool
) -> None:
    given = replace(sqlite_app.settings, smtp_url=url, transports=(TransportUrl("bulk", url),))
    found = findings(replace(sqlite_app, settings=given))
    told = [each for each in found if each.about.startswith("sign-in of")]
    assert [each.level for each in told] == ([Level.LOOK] * 2 if is_told else [])
    assert [each.todo.split()[-1] for each in told] == (["CURATOR_SMTP_URL.", "CURATOR_TRANSPORTS."] * is_told)
    assert "sesame" not in str(found)


# --- the relay


@pytest.mark.parametrize("keyring", [Keyring(), Keyring((key("rsa"),))], ids=["bare", "signed"])
def test_a_maildir_is_looked_at_and_not_made(sqlite_app: App, tmp_path: Path, keyring: Keyring) -> None:
    folder = tmp_path / "out" / "mail"
    app = replace(sqlite_app, transport=transport_for(f"maildir://{folder}", keyring))
    assert about(findings(app), "mail relay").level is Level.OK
    assert not folder.parent.exists()
    folder.parent.write_text("in its way")
    found = about(findings(app), "mail relay")
    assert (found.level, "cannot be used" in found.what) == (Level.WRONG, True)


def test_a_relay_that_refuses_us_is_wrong_in_its_own_words(sqlite_app: App) -> None:
    assert isinstance(sqlite_app.transport, MemoryTransport)
    sqlite_app.transport.refusals = [TransportError("The mail relay refuses our user name or password: 535")]
    assert about(findings(sqlite_app), "mail relay") == Finding(
        Level.WRONG,
        "mail relay",
        "The mail relay refuses our user name or password: 535",
        "Check CURATOR_SMTP_URL; the relay's log may say more.",
    )


def test_without_a_relay_a_live_newsletter_is_in_trouble_and_a_new_one_is_not(sqlite_app: App) -> None:
    app = replace(sqlite_app, transport=None)
    assert about(findings(app), "mail relay").level is Level.WRONG
    builders.change_newsletters(app.db, live_at=None)
    assert about(findings(app), "mail relay").level is Level.LOOK


def test_every_transport_is_greeted_and_says_its_pace(app: App, clock: FakeClock) -> None:
    bulk = MemoryTransport()
    fresh = Route("fresh", MemoryTransport(), Limits(warm_up_on=clock().date(), domains={"gmail.com": 20.0}))
    app = replace(app, limits=Limits(per_second=14.0), named_transports={"bulk": Route("bulk", bulk), "fresh": fresh})
    with app.db.write() as session:
        pace.add(session, "fresh", clock().date(), 20)
    found = findings(app)
    assert about(found, "mail relay bulk").level is Level.OK
    assert (bulk.connections, bulk.sent) == (1, [])
    assert about(found, "pace of the mail relay").what == "At most 14 messages a second."
    assert about(found, "pace of the mail relay fresh") == Finding(
        Level.OK,
        "pace of the mail relay fresh",
        "At most 20 a second to gmail.com. 20 of today's 50 have left, as many as a sender so new may send.",
    )
    assert [each for each in found if each.about == "pace of the mail relay bulk"] == []
    with app.db.write() as session:
        pace.add(session, "fresh", clock().date(), 30)
    assert about(findings(app), "pace of the mail relay fresh").level is Level.LOOK


def test_a_named_relay_that_refuses_us_names_its_setting(sqlite_app: App) -> None:
    refusing = MemoryTransport(refusals=[TransportError("The mail relay refuses our user name or password: 535")])
    found = about(findings(replace(sqlite_app, named_transports={"bulk": Route("bulk", refusing)})), "mail relay bulk")
    assert (found.level, found.todo) == (Level.WRONG, "Check CURATOR_TRANSPORTS; the relay's log may say more.")


def test_a_service_that_nobody_asked_is_not_said_to_answer(sqlite_app: App) -> None:
    route = Route("bulk", transport_for("ses://KEY:WRONG@eu-west-1"))
    found = about(findings(replace(sqlite_app, named_transports={"bulk": route})), "mail relay bulk")
    assert (found.level, "was not asked" in found.what, "lets us in" in found.what) == (Level.OK, True, False)


def test_a_newsletter_whose_transport_is_not_in_the_settings_is_wrong(sqlite_app: App) -> None:
    builders.change_newsletters(sqlite_app.db, transport="gone", spare_transport="usual")
    found = about(findings(sqlite_app), "transport of AI Weekly")
    assert (found.level, "no transport 'gone'" in found.what) == (Level.WRONG, True)
    named = {"gone": Route("gone", MemoryTransport())}
    found_all = findings(replace(sqlite_app, transport=None, named_transports=named))
    assert about(found_all, "mail relay").level is Level.LOOK, "no live newsletter sends over the usual one"
    assert [each for each in found_all if each.about.startswith("transport of")] == []


def test_a_relay_that_never_answers_holds_nobody_up(sqlite_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    class Deaf(MemoryTransport):
        def connect(self):  # type: ignore[no-untyped-def]
            over.wait(30)
            return super().connect()

    monkeypatch.setattr(sending, "LONGEST_RELAY_S", 0.05)
    finding = about(findings(replace(sqlite_app, transport=Deaf())), "mail relay")
    over.set()
    assert (finding.level, "has not let us in" in finding.what) == (Level.WRONG, True)


# --- newsletters and their records


def test_a_newsletter_in_test_mode_says_what_is_left(app: App) -> None:
    builders.change_newsletters(app.db, live_at=None)
    finding = about(findings(app), "newsletter AI Weekly")
    assert finding.level is Level.LOOK
    assert "Left to do: DNS records, feeds, subscribers, test mail." in finding.what
    assert finding.todo == "See https://news.podcast.example/desk/setup?newsletter=1"


def test_a_live_newsletter_without_a_postal_address_is_wrong(sqlite_app: App) -> None:
    builders.change_newsletters(sqlite_app.db, postal_address=" ")
    assert about(findings(sqlite_app), "newsletter AI Weekly").level is Level.WRONG


def test_an_installation_without_a_newsletter_asks_the_dns_nothing(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path, resolver: MemoryResolver
) -> None:
    found = findings(make_app(sqlite_database, clock, tmp_path, resolver))
    assert about(found, "newsletter").todo == "Set one up at https://news.podcast.example/desk."
    assert resolver.asked == []


def test_two_newsletters_of_one_domain_are_looked_up_once_and_an_international_one_in_ascii(
    app: App, resolver: MemoryResolver, clock: FakeClock
) -> None:
    edit.create(app.db, builders.newsletter_form(slug="two"), now=clock())
    edit.create(app.db, builders.newsletter_form(slug="three", sender_address="post@bücher.example"), now=clock())
    found = findings(app)
    assert resolver.asked.count(("MX", DOMAIN)) == 1
    assert about(found, "MX of xn--bcher-kva.example").level is Level.WRONG


def test_a_demo_asks_nobody_about_its_made_up_addresses(sqlite_app: App, resolver: MemoryResolver) -> None:
    findings(replace(sqlite_app, settings=replace(sqlite_app.settings, is_demo=True)))
    assert resolver.asked == []


@pytest.mark.parametrize("outcome", [Outcome.LATE, Outcome.NO_NETWORK, Outcome.FAILED])
def test_a_machine_without_a_network_is_no_fault_of_the_records(sqlite_app: App, outcome: Outcome) -> None:
    offline = MemoryResolver()
    offline.fail(outcome)
    found = findings(replace(sqlite_app, resolver=offline), selectors=("s1",))
    records = [each for each in found if each.about.startswith(("SPF", "DKIM", "DMARC", "MX"))]
    assert [each.level for each in records] == [Level.LOOK] * 4
    assert all(each.what.startswith("Not known: ") for each in records)


def test_name_servers_that_never_answer_hold_nobody_up(
    sqlite_app: App, resolver: MemoryResolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    class Deaf(MemoryResolver):
        def txt(self, name: str):  # type: ignore[no-untyped-def]
            over.wait(30)
            return super().txt(name)

    monkeypatch.setattr(sending, "LONGEST_DNS_S", 0.05)
    finding = about(findings(replace(sqlite_app, resolver=Deaf())), f"SPF of {DOMAIN}")
    over.set()
    assert finding.what == "Not known: No name server answered within 0.05 s."


def test_the_keys_that_curator_signs_with_are_looked_up_without_being_named(app: App, resolver: MemoryResolver) -> None:
    signing = key("rsa")
    signed = replace(app, keyring=Keyring((signing,)))
    name = f"DKIM of {DOMAIN}, Curator's selector {signing.selector}"
    assert about(findings(signed), name).record == Record("TXT", signing.dns_name, signing.dns_text)
    resolver.put(signing.dns_name, txt=signing.dns_text)
    assert about(findings(signed), name).level is Level.OK


def test_where_bounces_come_back_to_is_looked_at_and_what_reads_them(
    sqlite_app: App, resolver: MemoryResolver, tmp_path: Path
) -> None:
    resolver.put(f"b.{DOMAIN}", txt="v=spf1 include:relay.example -all", mx="mail.podcast.example")
    set_up = replace(sqlite_app.settings, bounce_address=f"bounces@b.{DOMAIN}")
    found = findings(replace(sqlite_app, settings=set_up))
    for name in (f"SPF of b.{DOMAIN}", f"MX of b.{DOMAIN}", f"MX of {DOMAIN}", "Return path"):
        assert about(found, name).level is Level.OK
    assert [each for each in found if each.about == f"SPF of {DOMAIN}"] == [], "receivers do not ask for it"
    assert about(found, "bounces").level is Level.LOOK
    box = tmp_path / "bounces"
    with_box = replace(sqlite_app, settings=replace(set_up, bounce_maildir=box))
    assert about(findings(with_box), "bounces").level is Level.WRONG
    Mailbox(box).deliver(b"x")
    assert "1 of them" in about(findings(with_box), "bounces").what


def test_a_mailbox_elsewhere_is_asked(sqlite_app: App) -> None:
    with serving() as server:
        server.put(b"x")
        for url, level in ((server.url(), Level.OK), (server.url(password="wrong"), Level.WRONG)):
            found = findings(replace(sqlite_app, settings=replace(sqlite_app.settings, bounce_mailbox=url)))
            assert about(found, "bounces over IMAP").level is level
            assert [each for each in found if each.about == "bounces"] == []


@pytest.fixture
def sqlite_app(sqlite_database: Database, clock: FakeClock, tmp_path: Path, resolver: MemoryResolver) -> App:
    """The same on SQLite, for tests whose subject is not the database."""
    builders.newsletter_row(sqlite_database, postal_address="1 Quay Road")
    return make_app(sqlite_database, clock, tmp_path, resolver)
