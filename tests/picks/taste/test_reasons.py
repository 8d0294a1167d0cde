"""Reasons come from what makes up the score, and say only what is true."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.picks.taste.fit import fit
from curator.picks.taste.model import Taste
from curator.picks.taste.reasons import reasons
from curator.picks.taste.values import Example, Facts, Kind, ReasonKind
from curator.picks.taste.words import site, terms
from tests.picks.taste.invented import NOW, facts, liked, others, pick

DAILY = [pick(f"A short view {number}", url=f"https://views.example/{number}", feed="Views") for number in range(6)]
BACK = [
    pick(f"Old shore {number}", kind=Kind.BACK_ISSUE, url=f"https://old.example/{number}", feed="") for number in (1, 2)
]
EXAMPLES: list[Example] = [*liked(), *DAILY, *BACK]
POOL = [
    *others(300),
    *(facts(f"A long read {number}", url=f"https://views.example/long/{number}", feed="Views") for number in range(30)),
]


@pytest.fixture(scope="module")
def taste() -> Taste:
    found = fit(EXAMPLES, POOL, now=NOW, seed=1)
    assert isinstance(found, Taste)
    return found


def told(taste: Taste, item: Facts, most: int = 9) -> list[str]:
    return [reason.words for reason in reasons(taste, item, most=most)]


def test_contributions_make_up_the_score(taste: Taste) -> None:
    for item in [*POOL[:5], facts("Counting tide pools", url="https://github.com/a/b", sources=3, points=9)]:
        total = sum(each.weight for each in taste.contributions(item)) + taste.intercept
        assert total == pytest.approx(taste.score([item])[0])


def test_a_figure_is_no_word_though_it_is_called_like_one() -> None:
    """The word "familiar" speaks for items here, and so does a familiar site."""
    picks = [pick(f"Familiar shores {number}", url=f"https://shore.example/{number}") for number in range(9)]
    found = fit(picks, others(), now=NOW, seed=1)
    assert isinstance(found, Taste)
    parts = found.contributions(facts("Zebra", url="https://shore.example/99"))
    assert "familiar" in found.columns
    assert "familiar" in {each.name for each in parts if each.column is None}
    assert "familiar" not in {each.name for each in parts if each.column is not None}
    assert not any("familiar" in words for words in told(found, facts("Zebra", url="https://shore.example/99")))


def test_an_item_is_like_the_picks_of_an_issue(taste: Taste) -> None:
    found = told(taste, facts("What tide pools taught us part 8", url="https://new.example/x", feed=""))
    assert any(re.fullmatch(r"like \d picks of issue 4[01]", words) for words in found)


def test_a_site_has_its_rate(taste: Taste) -> None:
    """Six of its thirty-six were picked; of everything it is 1 in 17."""
    found = told(taste, facts("A short view", url="https://views.example/new", feed="Views"))
    assert "from a domain you pick 1 in 6" in found
    assert "words you pick: short, view" in found


def test_a_feed_has_its_rate() -> None:
    bay = [pick(f"Letter {chr(97 + each)}", url=f"https://s{each}.example/", feed="Bay") for each in range(4)]
    found = fit(
        [*liked(), *bay], [*others(), facts("Long letter", url="https://s9.example/", feed="Bay")], now=NOW, seed=1
    )
    assert isinstance(found, Taste)
    assert "you picked 4 of 5 from this feed" in told(found, facts("Zebra", url="https://new.example/", feed="Bay"))


def test_a_rate_is_of_what_is_remembered_and_counts_what_still_waits() -> None:
    """Ten years of picks beside what nobody wanted within three months would make a site that is always picked."""
    days = {"old": 2000, "new": 20}
    picks = [
        pick(
            f"View {age} {chr(97 + each)}",
            url=f"https://views.example/{age}/{each}",
            first_seen_at=NOW - timedelta(ago),
        )
        for age, ago in days.items()
        for each in range(4)
    ]
    waiting = [
        facts(f"Long view {each}", url=f"https://views.example/long/{each}", first_seen_at=NOW - timedelta(2))
        for each in range(8)
    ]
    whole_since = NOW - timedelta(days=90)
    found = fit([*liked(), *picks], [*others(), *waiting], now=NOW, seed=1, whole_since=whole_since)
    assert isinstance(found, Taste)
    asked = facts("View of today", url="https://views.example/today", feed="")
    assert "from a domain you pick 1 in 3" in told(found, asked)
    old_ones = [replace(each, facts=replace(each.facts, first_seen_at=NOW - timedelta(days=2000))) for each in picks]
    found = fit([*liked(), *old_ones], others(), now=NOW, seed=1, whole_since=whole_since)
    assert isinstance(found, Taste)
    assert "you ran 8 links from this domain" in told(found, asked)


def test_back_issues_tell_what_ran_and_no_rate(taste: Taste) -> None:
    found = told(taste, facts("Old shore", url="https://old.example/new", feed=""))
    assert "you ran 2 links from this domain" in found


def test_what_the_model_knows_nothing_for_has_no_reason(taste: Taste) -> None:
    assert told(taste, facts("Zebra", url="https://unknown.example/", feed="")) == []
    assert told(taste, Facts(key="", title="")) == []


_WORDS = (
    "tide",
    "pools",
    "kelp",
    "phone",
    "deals",
    "notes",
    "on",
    "short",
    "view",
    "part",
    "1",
    "8",
    "潮池",
    "old",
    "shore",
)
_URLS = ("https://views.example/1", "https://old.example/1", "https://shore.example/notes-on-limpets-part-2", None)


_ITEMS = st.builds(
    facts,
    st.lists(st.sampled_from(_WORDS), max_size=6).map(" ".join),
    url=st.sampled_from(_URLS),
    feed=st.sampled_from(["Views", "Gadgets", "Shore", ""]),
    sources=st.sampled_from([None, 1, 2, 5]),
    points=st.sampled_from([None, 0, 50]),
)


@settings(max_examples=60, deadline=None)
@given(_ITEMS)
def test_every_reason_can_be_checked_against_the_data(taste: Taste, item: Facts) -> None:
    found = reasons(taste, item, most=9)
    assert [reason.weight for reason in found] == sorted((reason.weight for reason in found), reverse=True)
    weight = {each.name: each.weight for each in taste.contributions(item) if each.column is not None}
    assert weight.keys() <= set(terms(item))
    for reason in found:
        _CHECKS[reason.kind](item, reason.words, reason.evidence, weight)


def _check_like(item: Facts, words: str, evidence: tuple[str, ...], weight: dict[str, float]) -> None:
    picks = {example.facts.key: example for example in EXAMPLES}
    assert item.key not in evidence
    issue = re.fullmatch(r"like (\d+) picks of (issue \d+)", words)
    for key in evidence:
        shared = set(terms(picks[key].facts)) & set(terms(item))
        assert any(weight.get(term, 0) > 0 for term in shared)
        assert issue is None or picks[key].issue == issue[2]
    assert issue is None or int(issue[1]) == len(evidence)


def _check_words(item: Facts, words: str, evidence: tuple[str, ...], weight: dict[str, float]) -> None:
    assert set(evidence) <= set(terms(item))
    assert all(weight[term] > 0 and term in words for term in evidence)


def _check_site(item: Facts, words: str, evidence: tuple[str, ...], weight: dict[str, float]) -> None:
    assert evidence == (site(item.url),)
    _check_record(
        words,
        [each for each in EXAMPLES if site(each.facts.url) == evidence[0]],
        item,
        [each for each in POOL if site(each.url) == evidence[0]],
    )


def _check_feed(item: Facts, words: str, evidence: tuple[str, ...], weight: dict[str, float]) -> None:
    assert evidence == (item.feed,)
    _check_record(
        words,
        [each for each in EXAMPLES if each.facts.feed == item.feed],
        item,
        [each for each in POOL if each.feed == item.feed],
    )


def _check_record(words: str, decided: list[Example], item: Facts, pool: list[Facts]) -> None:
    decided = [each for each in decided if each.facts.key != item.key]
    picked = sum(each.kind is Kind.PICK for each in decided)
    offered = picked + len([each for each in pool if each.key != item.key])
    ran = sum(each.kind.ran for each in decided)
    what = "domain" if "domain" in words else "feed"
    links = "link" if ran == 1 else "links"
    assert words in (
        f"from a {what} you pick 1 in {offered / max(picked, 1):.0f}",
        f"you picked {picked} of {offered} from this {what}",
        f"you ran {ran} {links} from this {what}",
    )


def _check_sources(item: Facts, words: str, evidence: tuple[str, ...], weight: dict[str, float]) -> None:
    assert words == f"told by {item.sources} of your feeds"
    assert item.sources is not None
    assert item.sources > 1


def _check_points(item: Facts, words: str, evidence: tuple[str, ...], weight: dict[str, float]) -> None:
    assert words == f"{item.points} points elsewhere"
    assert item.points


_CHECKS = {
    ReasonKind.LIKE: _check_like,
    ReasonKind.WORDS: _check_words,
    ReasonKind.SITE: _check_site,
    ReasonKind.FEED: _check_feed,
    ReasonKind.SOURCES: _check_sources,
    ReasonKind.POINTS: _check_points,
}


def test_sources_points_and_repositories_are_told_where_they_count() -> None:
    """The picks of this editor are told by many feeds, have points, and are repositories."""
    picks = [
        pick(f"Tool {number}", url=f"https://github.com/a/{number}", sources=4, points=200) for number in range(10)
    ]
    offered = [replace(each, sources=1, points=5) for each in others()]
    found = fit(picks, offered, now=NOW, seed=1)
    assert isinstance(found, Taste)
    words = told(found, facts("Another", url="https://github.com/b/c", sources=4, points=212, feed=""))
    assert {"told by 4 of your feeds", "212 points elsewhere", "a code repository, as you often pick"} <= set(words)
