"""What is learned from which decisions, and what is not."""

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.picks.taste.fit import fit
from curator.picks.taste.model import Taste
from curator.picks.taste.reasons import scored
from curator.picks.taste.stored import to_bytes
from curator.picks.taste.values import Example, Facts, Kind, Untaught
from curator.picks.taste.words import SITE
from tests.picks.taste.invented import NOW, facts, liked, others, pick

SHORE = facts("Notes on tide pools in winter", url="https://coast.example/new", feed="Coast")
PHONE = facts("Notes on phone deals in winter", url="https://coast.example/other", feed="Coast")


def learned(examples: list[Example], pool: list[Facts]) -> Taste:
    taste = fit(examples, pool, now=NOW, seed=1)
    assert isinstance(taste, Taste), taste
    return taste


def test_what_is_like_the_picks_stands_above_what_is_not() -> None:
    taste = learned(liked(), others())
    assert [each.facts for each in scored(taste, [PHONE, SHORE])] == [SHORE, PHONE]
    assert (taste.positives, taste.negatives) == (12, 60)


def test_three_picks_of_a_matter_move_it_up() -> None:
    kelp = facts("How kelp forests grow back", url="https://coast.example/kelp", feed="Coast")
    before = learned(liked(), others()).score([kelp, SHORE])
    picks = [pick(f"Kelp forests of bay {number}", days_ago=1, feed="Bay") for number in range(3)]
    after = learned([*liked(), *picks], others()).score([kelp, SHORE])
    assert after[0] - after[1] > before[0] - before[1]


@pytest.mark.parametrize(
    ("examples", "pool", "word"),
    [
        ([], others(), "no picks"),
        (liked(1), others(), "1 picked or saved item "),
        (liked(2), others(), "2 picked or saved items"),
        (liked(), [], "nothing yet to tell"),
        ([], [], "no picks"),
        ([pick("Phone deals", kind=Kind.PASSED)] * 5, others(), "no picks"),
        ([replace(each, weight=0.0) for each in liked()], others(), "no picks"),
    ],
)
def test_too_little_teaches_nothing_and_says_so(examples: list[Example], pool: list[Facts], word: str) -> None:
    found = fit(examples, pool, now=NOW, seed=1)
    assert isinstance(found, Untaught)
    assert word in found.reason


def test_what_is_known_only_later_is_not_looked_at() -> None:
    later = [pick(f"Phone deals {number}", days_ago=-1) for number in range(30)]
    fresh = [replace(each, first_seen_at=NOW + timedelta(hours=1)) for each in others(40)]
    fresh = [replace(each, key=f"later {each.key}") for each in fresh]
    assert to_bytes(learned(liked() + later, others() + fresh)) == to_bytes(learned(liked(), others()))


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_input_does_not_matter(dice: random.Random) -> None:
    examples, pool = [*liked(), pick("Phone deals", kind=Kind.PASSED)], others()
    expected = to_bytes(learned(examples, pool))
    dice.shuffle(examples)
    dice.shuffle(pool)
    assert to_bytes(learned(examples, pool)) == expected


def test_what_still_waits_for_the_editor_is_no_no() -> None:
    waiting = [replace(each, key=f"new {each.key}", first_seen_at=NOW - timedelta(days=13)) for each in others()]
    with_them, without = learned(liked(), others() + waiting), learned(liked(), others())
    asked = [*others(), *waiting, SHORE]
    assert (with_them.terms, with_them.negatives) == (without.terms, without.negatives)
    assert with_them.score(asked).tolist() == without.score(asked).tolist()
    assert isinstance(fit(liked(), waiting, now=NOW, seed=1), Untaught)
    assert learned(liked(), others()).negatives == 60


def test_several_decisions_about_one_item_are_one() -> None:
    twice = [*liked(), *(replace(each, kind=Kind.PASSED) for each in liked())]
    taste = learned(twice, [*others(), *(each.facts for each in liked())])
    assert (taste.positives, taste.negatives) == (12, 60)


def test_a_site_is_never_judged_by_the_item_itself() -> None:
    alone = pick("A lonely pick", url="https://lonely.example/1")
    twin = pick("Its neighbour", url="https://lonely.example/2")
    taste = learned([*liked(), alone, twin], others())
    stranger = facts("Somebody else", url="https://lonely.example/3")
    assert taste.records.record(f"{SITE}lonely.example", stranger).picked == 2
    assert taste.records.record(f"{SITE}lonely.example", alone.facts).picked == 1
    lift, seen = taste.records.lift([stranger, alone.facts, twin.facts])
    assert lift[0] > lift[1] == lift[2]
    assert seen.tolist() == [2.0, 1.0, 1.0]


def test_a_story_in_ten_thousand_copies_counts_once() -> None:
    copies = [
        facts("Phone deals galore", key=f"copy {number}", url=f"https://x.example/{number}") for number in range(10_000)
    ]
    taste = learned(liked(), others() + copies)
    assert taste.negatives == 61
    assert scored(taste, [PHONE, SHORE])[0].facts == SHORE


def test_weak_decisions_fade_after_half_a_year() -> None:
    def against(days_ago: float) -> float:
        passed = [
            pick(f"Sea glass {number}", kind=Kind.PASSED, days_ago=days_ago, url=f"https://glass.example/{number}")
            for number in range(6)
        ]
        asked = [facts("Sea glass", url="https://new.example/"), facts("Zebra", url="https://new.example/")]
        glass, zebra = learned([*liked(), *passed], others()).score(asked)
        return float(glass - zebra)

    assert against(10) == against(170) < 0
    assert against(170) < against(2500)


def test_clicks_make_a_pick_count_more() -> None:
    kelp = pick("Kelp forests", url="https://kelp.example/1")
    clicks = replace(kelp, kind=Kind.CLICKED, weight=3.0)
    asked = [facts("More kelp forests", url="https://new.example/")]
    plain = learned([*liked(), kelp], others()).score(asked)[0]
    assert learned([*liked(), kelp, clicks], others()).score(asked)[0] > plain


def test_what_nobody_counted_is_the_usual_and_no_zero() -> None:
    """Back issues have no points; that does not teach that few points are good."""
    back = [replace(each, kind=Kind.BACK_ISSUE) for each in liked()]
    offered = [replace(each, points=10 + number) for number, each in enumerate(others())]
    few, many, unknown = learned(back, offered).score([replace(SHORE, points=points) for points in (1, 900, None)])
    assert few == pytest.approx(many, abs=0.1)
    assert unknown == pytest.approx(many, abs=0.1)


def test_empty_titles_and_other_scripts_do_no_harm() -> None:
    odd = [facts("", key=f"empty {number}", url=None, feed="") for number in range(5)]
    chinese = [pick(f"潮池生态笔记{number}", url=f"https://zh.example/{number}") for number in range(4)]
    arabic = [facts(f"أسعار الهواتف {number}", url=f"https://ar.example/{number}") for number in range(4)]
    taste = learned([*liked(), *chinese], others() + odd + arabic)
    scores = taste.score([facts("潮池生态", url=None), facts("أسعار الهواتف", url=None), facts("", url=None)])
    assert np.isfinite(scores).all()
    assert scores[0] > scores[1]


def test_no_items_have_no_scores() -> None:
    assert learned(liked(), others()).score([]).tolist() == []


def test_items_without_any_words_can_be_learned_from() -> None:
    empty = [Example(facts("", key=str(number), url=None, feed=""), Kind.PICK, NOW) for number in range(4)]
    taste = learned(empty, [facts("", key=f"n{number}", url=None, feed="") for number in range(4)])
    assert np.isfinite(taste.score([SHORE])).all()
