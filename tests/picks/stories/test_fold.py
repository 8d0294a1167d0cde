"""Items of several feeds that tell the same thing become one story."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.picks.stories.best import best_first
from curator.picks.stories.fold import by_story, fold
from curator.picks.stories.values import Telling
from curator.picks.stories.vectors import rarity

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
FROZEN = "Lake Tarn freezes over three weeks early"


def telling(number: int, title: str = "", feed: str | None = None, *, hours: float = 0, **more: object) -> Telling:
    """Returns an item of a feed of its own, so many hours after NOW."""
    at = NOW + timedelta(hours=hours)
    return Telling(number, title, feed or f"feed {number}", at, **more)  # type: ignore[arg-type] - any field


def others() -> list[Telling]:
    """Returns items that have nothing to do with anything, so that words have a rarity."""
    titles = (
        "A new ferry joins the harbour",
        "Bread prices rise in the north",
        "Museum opens its attic to children",
        "Council votes on the old bridge",
        "Orchestra plays for empty seats",
    )
    return [telling(900 + number, title) for number, title in enumerate(titles)]


def stories(*tellings: Telling) -> list[list[int]]:
    """Returns the stories of more than one item."""
    return [ids for ids in by_story(fold([*tellings, *others()])).values() if len(ids) > 1]


def test_two_feeds_that_tell_the_same_are_one_story() -> None:
    assert stories(telling(1, FROZEN), telling(2, "Three weeks early, Lake Tarn freezes")) == [[1, 2]]


def test_a_story_has_the_id_of_the_item_that_opened_it() -> None:
    found = fold([telling(2, FROZEN, hours=-1), telling(1, FROZEN), *others()])
    assert found[1] == found[2] == 2


def test_after_two_days_it_is_another_story() -> None:
    assert stories(telling(1, FROZEN), telling(2, FROZEN, hours=49)) == []
    assert stories(telling(1, FROZEN), telling(2, FROZEN, hours=48)) == [[1, 2]]


def test_a_story_does_not_creep_on_from_day_to_day() -> None:
    assert stories(*(telling(number, FROZEN, hours=40 * number) for number in range(1, 5))) == [[1, 2], [3, 4]]


def test_a_feed_is_not_its_own_witness() -> None:
    parts = [telling(number, f"Lake Tarn freezes over, part {number}", "one feed") for number in (1, 2, 3)]
    assert stories(*parts) == []


def test_what_a_feed_says_twice_word_for_word_is_one_story() -> None:
    assert stories(telling(1, FROZEN, "one feed"), telling(2, FROZEN, "one feed", hours=1)) == [[1, 2]]


def test_the_same_page_is_one_story_whenever_it_comes() -> None:
    page = "https://tarn.example/ice"
    early = telling(1, "Ice", canonical_url=page)
    assert stories(early, telling(2, "Something else", hours=9000, canonical_url=page)) == [[1, 2]]
    assert stories(early, telling(2, "Same feed, new title", early.feed, canonical_url=page)) == [[1, 2]]


@pytest.mark.parametrize("page", ["https://tarn.example/", "https://tarn.example", "http://[broken"])
def test_a_front_page_is_nobodys_own(page: str) -> None:
    assert stories(telling(1, "Ice", canonical_url=page), telling(2, "Bread", canonical_url=page)) == []


def test_a_show_whose_episodes_all_link_to_its_page_is_not_one_story() -> None:
    names = ("Ice", "Bread", "Ferries", "Bridges")
    shows = [telling(n, name, "the show", canonical_url="https://show.example/x") for n, name in enumerate(names)]
    assert stories(*shows) == []


@pytest.mark.parametrize("title", ["", "   ", "Links", "the of and", "!!! ---", "👋"])
def test_titles_that_say_nothing_are_no_story(title: str) -> None:
    assert stories(*(telling(number, title) for number in range(1, 9))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("百度发布新一代人工智能大模型", "百度今天发布人工智能大模型"),
        ("تجمد بحيرة فيل قبل موعدها بثلاثة أسابيع", "بحيرة فيل تجمد قبل موعدها"),
        ("Озеро Велль замёрзло на три недели раньше", "На три недели раньше замёрзло озеро Велль"),
    ],
)
def test_other_scripts_fold_as_well(one: str, other: str) -> None:
    assert stories(telling(1, one), telling(2, other), telling(3, "天气预报"), telling(4, "طقس اليوم")) == [[1, 2]]


def test_what_has_a_story_keeps_it_and_new_items_join_it() -> None:
    known = telling(1, FROZEN, story_id=77)
    assert fold([known, telling(2, FROZEN, hours=1), *others()])[2] == 77
    assert 1 not in fold([known, *others()])


def test_an_item_never_joins_a_story_through_a_common_word() -> None:
    assert stories(telling(1, "Tarn wins"), telling(2, "Tarn burns"), telling(3, "Storm over Tarn")) == []


def test_the_shows_own_item_stands_first_then_a_text_then_the_earliest() -> None:
    late, early = telling(1, FROZEN, hours=2, text="x" * 200), telling(2, FROZEN, text="x" * 200)
    teaser, own = telling(3, FROZEN, hours=-5), telling(4, FROZEN, hours=9, is_own=True)
    assert [each.id for each in best_first([late, teaser, early, own])] == [4, 2, 1, 3]


WORDS = st.sampled_from(
    [
        "ice",
        "lake",
        "tarn",
        "bread",
        "ferry",
        "museum",
        "bridge",
        "council",
        "frozen",
        "early",
        "百度",
        "人工智能",
        "بحيرة",
        "the",
    ]
)
TELLINGS = st.lists(
    st.tuples(
        st.lists(WORDS, max_size=7).map(" ".join),
        st.sampled_from("abcd"),
        st.integers(0, 150),
        st.sampled_from([None, "https://a.example/1", "https://a.example/2", "https://a.example/"]),
    ),
    max_size=25,
).map(
    lambda rows: [
        telling(number, title, feed, hours=hours, canonical_url=url)
        for number, (title, feed, hours, url) in enumerate(rows, start=1)
    ]
)


@given(TELLINGS, st.randoms(use_true_random=False))
def test_stories_do_not_depend_on_order(tellings: list[Telling], chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(tellings)
    chance.shuffle(shuffled)
    assert fold(shuffled) == fold(tellings)


@given(TELLINGS)
def test_every_item_has_one_story_and_the_opener_is_in_it(tellings: list[Telling]) -> None:
    found = fold(tellings)
    assert found.keys() == {each.id for each in tellings}
    assert all(found[story_id] == story_id for story_id in found.values())


@given(TELLINGS, st.integers(1, 24))
def test_items_that_come_later_are_folded_as_if_all_had_come_at_once(tellings: list[Telling], at: int) -> None:
    ordered = sorted((replace(each, canonical_url=None) for each in tellings), key=lambda each: (each.at, each.id))
    rare = rarity(others())
    found = fold(ordered[:at], rare=rare)
    settled = [replace(each, story_id=found[each.id]) for each in ordered[:at]]
    assert found | fold([*settled, *ordered[at:]], rare=rare) == fold(ordered, rare=rare)


@pytest.mark.parametrize(("feed", "title"), [("feed {}", FROZEN), ("one feed", FROZEN + ", part {}")])
def test_thousands_of_copies_take_time_in_proportion(feed: str, title: str) -> None:
    def seconds(size: int) -> float:
        flood = [telling(n, title.format(n), feed.format(n), hours=n / size) for n in range(1, size + 1)]
        began = process_time()
        assert len(set(fold(flood).values())) == (1 if title == FROZEN else size)
        return process_time() - began

    # Four times the items would take sixteen times as long if each were held against each.
    assert seconds(4000) < 9 * seconds(1000)
