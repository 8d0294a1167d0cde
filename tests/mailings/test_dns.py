"""What a sender's DNS records are worth: verdicts from records, without any network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.findings import Level, Record
from curator.http.values import Looked, Outcome
from curator.mailings import dns

DOMAIN = "podcast.example"
UNANSWERED = [Outcome.LATE, Outcome.FAILED, Outcome.NO_NETWORK]


def found(*records: str, name: str = DOMAIN) -> Looked:
    return Looked(name, Outcome.FOUND, records)


def none(outcome: Outcome = Outcome.NO_RECORD, name: str = DOMAIN) -> Looked:
    return Looked(name, outcome, words="Nobody answered.")


@pytest.mark.parametrize(
    ("records", "level", "says"),
    [
        (["v=spf1 include:relay.example ~all"], Level.OK, "include:relay.example"),
        (["google-site-verification=1", "V=SPF1 ip4:192.0.2.1 -ALL"], Level.OK, "192.0.2.1"),
        (["v=spf1 redirect=_spf.relay.example"], Level.OK, "redirect"),
        (["v=spf1 -all", "v=spf1 include:relay.example -all"], Level.WRONG, "There are 2"),
        (["v=spf1 +all"], Level.WRONG, "whole world"),
        (["v=spf1 all"], Level.WRONG, "whole world"),
        (["v=spf1 include:relay.example ?all"], Level.LOOK, "refuses nobody"),
        (["v=spf1 include:relay.example"], Level.LOOK, "refuses nobody"),
        (["v=spf1 " + "include:a.example " * 11 + "-all"], Level.WRONG, "11 other look-ups"),
        (["v=spf1 a mx a:b.example mx/24 exists:c.example ip4:192.0.2.1 -all"], Level.OK, "exists"),
        (["v=spf10 -all"], Level.WRONG, "There is none"),
        (["nothing of the kind"], Level.WRONG, "There is none"),
    ],
)
def test_spf_is_one_record_that_does_not_let_everybody_send(records: list[str], level: Level, says: str) -> None:
    finding = dns.spf(DOMAIN, found(*records))
    assert (finding.level, finding.about) == (level, "SPF of podcast.example")
    assert says in finding.what
    assert bool(finding.todo) is (level is not Level.OK)


def test_what_a_zone_says_is_shown_short_and_without_control_characters() -> None:
    long = "v=spf1 \x1b[2J\u202e include:a.example " + "ip4:192.0.2.1 " * 4000 + "-all"
    for finding in (dns.spf(DOMAIN, found(long)), dns.dmarc(DOMAIN, [found(f"v=DMARC1; p=none; x=\0{long}")])):
        assert finding.level is Level.OK
        assert len(finding.what) < 600
        assert not {"\x1b", "\u202e", "\0"} & set(finding.what)


@given(st.lists(st.text(max_size=40)), st.text(max_size=40))
def test_whatever_a_zone_says_there_is_a_verdict(records: list[str], selector: str) -> None:
    looked = found(*records, *(f"v=spf1 {text}" for text in records))
    findings = (
        dns.spf(DOMAIN, looked),
        dns.dmarc(DOMAIN, [found(*(f"v=DMARC1; {text}" for text in records))]),
        dns.dkim(DOMAIN, selector, found(*(f"v=DKIM1; p={text}" for text in records))),
        dns.mx(DOMAIN, looked),
    )
    assert all(finding.what for finding in findings)
    assert all(finding.todo for finding in findings if finding.level is not Level.OK)


@pytest.mark.parametrize("outcome", UNANSWERED)
def test_what_nobody_answered_is_not_known_and_not_wrong(outcome: Outcome) -> None:
    for finding in (
        dns.spf(DOMAIN, none(outcome)),
        dns.dmarc(DOMAIN, [none(outcome)]),
        dns.dkim(DOMAIN, "s1", none(outcome)),
        dns.mx(DOMAIN, none(outcome)),
    ):
        assert (finding.level, finding.what) == (Level.LOOK, "Not known: Nobody answered.")


@pytest.mark.parametrize("outcome", [Outcome.NO_NAME, Outcome.NO_RECORD])
def test_without_records_every_kind_says_what_to_add(outcome: Outcome) -> None:
    spf, dmarc = dns.spf(DOMAIN, none(outcome)), dns.dmarc(DOMAIN, [none(outcome)])
    assert (spf.level, dmarc.level) == (Level.WRONG, Level.LOOK)
    assert "Add a TXT record to podcast.example" in spf.todo
    assert "Add a TXT record to _dmarc.podcast.example" in dmarc.todo
    assert dns.dkim(DOMAIN, "s1", none(outcome)).level is Level.WRONG


def test_dmarc_is_looked_for_at_the_domain_and_above_it_but_not_at_the_top() -> None:
    assert dns.dmarc_names("news.podcast.example") == ("_dmarc.news.podcast.example", "_dmarc.podcast.example")
    assert dns.dmarc_names("localhost") == ("_dmarc.localhost",)
    above = found("v=DMARC1; p=quarantine", name="_dmarc.podcast.example")
    assert dns.dmarc("news.podcast.example", [none(Outcome.NO_NAME), above]).level is Level.OK


@pytest.mark.parametrize(
    ("records", "level", "says"),
    [
        (["v=DMARC1; p=none; rua=mailto:d@podcast.example"], Level.OK, "same organisation"),
        (["v=DMARC1;p=REJECT;adkim=s"], Level.OK, "exactly this name"),
        (["v=DMARC1; rua=mailto:d@podcast.example"], Level.WRONG, "p=none"),
        (["v=DMARC1; p=nothing"], Level.WRONG, "p=none"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], Level.WRONG, "Keep one"),
        (["v=spf1 -all"], Level.LOOK, "Add a TXT record"),
    ],
)
def test_dmarc_names_a_policy_and_says_what_alignment_asks_for(records: list[str], level: Level, says: str) -> None:
    finding = dns.dmarc(DOMAIN, [found(*records)])
    assert (finding.level, says in finding.todo) == (level, True)


@pytest.mark.parametrize(
    ("records", "level", "says"),
    [
        (["v=DKIM1; k=rsa; p=TUlJQg=="], Level.OK, "is there"),
        (["p=TUlJ QjEy"], Level.OK, "is there"),
        (["v=DKIM1; p="], Level.WRONG, "taken back"),
        (["v=DKIM1; p=???"], Level.WRONG, "damaged"),
        (["v=DKIM1; p=TUlJQg==", "v=DKIM1; p=TUlJQg=="], Level.WRONG, "2 keys"),
        (["v=DKIM9; p=TUlJQg=="], Level.WRONG, "No key lies"),
        (["hello"], Level.WRONG, "No key lies"),
    ],
)
def test_dkim_is_one_whole_key(records: list[str], level: Level, says: str) -> None:
    finding = dns.dkim(DOMAIN, "s1", found(*records, name=dns.dkim_name(DOMAIN, "s1")))
    assert (finding.level, says in finding.what) == (level, True)


@pytest.mark.parametrize(
    ("looked", "level", "says"),
    [
        (found("mail.podcast.example", "other.example"), Level.OK, "mail.podcast.example, other.example"),
        (found("."), Level.WRONG, "takes no mail"),
        (none(Outcome.NO_RECORD), Level.LOOK, "There is none"),
        (none(Outcome.NO_NAME), Level.WRONG, "There is no domain podcast.example"),
    ],
)
def test_bounces_must_come_back(looked: Looked, level: Level, says: str) -> None:
    finding = dns.mx(DOMAIN, looked)
    assert (finding.level, says in finding.what) == (level, True)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("s1", True), ("2026.curator", True), ("", False), ("a b", False), ("-a", False), ("a..b", False)],
)
def test_a_selector_is_a_name(text: str, is_one: bool) -> None:
    assert dns.is_selector(text) is is_one


def test_the_records_that_are_needed_pass_their_own_verdicts_but_for_what_only_the_relays_keeper_knows() -> None:
    spf, dkim, dmarc, mx = dns.needed(DOMAIN)
    assert dns.spf(DOMAIN, found(spf.value)).level is Level.OK
    assert dns.dmarc(DOMAIN, [found(dmarc.value, name=dmarc.name)]).level is Level.OK
    assert [record.name for record in (dkim, mx)] == ["SELECTOR._domainkey.podcast.example", DOMAIN]


KEY = "v=DKIM1; k=rsa; p=TUlJQg=="


@pytest.mark.parametrize(
    ("looked", "level", "says", "is_to_be_added"),
    [
        (found(KEY), Level.OK, "the key that Curator signs with", False),
        (found("v=DKIM1; k=rsa; p=TUlJ Qg=="), Level.OK, "the key that Curator signs with", False),
        (none(Outcome.NO_NAME), Level.WRONG, "not there yet", True),
        (found("google-site-verification=1"), Level.WRONG, "not there yet", True),
        (found("v=DKIM1; k=rsa; p=QUJDRA=="), Level.WRONG, "another key", True),
        (found("v=DKIM1; p="), Level.WRONG, "taken back", False),
        (found(KEY, KEY), Level.WRONG, "2 keys", False),
        (none(Outcome.LATE), Level.LOOK, "Not known", False),
    ],
)
def test_curators_own_key_must_be_the_one_that_is_published(
    looked: Looked, level: Level, says: str, is_to_be_added: bool
) -> None:
    finding = dns.own_dkim(DOMAIN, "curator", KEY, looked)
    assert (finding.level, says in finding.what) == (level, True)
    record = Record("TXT", "curator._domainkey.podcast.example", KEY)
    assert finding.record == (record if is_to_be_added else None)


@pytest.mark.parametrize(
    ("address", "level"),
    [
        (None, Level.LOOK),
        ("bounces@podcast.example", Level.OK),
        ("bounces@b.podcast.example", Level.OK),
        ("bounces@elsewhere.example", Level.LOOK),
        ("bounces@nopodcast.example", Level.LOOK),
    ],
)
def test_a_return_path_at_the_senders_domain_or_below_it_counts(address: str | None, level: Level) -> None:
    finding = dns.return_path(address, DOMAIN)
    assert (finding.level, bool(finding.todo)) == (level, level is Level.LOOK)


def test_a_return_path_above_the_senders_domain_is_aligned_but_a_top_level_is_nobodys() -> None:
    assert dns.is_aligned("podcast.example", "news.podcast.example")
    assert not dns.is_aligned("example", "podcast.example")


def test_dmarc_says_whether_spf_counts_for_where_bounces_come_back_to() -> None:
    strict = [found("v=DMARC1; p=none; aspf=s")]
    assert dns.dmarc(DOMAIN, strict).level is Level.OK
    assert dns.dmarc(DOMAIN, strict, return_domain=f"b.{DOMAIN}").level is Level.LOOK
    lax = [found("v=DMARC1; p=none")]
    assert "SPF is aligned" in dns.dmarc(DOMAIN, lax, return_domain=f"b.{DOMAIN}").todo
    assert "DKIM alone counts" in dns.dmarc(DOMAIN, lax, return_domain="elsewhere.example").todo
