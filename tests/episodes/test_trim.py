"""Trimming: words may be left out, and a mark stands where they were; nothing else passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.episodes.trim import trimmed
from curator.errors import InvalidError

SAID = (
    "Well, I think most reminders only train the hand. We took them out. "
    "Two thirds went on, and the rest had never wanted it."
)


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (SAID, SAID),
        ("We took them out.", "We took them out."),
        ("Most reminders only train the hand.", "… Most reminders only train the hand."),
        ("most reminders train the hand", "… most reminders … train the hand"),
        ("We took them out … the rest had never wanted it.", "We took them out … the rest had never wanted it."),
        ("We took them out [...] the rest had never wanted it.", "We took them out … the rest had never wanted it."),
        ("Two thirds went on", "Two thirds went on …"),
        ("Two thirds went on.", "Two thirds went on. …"),
        ("I think ... only train the hand.", "… I think … only train the hand."),
    ],
)
def test_a_mark_stands_where_words_are_missing(wanted: str, kept: str) -> None:
    assert trimmed(SAID, wanted) == kept


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("All reminders only train the hand.", "“All” was not said here"),
        ("The hand took reminders.", "not said in this order"),
        ("", "Nothing is left"),
        (" … ", "Nothing is left"),
        ("We took them out. We took them out.", "not said in this order"),
    ],
)
def test_what_was_not_said_is_refused(wanted: str, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        trimmed(SAID, wanted)


_WORDS = st.lists(
    st.sampled_from(["the", "hand", "we", "took", "out", "and", "wanted", "never", "reminders", "two."]),
    min_size=1,
    max_size=25,
)


@given(_WORDS, st.data())
def test_any_words_in_order_pass_and_keep_their_order(words: list[str], data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    wanted = [word for word, keep in zip(words, kept, strict=True) if keep]
    if wanted:
        found = trimmed(" ".join(words), " ".join(wanted))
        assert [word for word in found.split() if word != "…"] == wanted
        assert trimmed(" ".join(words), found) == found


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_trimmed_or_refused(said: str, wanted: str) -> None:
    try:
        found = trimmed(said, wanted)
    except InvalidError:
        return
    assert found
