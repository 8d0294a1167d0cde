"""What is offered to which section: laws about any items, and the plain rules of each section."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from curator.feeds.values import FreshItem, ItemKind
from curator.newsletters.values import SectionSpec, Takes
from curator.picks.rules import candidates
from curator.picks.values import Candidate
from tests.picks.items import NOW, item, section

EPISODE, ARTICLE = ItemKind.EPISODE, ItemKind.ARTICLE
THREE = (section(1, Takes.EPISODES), section(2, Takes.TRENDS, budget=2), section(3, Takes.ARTICLES))


def _offered(*items: FreshItem, sections: tuple[SectionSpec, ...] = THREE, **given: object) -> list[Candidate]:
    return candidates(items, sections, now=NOW, **({"ran": frozenset()} | given))  # type: ignore[arg-type]  # the test's own words


def _titles(found: list[Candidate], section_id: int) -> list[str]:
    return [candidate.item.title for candidate in found if candidate.section_id == section_id]


WORDS = ["vector", "database", "index", "forget", "card", "model", "winter", "label", "census", "rust"]
ITEMS = st.lists(
    st.builds(
        lambda words, feed, kind, days, canonical: (" ".join(words), feed, kind, days, canonical),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
        st.integers(1, 4),
        st.sampled_from(ItemKind),
        st.integers(0, 30),
        st.none() | st.sampled_from(["https://a.example/", "https://b.example/"]),
    ),
    max_size=25,
).map(
    lambda rows: [
        item(title, id=number, feed_id=feed, kind=kind, days=days, canonical_url=canonical)
        for number, (title, feed, kind, days, canonical) in enumerate(rows, start=1)
    ]
)


@given(ITEMS, st.randoms())
def test_the_order_of_the_input_does_not_matter(items: list[FreshItem], random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis hands a random.Random
    assert _offered(*items) == _offered(*shuffled)


@given(ITEMS, st.randoms())
def test_ids_decide_nothing(items: list[FreshItem], random: object) -> None:
    named = [replace(each, identity=f"{each.id:064x}", feed_url=f"https://{each.feed_id}.example/") for each in items]
    ids = [each.id for each in named]
    random.shuffle(ids)  # type: ignore[attr-defined]  # Hypothesis hands a random.Random
    renumbered = [replace(each, id=id_) for each, id_ in zip(named, ids, strict=True)]
    offered = [(found.item.identity, found.section_id, found.reasons) for found in _offered(*named)]
    assert [(found.item.identity, found.section_id, found.reasons) for found in _offered(*renumbered)] == offered


def test_of_one_page_in_two_feeds_the_same_is_offered_whichever_was_polled_first() -> None:
    page = item(canonical_url="https://site.example/1")
    told = [
        replace(page, feed_id=1, feed_title="All", feed_url="https://site.example/all.xml", identity="a" * 64),
        replace(page, feed_id=2, feed_title="Data", feed_url="https://site.example/data.xml", identity="a" * 64),
    ]
    for first, second in (told, told[::-1]):
        [found] = _offered(replace(first, id=1), replace(second, id=2))
        assert found.item.feed_title == "All"


@given(ITEMS, st.frozensets(st.integers(1, 25)))
def test_an_item_is_offered_once_and_never_when_it_ran(items: list[FreshItem], ran: frozenset[int]) -> None:
    found = _offered(*items, ran=ran | {"https://a.example/"})
    ids = [candidate.item.id for candidate in found]
    assert len(ids) == len(set(ids))
    assert not set(ids) & ran
    urls = [candidate.item.canonical_url for candidate in found if candidate.item.canonical_url]
    assert len(urls) == len(set(urls))
    assert "https://a.example/" not in urls
    assert all(candidate.reasons for candidate in found)


def test_episodes_of_the_own_show_come_first() -> None:
    found = _offered(
        item("Theirs, newest", id=1, feed_id=2, kind=EPISODE, days=0),
        item("Ours, newer", id=2, feed_id=1, kind=EPISODE, days=2),
        item("Ours, older", id=3, feed_id=1, kind=EPISODE, days=6),
        own_feeds=frozenset({1}),
    )
    assert _titles(found, 1) == ["Ours, newer", "Ours, older", "Theirs, newest"]
    assert found[0].reasons == ("an episode of your own show", "out 2 days ago")


def test_other_shows_take_turns() -> None:
    found = _offered(
        *(item(f"Daily {number}", id=number, feed_id=1, kind=EPISODE, days=number) for number in (1, 2, 3)),
        item("Weekly", id=9, feed_id=2, kind=EPISODE, days=5),
    )
    assert _titles(found, 1) == ["Daily 1", "Weekly", "Daily 2", "Daily 3"]


def test_a_matter_that_several_feeds_tell_is_a_trend() -> None:
    found = _offered(
        item("Vector databases arrive in the planner", id=1, feed_id=1, days=3),
        item("Do you need a vector database?", id=2, feed_id=2, days=1),
        item("The planner meets vector databases", id=3, feed_id=3, days=2),
        item("A history of index cards", id=4, feed_id=1),
    )
    assert _titles(found, 2) == ["Do you need a vector database?"]
    assert found[0].reasons == ('told by 3 of your feeds: "vector database"', "out yesterday")
    assert _titles(found, 3) == ["A history of index cards"]


def test_one_feed_that_repeats_itself_is_no_trend() -> None:
    found = _offered(
        item("Vector databases, part one", id=1, feed_id=1), item("Vector databases, part two", id=2, feed_id=1)
    )
    assert _titles(found, 2) == []
    assert len(_titles(found, 3)) == 2


def test_words_that_every_title_has_are_no_trend() -> None:
    found = _offered(
        *(item(f"Machine learning and {word}", id=n, feed_id=n) for n, word in enumerate("abcdefghijkl", start=1))
    )
    assert _titles(found, 2) == []


def test_the_loudest_name_makes_one_trend() -> None:
    found = _offered(
        *(item("Bing chats about search", id=feed, feed_id=feed) for feed in (1, 2, 3)),
        *(item("Bing maps move", id=10 + feed, feed_id=feed, days=2) for feed in (1, 2)),
        *(item("Winter census starts", id=20 + feed, feed_id=feed, days=3) for feed in (1, 2)),
    )
    assert _titles(found, 2) == ["Bing chats about search", "Winter census starts"]


def test_trends_beyond_the_budget_go_to_the_articles() -> None:
    matters = ("vector database", "census label", "winter model")
    found = _offered(
        *(
            item(f"{matter.title()} by feed {feed}", id=10 * number + feed, feed_id=feed, days=number)
            for number, matter in enumerate(matters, start=1)
            for feed in (1, 2)
        )
    )
    assert len(_titles(found, 2)) == 2
    assert len(_titles(found, 3)) == 2


def test_articles_are_capped_per_feed_unless_there_are_too_few_feeds() -> None:
    many = [item(f"Article {number}", id=number, feed_id=1, days=number / 10) for number in range(1, 9)]
    others = [item(f"Other {feed}", id=100 + feed, feed_id=feed, days=5) for feed in (2, 3)]
    assert _titles(_offered(*many, *others), 3) == ["Article 1", "Article 2", "Other 2", "Other 3"]
    assert _titles(_offered(*many), 3) == ["Article 1", "Article 2", "Article 3", "Article 4"]


def test_without_a_section_for_episodes_they_are_articles() -> None:
    found = _offered(item("Spoken", kind=EPISODE), sections=(section(3, Takes.ARTICLES),))
    assert _titles(found, 3) == ["Spoken"]


def test_two_sections_that_take_the_same_share_it() -> None:
    sections = (section(1, Takes.EPISODES, budget=1), section(2, Takes.EPISODES, budget=5))
    items = [item(f"Episode {number}", id=number, feed_id=number, kind=EPISODE, days=number) for number in (1, 2, 3)]
    found = _offered(*items, sections=sections)
    assert _titles(found, 1) == ["Episode 1"]
    assert _titles(found, 2) == ["Episode 2", "Episode 3"]


def test_what_cannot_be_linked_or_named_is_not_offered() -> None:
    found = _offered(
        item("No link", id=1, url=None),
        item("  ", id=2),
        item("Only audio", id=3, url=None, audio_url="https://a.example/1.mp3", kind=EPISODE),
    )
    assert [candidate.item.id for candidate in found] == [3]
