"""Which titles a mute hides: the database and the page say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import InvalidError
from curator.picks import muting, set_aside
from curator.picks.values import InboxFilter, Mute
from tests.picks.desk import NOW, Desk

TITLES = (
    "Crypto is back",
    "What (crypto) did",
    "Cryptography for all",
    "A guide: crypto, explained",
    "Why crypto - again",
    "The crypto wars, part two",
    "\u00dcber C++",
)


def words(text: str) -> Mute:
    return Mute(1, 1, None, muting.cleaned(text))


@pytest.mark.parametrize(("text", "is_hidden"), [(title, title not in TITLES[2::4]) for title in TITLES])
def test_a_word_is_muted_as_a_whole(text: str, is_hidden: bool) -> None:
    assert (muting.mute_of(None, text, [words("crypto")]) is not None) is is_hidden


def test_words_in_a_row_are_muted_together() -> None:
    assert muting.mute_of(None, "Part two of the (Crypto wars)", [words("crypto wars")]) is not None
    assert muting.mute_of(None, "Wars of crypto", [words("crypto wars")]) is None
    assert muting.mute_of(None, "C++ and [x]", [words("c++ and [x]")]) is not None


def test_the_database_hides_what_the_page_calls_muted(desk: Desk) -> None:
    for number, title in enumerate(TITLES):
        desk.item(0, title, 5 + number)
    for text in ("crypto", "crypto wars, part", "100% of", "\u00fcber"):
        set_aside.mute_words(desk.db, desk.newsletter_id, text, by=None, now=NOW)
    rows = desk.rows(InboxFilter.ALL)
    said = {row.item.title for row in rows if row.mute is not None}
    assert set(desk.shown(InboxFilter.MUTED)) == said
    assert set(desk.shown()) == {row.item.title for row in rows} - said - {"Archived"}
    assert "Cryptography for all" in desk.shown()


@pytest.mark.parametrize("text", ["", "  ", " . , ", "x" * 101])
def test_no_words_or_too_many_are_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        muting.cleaned(text)


@given(st.text(max_size=60))
def test_cleaning_twice_is_once(text: str) -> None:
    try:
        once = muting.cleaned(text)
    except InvalidError:
        return
    assert muting.cleaned(once) == once
    assert muting.mute_of(None, f"Of {once}", [Mute(1, 1, None, once)]) is not None


def test_the_reason_is_told_in_words() -> None:
    assert muting.why(words("crypto")) == "the word crypto"
    assert muting.why(words("crypto wars")) == "the words crypto wars"
    assert muting.why(Mute(1, 1, 3, None, "Row Store")) == "the feed Row Store"
