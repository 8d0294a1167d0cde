"""Every rule on examples, and the laws that hold for all of them."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.issues import markdown
from curator.issues.checks import gather, judge
from curator.issues.checks.values import Facts, Level, LinkFate, LinkLook, Mail, SectionFacts, Tick
from curator.issues.pictured import Standing
from curator.issues.values import UNSUBSCRIBE_SLOT, BlockKind, Document, DocumentEntry
from curator.pictures.values import Picture, PictureRow, PictureState, Source, Use
from tests.issues import documents
from tests.issues.checks import arriving
from tests.issues.checks.facts import BLURB, NOW, TITLE, block, facts, found, issue, link, mail, newsletter


def _said(blurb: str) -> Facts:
    """An issue whose one block says this; its links are read from it as the gatherer does."""
    document = issue(documents.entry(blurb=f"{blurb}\n\n{BLURB}"))
    return facts(document, links=tuple(gather.links_of(document)), looks=_looked(document))


def _looked(document: Document) -> dict[str, LinkLook]:
    urls = {each.url for each in gather.links_of(document)}
    return {url: LinkLook(url, LinkFate.THERE, 200, "200 OK", NOW) for url in urls}


def _pictured(alt: str) -> Facts:
    entry = documents.entry(blurb=BLURB, image_url="https://latentwaves.example/art/41.png")
    return facts(issue(replace(entry, image_alt=alt)))


def _shown(
    state: PictureState | None,
    *,
    note: str = "",
    alt: str = "A map",
    is_shown: bool = False,
    is_late: bool = False,
) -> Facts:
    """An issue whose one block is to show a picture that stands so."""
    source = Source("https://blog.example/lead.jpg", Use.WIDE)
    kept = Picture("a" * 32 + ".jpg", 528, 300, 40_000) if state is PictureState.STORED else None
    row = state and PictureRow(1, source, state, kept, note, 1, None, NOW, NOW if kept else None)
    entry = replace(documents.entry(blurb=BLURB), image_alt=alt)
    return facts(issue(entry), pictures={entry.block_id: Standing(source, row or None, is_shown, is_late)})


def _look(fate: LinkFate, note: str) -> Facts:
    url = "https://example.org/x"
    return facts(links=(link(url),), looks={url: LinkLook(url, fate, None, note, NOW)})


def _promoted(**ends: object) -> Facts:
    return facts(blocks=(block(kind=BlockKind.TEXT, promotion=SimpleNamespace(name="Meet us", **ends)),))


FAULTS: dict[str, list[Facts]] = {
    "subject-missing": [facts(issue(subject=" "))],
    "subject-length": [facts(issue(subject="Hello")), facts(issue(subject="word " * 20))],
    "subject-loud": [
        facts(issue(subject="THE INDEX FORGETS EVERYTHING")),
        facts(issue(subject="The index forgets!!")),
        facts(issue(subject="Act now: the index forgets")),
        facts(issue(subject="A guaranteed index")),
    ],
    "preheader-missing": [facts(issue(preheader=""))],
    "preheader-poor": [facts(issue(preheader="what a vector index FORGETS")), facts(issue(preheader="long " * 40))],
    "tk": [facts(issue(subject="What TK forgets")), facts(issue(preheader="TKTK")), _said("By **TK**.")],
    "placeholder": [
        facts(issue(subject="TODO: a subject")),
        _said("Lorem ipsum dolor"),
        _said("XXX say more"),
        _said("as [link] says"),
        _said("by [insert name]"),
    ],
    "blurb-missing": [facts(blocks=(block(has_blurb=False),))],
    "blurb-draft": [facts(blocks=(block(draft="The index forgets what it was told."),))],
    "length": [facts(issue(documents.entry(blurb="Short."))), facts(issue(documents.entry(blurb="word " * 5_001)))],
    "attached": [_said("The slides are attached."), _said("See the attachment")],
    "stale-year": [_said("© 2024 The Wave"), _said("Copyright 2019, all of it"), _said("(c) 2031")],
    "link-broken": [_said("[the paper](/papers/1)"), _said("[it](javascript:alert)"), _said("[it](example.org/x)")],
    "link-dead": [_look(LinkFate.GONE, "404 Not Found")],
    "link-unsure": [_look(LinkFate.UNSURE, "403 Forbidden")],
    "link-not-looked-at": [facts(links=(link("https://example.org/x"),))],
    "link-nowhere": [facts(issue(documents.entry(link=None, blurb=BLURB)))],
    "link-twice": [
        facts(links=(link("https://example.org/x"), link("http://www.example.org/x?utm_source=a", block_id=2)))
    ],
    "link-shortened": [facts(links=(link("https://bit.ly/3x"),)), facts(links=(link("https://www.tinyurl.com/y"),))],
    "link-tracked": [
        facts(links=(link("https://example.org/x?utm_source=a&id=2"),)),
        facts(links=(link("https://example.org/x?id=2&fbclid=abc#part"),)),
    ],
    "link-http": [facts(links=(link("http://example.org/x"),))],
    "link-data": [_said("data:image/png;base64,AAAA")],
    "link-words": [
        _said("[click here](https://example.org/x)"),
        _said("[Read more…](https://example.org/x)"),
        _said("[**here**](https://example.org/x)"),
    ],
    "picture-words": [_pictured(""), _shown(PictureState.WAITING, alt="")],
    "picture-waiting": [_shown(None), _shown(PictureState.WAITING)],
    "picture-missing": [_shown(PictureState.FAILED, note="It is a web page and no picture.")],
    "picture-late": [_shown(PictureState.STORED, is_late=True)],
    "picture-file-name": [_pictured("cover-41.PNG"), _pictured("image 1"), _pictured("IMG_2041")],
    "renders": [facts(mail=None, error="The template is broken.")],
    "empty": [facts(replace(issue(), sections=()))],
    "size": [facts(mail=mail(size=100_001))],
    "size-near": [facts(mail=mail(size=85_001))],
    "unsubscribe": [facts(mail=Mail("<p>", UNSUBSCRIBE_SLOT, 1)), facts(mail=Mail(UNSUBSCRIBE_SLOT, "", 1))],
    "postal-address": [facts(issue(postal_address=" "))],
    "sender": [facts(newsletter=newsletter(sender_name="")), facts(newsletter=newsletter(sender_address="nobody"))],
    "promotion-over": [
        _promoted(ends_at=NOW),
        _promoted(ends_on=date(2026, 11, 15)),
        _promoted(ends_at=None, event_at=NOW - timedelta(hours=1)),
    ],
    "no-readers": [facts(readers=0)],
    "section-empty": [facts(sections=(SectionFacts("Trends", 1, 1, 3), SectionFacts("Talks", 0, 0, 3)))],
    "section-over": [facts(sections=(SectionFacts("Trends", 5, 4, 3),))],
    "picks-few": [facts(newsletter=newsletter(minimum_picks=3))],
    "source-often": [facts(blocks=tuple(block(block_id=n, source="Holdout") for n in range(4)))],
    "ran-before": [facts(blocks=(block(ran_in=41),))],
    "old": [facts(blocks=(block(at=NOW - timedelta(days=15)),))],
} | arriving.FAULTS
"""Examples of what each rule finds."""

GOOD: dict[str, list[Facts]] = {
    "subject-missing": [facts(issue(subject="x"))],
    "preheader-missing": [facts(issue(preheader="x"))],
    "preheader-poor": [facts(issue(preheader="x" * 140))],
    "blurb-missing": [facts(blocks=(block(kind=BlockKind.TEXT, has_blurb=False),))],
    "blurb-draft": [facts(blocks=(block(draft=""),))],
    "length": [facts(issue(documents.entry(TITLE, blurb="word " * 45))), facts(replace(issue(), sections=()))],
    "link-dead": [_look(LinkFate.UNSURE, "403 Forbidden"), _look(LinkFate.THERE, "200 OK")],
    "link-unsure": [_look(LinkFate.GONE, "404 Not Found"), _look(LinkFate.THERE, "200 OK")],
    "link-not-looked-at": [_look(LinkFate.UNSURE, "late"), facts(links=(link("mailto:ada@example.org"),))],
    "link-nowhere": [facts(issue(documents.words(BLURB)))],
    "link-http": [facts(links=(link("https://example.org/http://x"),))],
    "link-data": [_said("Our data:image and sound")],
    "picture-words": [_pictured("A map"), facts(issue(documents.entry(blurb=BLURB)))],
    "renders": [facts()],
    "empty": [facts(issue(documents.words(BLURB)))],
    "size": [facts(mail=mail(size=100_000))],
    "unsubscribe": [facts(), facts(mail=None)],
    "postal-address": [facts(issue(postal_address="1 Road"))],
    "sender": [facts()],
    "no-readers": [facts(readers=1)],
    "section-empty": [facts(sections=(SectionFacts("Trends", 1, 0, 3),))],
    "picks-few": [facts(newsletter=newsletter(minimum_picks=1))],
    "ran-before": [facts(blocks=(block(ran_in=None),))],
    "subject-length": [facts(issue(subject="x" * 10)), facts(issue(subject="x" * 78))],
    "subject-loud": [
        facts(issue(subject="NASA on an AI model")),
        facts(issue(subject="A surgeon, a winnery and urgently!")),
    ],
    "tk": [facts(issue(subject="The ATK store")), _said("a tk of our own")],
    "placeholder": [_said("We have much to do, and all of it is done"), _said("[1] says so")],
    "attached": [_said("We are attachedly yours")],
    "stale-year": [_said("© 2026 The Wave"), _said("In 2024 the copyright lapsed")],
    "link-broken": [_said("[the paper](https://example.org/x)"), _said("[write](mailto:a@example.org)")],
    "link-twice": [facts(links=(link("https://example.org/x"), link("https://example.org/x")))],
    "link-tracked": [facts(links=(link("https://example.org/utm_source/x?id=utm_source"),))],
    "link-shortened": [facts(links=(link("https://orbit.ly.example/x"),))],
    "link-words": [_said("[how it was measured](https://example.org/x)")],
    "picture-file-name": [_pictured("A map of the harbour.")],
    "picture-waiting": [_shown(PictureState.FAILED), _shown(PictureState.STORED)],
    "picture-missing": [_shown(PictureState.WAITING), _shown(PictureState.STORED)],
    "picture-late": [_shown(PictureState.STORED, is_shown=True)],
    "promotion-over": [
        _promoted(ends_at=NOW + timedelta(seconds=1)),
        _promoted(ends_on=date(2026, 11, 16)),
        _promoted(),
    ],
    "size-near": [facts(mail=mail(size=85_000))],
    "source-often": [facts(blocks=tuple(block(block_id=n, source="") for n in range(9)))],
    "old": [facts(blocks=(block(at=NOW - timedelta(days=15)),), old_before=None)],
    "section-over": [facts(sections=(SectionFacts("Trends", 5, 3, 3),))],
} | arriving.GOOD
"""Examples that are near to a fault and none."""


def test_a_good_issue_is_all_fine() -> None:
    report = judge.report(facts())
    assert found(facts()) == {}
    assert len(report.fine) == len(judge.RULES)
    assert report.is_clear


def test_every_rule_has_a_fault_that_fires_it_and_one_near_that_does_not() -> None:
    codes = [rule.code for rule in judge.RULES]
    assert sorted(codes) == sorted(set(codes))
    assert set(FAULTS) == set(codes)
    assert set(GOOD) == set(codes)
    assert all([*FAULTS.values(), *GOOD.values()])
    assert len(codes) >= 25


@pytest.mark.parametrize(("code", "given_facts"), [(code, each) for code, many in FAULTS.items() for each in many])
def test_a_fault_is_found(code: str, given_facts: Facts) -> None:
    findings = found(given_facts)[code]
    rule = next(rule for rule in judge.RULES if rule.code == code)
    for finding in findings:
        assert finding.words.endswith((".", "!", "?")) or "http" in finding.words, "a sentence"
        assert finding.level is rule.level
        assert finding.about
        assert len(finding.about) <= 200


@pytest.mark.parametrize(("code", "given_facts"), [(code, each) for code, many in GOOD.items() for each in many])
def test_what_is_near_to_a_fault_is_none(code: str, given_facts: Facts) -> None:
    assert code not in found(given_facts)


def test_what_blocks_is_what_must_never_leave() -> None:
    blocking = {rule.code for rule in judge.RULES if rule.level is Level.BLOCKS}
    assert blocking == {
        *("subject-missing", "tk", "link-broken", "link-dead", "renders", "empty", "size", "unsubscribe"),
        *("postal-address", "sender", "promotion-over", "blurb-draft", "link-personal", "style-size", "message"),
        *("headers", "one-click", "signed", "text-links", "text-words", "postal-address-parts", "spam", "picture-alt"),
        *("contrast-light", "contrast-dark", "axe"),
    }


def test_findings_lead_to_their_place() -> None:
    (finding,) = found(_said("By TK."))["tk"]
    assert finding.block_id == 1
    (finding,) = found(facts(issue(subject="What TK forgets")))["tk"]
    assert (finding.field, finding.block_id) == ("subject", None)


def test_a_tick_holds_until_the_thing_changes() -> None:
    (finding,) = found(_said("By TK."))["tk"]
    tick = Tick("tk", finding.about, finding.content, by=1, by_name="Mina", at=NOW)
    report = judge.report(_said("By TK."), [tick])
    assert report.is_clear
    assert [each.tick for each in report.ticked] == [tick]
    assert not judge.report(_said("By TK, of TK."), [tick]).is_clear
    assert not judge.report(facts(issue(subject="What TK forgets")), [tick]).is_clear


def test_what_no_person_can_know_better_is_not_ticked_off() -> None:
    given_facts = facts(replace(issue(), sections=()))
    (finding,) = found(given_facts)["empty"]
    tick = Tick("empty", finding.about, finding.content, by=1, by_name="Mina", at=NOW)
    assert not judge.report(given_facts, [tick]).is_clear


_TEXTS = st.text(max_size=300)
_HARD = st.sampled_from(["TK", "[x](", "](", "©2024", "http://[", "https://[::1", "%", "{}", "!!!", "\ud83d", "\x00"])


@given(st.lists(_TEXTS | _HARD, min_size=8, max_size=8), _TEXTS | _HARD)
def test_the_rules_say_something_whatever_stands_in_the_issue(texts: list[str], url: str) -> None:
    entry = replace(
        documents.entry(texts[0], blurb=texts[1]), link=url, image_url=url, image_alt=texts[2], source=texts[3]
    )
    document = issue(entry, subject=texts[4], preheader=texts[5], postal_address=texts[6])
    links = (*gather.links_of(document), link(url, words=texts[7]))
    report = judge.report(facts(document, links=links, blocks=(block(name=texts[0], has_blurb=False, ran_in=3),)))
    assert len({finding.code for finding in report.findings}) == len(judge.RULES)
    assert all(finding.words for finding in report.findings)


@given(_TEXTS)
def test_only_what_markdown_made_a_link_is_one(words: str) -> None:
    entry: DocumentEntry = documents.words(words)
    for each in gather.links_of(issue(entry)):
        assert markdown.is_link(each.url)
