"""What the facts of a log come to."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from curator.leavings.values import Deed, Fact, Left, last_words, of_line

_AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
_READERS = (Deed.LEFT, Deed.RETURNED)


def fact(deed: Deed, minute: int, *, who: str = "7", how: str = "") -> Fact:
    at = _AT + timedelta(minutes=minute)
    if deed in _READERS:
        return Fact(deed, at, newsletter_id=1, subscribers=(int(who),), how=how)
    return Fact(deed, at, marks=(f"erased:{who}",), how=how)


def test_a_fact_is_the_same_after_its_line() -> None:
    one = Fact(Deed.LEFT, _AT, newsletter_id=3, subscribers=(7, 9), how="one-click")
    assert of_line(one.to_line()) == one
    assert of_line(Fact(Deed.NUMBERS, _AT, numbers={"subscriber": 12}).to_line()) is not None


def test_a_torn_line_tells_nothing() -> None:
    line = fact(Deed.LEFT, 0).to_line()
    assert all(of_line(line[:end]) is None for end in range(len(line)))
    assert of_line("[1, 2]") is None
    assert of_line('{"deed": "left", "at": "2026-11-16T09:00:00"}') is None


def test_the_last_word_about_a_reader_counts() -> None:
    words = last_words([fact(Deed.LEFT, 0), fact(Deed.RETURNED, 5), fact(Deed.LEFT, 9, how="link")], since=_AT)
    assert words.left == {(1, 7): Left(_AT + timedelta(minutes=9), "link")}
    back = last_words([fact(Deed.LEFT, 0), fact(Deed.RETURNED, 5)], since=_AT)
    assert (back.left, back.returned) == ({}, {(1, 7)})


def test_of_two_facts_of_one_moment_the_graver_counts() -> None:
    assert last_words([fact(Deed.LEFT, 5), fact(Deed.RETURNED, 5)], since=_AT).left
    assert last_words([fact(Deed.SUPPRESSED, 5), fact(Deed.LIFTED, 5)], since=_AT).suppressed


def test_whoever_was_erased_and_came_back_was_still_erased() -> None:
    words = last_words([fact(Deed.ERASED, 1), fact(Deed.CAME_BACK, 2)], since=_AT)
    assert (set(words.erased), words.came_back) == ({"erased:7"}, {"erased:7"})


def test_what_happened_long_before_the_backup_is_passed_over_but_not_its_numbers() -> None:
    facts = [fact(Deed.LEFT, -90), Fact(Deed.NUMBERS, _AT - timedelta(days=2), numbers={"subscriber": 12})]
    words = last_words(facts, since=_AT)
    assert (words.left, words.numbers) == ({}, {"subscriber": 12})


_DEEDS = st.sampled_from([each for each in Deed if each not in (Deed.BEGUN, Deed.NUMBERS)])


@given(st.lists(st.builds(fact, _DEEDS, st.integers(0, 5), who=st.sampled_from("78"))), st.randoms())
def test_several_logs_come_to_the_same_in_any_order(facts: list[Fact], chance: Random) -> None:
    shuffled = list(facts)
    chance.shuffle(shuffled)
    assert last_words(shuffled, since=_AT) == last_words(facts, since=_AT)
    assert last_words([*facts, *facts], since=_AT) == last_words(facts, since=_AT)
