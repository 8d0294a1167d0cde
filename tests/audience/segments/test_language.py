"""The language of filters: what is written is read as the same, and nonsense is told where it is nonsense."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.audience.segments.parse import MAX_DAYS, parse
from curator.audience.segments.spell import spelled
from curator.audience.segments.values import (
    All,
    Before,
    CameFrom,
    Deed,
    Did,
    Ever,
    Fact,
    Filter,
    Interested,
    Is,
    Not,
    Since,
    Some,
    Tagged,
    Within,
    both,
)
from curator.audience.segments.words import WordsError
from curator.errors import InvalidError

_NAMES = (
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
_DAYS = st.dates(date(1990, 1, 1), date(2199, 12, 31))
_WHENS = st.one_of(st.builds(Within, st.integers(1, MAX_DAYS)), st.builds(Before, _DAYS), st.builds(Since, _DAYS))
_TERMS = st.one_of(
    *(st.builds(kind, _NAMES) for kind in (Tagged, Interested, CameFrom)),
    st.builds(Is, st.sampled_from(Fact)),
    st.builds(Did, st.sampled_from(Deed), _WHENS),
    st.builds(Did, st.sampled_from([Deed.CLICKED, Deed.LEFT]), st.just(Ever())),
)


def _larger(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, parts), st.builds(All, several), st.builds(Some, several))


_FILTERS = st.recursive(_TERMS, _larger, max_leaves=8)


def _read(text: str) -> Filter | WordsError:
    try:
        return parse(text)
    except WordsError as error:
        return error


@given(_FILTERS)
def test_a_filter_is_read_as_it_was_written(filter_: Filter) -> None:
    found = _read(spelled(filter_))
    # A text that is refused is one that a person could not read either, however it came together.
    said = found.reason if isinstance(found, WordsError) else ""
    assert found == filter_ or "at most" in said or "brackets and nots" in said


_TYPED = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("tag", "interest", "source", "is", ":", "(", ")", "and", "or", "not", "clicked", "joined", "left"),
                *(
                    "within",
                    "90",
                    "days",
                    "before",
                    "since",
                    "2026-06-01",
                    '"',
                    "“",
                    "”",
                    "speaker",
                    "paused",
                    "\\",
                    "\0",
                ),
            ]
        ),
        st.text(max_size=5),
    ),
    max_size=30,
).map(" ".join)


@given(st.one_of(_TYPED, st.text(max_size=200)))
def test_any_text_is_a_filter_or_is_refused_at_a_place_within_it(text: str) -> None:
    found = _read(text)
    if isinstance(found, WordsError):
        assert 1 <= found.place <= len(text) + 1
        assert found.field == "words"
        assert found.reason.endswith((".", "?"))
    else:
        assert parse(spelled(found)) == found


def test_the_example_of_the_help_is_read() -> None:
    found = parse(
        "Tag:speaker and interest:“Vector search” AND clicked within 12 weeks\n"
        "and not (source:import* or is:paused) and joined before 2026-06-01"
    )
    assert found == All(
        (
            Tagged("speaker"),
            Interested("Vector search"),
            Did(Deed.CLICKED, Within(84)),
            Not(Some((CameFrom("import*"), Is(Fact.PAUSED)))),
            Did(Deed.JOINED, Before(date(2026, 6, 1))),
        )
    )


def test_or_binds_less_than_and() -> None:
    assert parse("is:active and tag:a or tag:b") == Some((All((Is(Fact.ACTIVE), Tagged("a"))), Tagged("b")))


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", 1, "nothing is said yet"),
        ("tags:speaker", 1, "Did you mean “tag”?"),
        ("tag:", 5, "such as tag:speaker"),
        ("tag speaker", 5, "a colon and a name"),
        ("tag:a tag:b", 7, "comes “and” or “or”"),
        ("tag:a and", 10, "ends too early"),
        ("(tag:a", 7, "is not closed"),
        ("tag:a)", 6, "closes nothing"),
        ('tag:"a', 5, "is not closed"),
        ("clicked within ninety days", 16, "90 days, or 12 weeks"),
        ("clicked within 90 years", 19, "90 days, or 12 weeks"),
        ("clicked within 0 days", 16, "from 1 to 3,650"),
        ("joined", 7, "comes when"),
        ("joined before 2026-02-30", 15, "2026-06-01"),
        ("is:gone", 4, "active, pending, left, paused, text-only, suppressed"),
        ("source:import:list", 14, "in quotes"),
        ("not " * 20 + "tag:a", 53, "Say it plainer"),
        (" or ".join(["is:left"] * 41), 441, "Make two segments"),
        ("x" * 1001, 1001, "at most 1,000 characters"),
    ],
)
def test_what_is_no_filter_is_told_where_and_what_to_do(text: str, place: int, said: str) -> None:
    with pytest.raises(InvalidError) as refused:
        parse(text)
    assert isinstance(refused.value, WordsError)
    assert refused.value.place == place
    assert said in refused.value.reason


def test_conditions_are_put_together_flat() -> None:
    a, b, c = Tagged("a"), Tagged("b"), Tagged("c")
    assert both(None, None) is None
    assert both(None, a) == a
    assert both(All((a, b)), None, c) == All((a, b, c))
