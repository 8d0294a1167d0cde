"""The page of the mail set-up: what was found in the DNS, and whether the bounce of a probe comes back."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from curator.accounts.values import Role
from curator.app import App
from curator.errors import TransportError
from curator.events import returns
from curator.http.memory_resolver import MemoryResolver
from curator.http.values import Outcome
from curator.jobs import worker
from curator.mailings.dkim import Keyring
from curator.mailings.return_path import OfProbe, by_return_path
from curator.mailings.routes import Route
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import Answer, Verdict
from curator.web import create_app
from tests import builders
from tests.conftest import FakeClock
from tests.events.bounces import Mailbox, bounce
from tests.mailings.test_dkim import key
from tests.web.conftest import Browser, signed_in

PAGE = "/desk/newsletter/mail"
DOMAIN = "podcast.example"
NOBODY = f"nobody-1@{DOMAIN}"


@pytest.fixture
def resolver() -> MemoryResolver:
    resolver = MemoryResolver()
    resolver.put(DOMAIN, txt="v=spf1 include:relay.example ~all", mx="mail.podcast.example")
    return resolver


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "bounces")


@pytest.fixture
def desk(sqlite_app: App, resolver: MemoryResolver, mailbox: Mailbox) -> App:
    """An installation with one newsletter, a way back for bounces, and a DNS that lacks a policy."""
    builders.newsletter_row(sqlite_app.db)
    settings = replace(sqlite_app.settings, bounce_address=f"bounces@{DOMAIN}", bounce_maildir=mailbox.folder)
    return replace(sqlite_app, settings=settings, resolver=resolver)


@pytest.fixture
def mina(desk: App) -> Browser:
    return signed_in(create_app(desk), desk, "Mina", Role.OWNER)


def work(app: App) -> None:
    while worker.run_one(app, owner="test/0"):
        pass


def relay_of(app: App) -> MemoryTransport:
    assert isinstance(app.transport, MemoryTransport)
    return app.transport


def probe(app: App, mina: Browser, address: str = NOBODY) -> str:
    answer = mina.post(f"{PAGE}/probe", {"address": address})
    work(app)
    return mina.follow(answer)


def come_back(app: App, mailbox: Mailbox, content: bytes | None = None) -> None:
    (message,) = relay_of(app).sent
    mailbox.deliver(content or bounce(message.sender))
    returns.take_in_returns(app.db, mailbox.folder, keys=app.keys, now=app.clock())


# --- DNS


def test_before_anybody_looked_the_page_says_so_and_asks_the_dns_nothing(
    mina: Browser, resolver: MemoryResolver
) -> None:
    assert "Nobody has looked yet." in mina.see(PAGE)
    assert resolver.asked == []


def test_no_page_waits_for_the_network_and_the_findings_are_kept_with_their_age(
    mina: Browser, desk: App, resolver: MemoryResolver, clock: FakeClock
) -> None:
    page = mina.follow(mina.post(f"{PAGE}/check"))
    assert resolver.asked == []
    assert "data-watch" in page
    assert "are being looked up" in page
    assert ">Look again</a>" in page
    mina.post(f"{PAGE}/check")
    work(desk)
    assert resolver.asked.count(("MX", DOMAIN)) == 1, "asked twice, looked up once"
    clock.advance(timedelta(minutes=5))
    page = mina.see(PAGE)
    assert "data-watch" not in page
    assert "5 min ago" in page
    assert "2 things need a look" in page
    assert page.index("DMARC of podcast.example") < page.index("SPF of podcast.example"), "the gravest come first"


def test_a_record_that_is_missing_is_there_to_be_copied(mina: Browser, desk: App) -> None:
    mina.post(f"{PAGE}/check")
    work(desk)
    page = mina.see(PAGE)
    assert '<code class="copy">_dmarc.podcast.example</code>' in page
    assert '<code class="copy">v=DMARC1; p=none; rua=mailto:postmaster@podcast.example</code>' in page


def test_curators_own_key_is_compared_with_the_record(desk: App, resolver: MemoryResolver) -> None:
    signing = key("rsa")
    app = replace(desk, keyring=Keyring((signing,)))
    mina = signed_in(create_app(app), app, "Mina", Role.OWNER)
    for record, says in (
        (None, "It is not there yet"),
        ("v=DKIM1; p=TUlJQg==", "has another key than the one that Curator signs with"),
        (signing.dns_text, "The record has the key that Curator signs with."),
    ):
        zone = MemoryResolver()
        zone.put(DOMAIN, mx="mail.podcast.example")
        if record:
            zone.put(signing.dns_name, txt=record)
        mina.post(f"{PAGE}/check")
        work(replace(app, resolver=zone))
        page = mina.see(PAGE)
        assert says in page
        assert (f'<code class="copy">{signing.dns_text}</code>' in page) is (record != signing.dns_text)
    assert resolver.asked == []


def test_a_dns_that_does_not_answer_is_told_as_that(mina: Browser, desk: App) -> None:
    offline = MemoryResolver()
    offline.fail(Outcome.NO_NETWORK)
    mina.post(f"{PAGE}/check")
    work(replace(desk, resolver=offline))
    assert mina.see(PAGE).count("Not known:") == 3


def test_a_return_path_elsewhere_is_told_to_count_for_nothing(desk: App) -> None:
    app = replace(desk, settings=replace(desk.settings, bounce_address="b@elsewhere.example"))
    mina = signed_in(create_app(app), app, "Mina", Role.OWNER)
    mina.post(f"{PAGE}/check")
    work(app)
    page = mina.see(PAGE)
    assert "SPF of elsewhere.example" in page
    assert "MX of elsewhere.example" in page
    assert "SPF does not count for DMARC" in page


def test_hostile_records_are_shown_as_text(mina: Browser, desk: App) -> None:
    zone = MemoryResolver()
    zone.put(DOMAIN, txt="v=spf1 <script>alert(1)</script> -all")
    mina.post(f"{PAGE}/check")
    work(replace(desk, resolver=zone))
    assert "<script>alert" not in mina.see(PAGE)


# --- probes


def test_without_a_way_back_the_page_says_what_to_set(sqlite_app: App, mina: Browser) -> None:
    app = replace(sqlite_app, settings=replace(sqlite_app.settings, bounce_address=None))
    other = signed_in(create_app(app), app, "Theo", Role.OWNER)
    page = other.see(PAGE)
    for name in ("CURATOR_BOUNCE_ADDRESS", "CURATOR_BOUNCE_MAILDIR"):
        assert f"<code>{name}</code>" in page
    assert 'name="address"' not in page
    assert "A probe needs a way back first" in other.follow(other.post(f"{PAGE}/probe", {"address": NOBODY}))


def test_a_made_up_address_at_the_newsletters_domain_is_suggested(mina: Browser) -> None:
    assert re.search(r'value="nobody-[0-9a-f]{10}@podcast.example"', mina.see(PAGE))


def test_a_probe_that_comes_back_is_green_with_its_words_and_its_time(
    mina: Browser, desk: App, mailbox: Mailbox, clock: FakeClock
) -> None:
    page = probe(desk, mina)
    assert "Waiting for its bounce." in page
    assert "data-watch" in page
    (message,) = relay_of(desk).sent
    assert by_return_path(desk.keys, [message.sender]) == OfProbe(1)
    assert (message.recipient, message.from_address) == (NOBODY, "news@podcast.example")
    clock.advance(timedelta(seconds=12))
    come_back(desk, mailbox)
    page = mina.see(PAGE)
    assert "A bounce came back after 12 s." in page
    assert 'class="note good"' in page
    assert "550 5.1.1 &lt;gone@example.org&gt;: no such user" in page
    assert "data-watch" not in page


def test_a_probe_that_the_relay_refuses_at_once_counts_too(mina: Browser, desk: App) -> None:
    relay_of(desk).answers_to(NOBODY, Answer(Verdict.REFUSED, 550, "5.1.1 nobody"), is_after_dot=False)
    page = probe(desk, mina)
    assert 'class="note good"' in page
    assert "Refused at once by your relay: 550 5.1.1 nobody" in page


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (Answer(Verdict.DEFERRED, 451, "4.7.1 later"), "put it off, and it is not tried again: 451 4.7.1 later"),
        (Answer(Verdict.UNKNOWN, 0, "no answer came"), "Nobody knows whether your relay took it: no answer came"),
        (TransportError("The mail relay cannot be reached."), "It has not left: The mail relay cannot be reached."),
    ],
    ids=["put off", "in doubt", "away"],
)
def test_what_is_in_a_probes_way_is_told(mina: Browser, desk: App, says: Answer | TransportError, told: str) -> None:
    relay_of(desk).answers_to(NOBODY, says)
    page = probe(desk, mina)
    assert told in page
    assert "data-watch" not in page


def test_after_a_quarter_of_an_hour_the_page_says_what_to_look_at(
    mina: Browser, desk: App, clock: FakeClock, mailbox: Mailbox
) -> None:
    probe(desk, mina)
    clock.advance(timedelta(minutes=15))
    page = mina.see(PAGE)
    assert "No bounce came back within 15 min." in page
    assert "it must deliver that address with anything behind a plus to one mailbox" in page
    assert "data-watch" not in page
    come_back(desk, mailbox)
    assert "A bounce came back after 15 min." in mina.see(PAGE)


def test_a_probe_leaves_once_a_minute_and_to_an_address_only(mina: Browser, desk: App, clock: FakeClock) -> None:
    probe(desk, mina)
    assert "A probe left less than a minute ago" in probe(desk, mina)
    clock.advance(timedelta(minutes=1))
    for address in ("nobody", "a@b.example\r\nBcc: c@d.example", "zoë@podcast.example", ""):
        answer = mina.post(f"{PAGE}/probe", {"address": address})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    work(desk)
    assert len(relay_of(desk).sent) == 1
    probe(desk, mina)
    assert len(relay_of(desk).sent) == 2


def test_a_newsletter_with_a_transport_of_its_own_needs_no_other_for_a_probe(desk: App) -> None:
    bulk = MemoryTransport()
    own = replace(desk, transport=None, named_transports={"bulk": Route("bulk", bulk)})
    newsletter_id = builders.newsletter_row(own.db, slug="own", transport="bulk")
    mina = signed_in(create_app(own), own, "Mina", Role.OWNER)
    assert "CURATOR_SMTP_URL" not in mina.see(f"{PAGE}?newsletter={newsletter_id}")
    mina.post(f"{PAGE}/probe", {"address": NOBODY, "newsletter": str(newsletter_id)})
    work(own)
    assert [message.recipient for message in bulk.sent] == [NOBODY]


def test_a_job_that_is_done_twice_sends_no_second_probe_once_it_is_answered(
    mina: Browser, desk: App, mailbox: Mailbox
) -> None:
    from curator.jobs.tasks import send_probe

    probe(desk, mina)
    come_back(desk, mailbox)
    send_probe(desk, {"probe_id": 1})
    assert len(relay_of(desk).sent) == 1


def test_an_editor_neither_sees_nor_sends(desk: App, flask: Flask) -> None:
    theo = signed_in(create_app(desk), desk, "Theo", Role.EDITOR)
    assert theo.client.get(PAGE).status_code == 403
    assert theo.post(f"{PAGE}/probe", {"address": NOBODY}).status_code == 403
    assert "The page of the mail set-up" not in theo.see("/desk/setup")
