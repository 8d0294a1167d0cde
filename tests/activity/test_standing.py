"""Which changes stand: what was taken back does not, what was done again does."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from curator.activity.undo import standing
from curator.activity.values import ActivityRow

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def change(number: int, *, undoes: int | None = None, is_undone: bool = False) -> ActivityRow:
    undone_at = NOW if is_undone else None
    return ActivityRow(number, NOW, 1, "edited", "issue", 1, None, None, undone_at=undone_at, undoes=undoes)


def test_a_taking_back_is_none_itself() -> None:
    newest_first = [change(3, undoes=2), change(2, is_undone=True), change(1)]
    assert [each.id for each in standing(newest_first)] == [1]


def test_what_was_done_again_stands_in_its_place() -> None:
    newest_first = [change(3, undoes=2), change(2, undoes=1, is_undone=True), change(1, is_undone=True)]
    assert [each.id for each in standing(newest_first)] == [3]


def test_what_takes_back_something_older_is_no_deed() -> None:
    assert not standing([change(9, undoes=1)])


@given(st.integers(min_value=0, max_value=12))
def test_of_one_deed_taken_back_and_done_again_in_turn_every_second_one_stands(turns: int) -> None:
    chain = [change(0, is_undone=turns > 0)]
    chain += [change(turn, undoes=turn - 1, is_undone=turn < turns) for turn in range(1, turns + 1)]
    assert len(standing(chain[::-1])) == (turns + 1) % 2
