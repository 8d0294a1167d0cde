"""The laws of consent: whatever happens in whatever order, nobody gets mail who did not say yes."""

from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.audience import consent
from curator.audience.consent import Effect, State
from curator.audience.values import ConsentStep, SubscriptionRow, SubscriptionState

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
STATES: tuple[State, ...] = (None, *SubscriptionState)
_STATE = st.sampled_from(STATES)
_STEP = st.sampled_from(ConsentStep)
_HISTORY = st.lists(_STEP, max_size=12)


# Which state each step leads to from (no subscription, pending, active, ended); "-" changes nothing, "x" is refused.
_TABLE = {
    ConsentStep.ASKED: ("pending", "-", "-", "pending"),
    ConsentStep.CONFIRMED: ("x", "active", "-", "x"),
    ConsentStep.LEFT: ("-", "ended", "ended", "-"),
    ConsentStep.RETURNED: ("x", "x", "-", "active"),
    ConsentStep.DENIED: ("-", "ended", "ended", "-"),
    ConsentStep.ADDED: ("active", "active", "-", "active"),
    ConsentStep.IMPORTED: ("active", "-", "-", "x"),
    **dict.fromkeys([step for step in ConsentStep if not step.is_agreement], ("-", "-", "-", "-")),
}


@pytest.mark.parametrize("step", ConsentStep)
def test_each_step_leads_where_the_table_says(step: ConsentStep) -> None:
    told = {"-": Effect.NOTHING, "x": Effect.REFUSED}
    for state, to in zip(STATES, _TABLE[step], strict=True):
        found = consent.outcome(state, step)
        effect = told.get(to, Effect.MOVED)
        assert (found.effect, found.state) == (effect, SubscriptionState(to) if effect is Effect.MOVED else state)


def _after(state: State, step: ConsentStep) -> State:
    return consent.outcome(state, step).state


def _taken(steps: list[ConsentStep]) -> list[ConsentStep]:
    """The steps of a history that moved something: what the record holds."""
    state: State = None
    kept = []
    for step in steps:
        outcome = consent.outcome(state, step)
        state = outcome.state
        kept += [step] if outcome.effect is Effect.MOVED else []
    return kept


@given(_STATE, _STEP)
def test_a_repeated_step_changes_nothing(state: State, step: ConsentStep) -> None:
    once = consent.outcome(state, step)
    twice = consent.outcome(once.state, step)
    assert twice.state == once.state
    assert twice.effect is not Effect.MOVED


@given(_STATE, _STEP)
def test_only_what_moves_changes_the_state(state: State, step: ConsentStep) -> None:
    outcome = consent.outcome(state, step)
    assert (outcome.effect is Effect.MOVED) == (outcome.state != state)


@given(_HISTORY)
def test_nobody_is_active_without_a_yes(steps: list[ConsentStep]) -> None:
    state = reduce(_after, steps, None)
    yes = (ConsentStep.CONFIRMED, ConsentStep.ADDED, ConsentStep.IMPORTED, ConsentStep.RETURNED)
    record = _taken(steps)
    if state is SubscriptionState.ACTIVE:
        assert record[-1] in yes


@given(_HISTORY)
def test_confirmed_comes_right_after_asked(steps: list[ConsentStep]) -> None:
    record = _taken(steps)
    for before, step in zip([None, *record], record, strict=False):
        if step is ConsentStep.CONFIRMED:
            assert before is ConsentStep.ASKED


@given(_HISTORY)
def test_a_file_never_brings_back_who_is_out(steps: list[ConsentStep]) -> None:
    record = _taken(steps)
    assert ConsentStep.IMPORTED not in record[1:]
    assert consent.outcome(SubscriptionState.ENDED, ConsentStep.IMPORTED).effect is Effect.REFUSED


@given(_HISTORY)
def test_the_record_alone_tells_the_state(steps: list[ConsentStep]) -> None:
    assert reduce(_after, _taken(steps), None) == reduce(_after, steps, None)


@pytest.mark.parametrize("step", [ConsentStep.DENIED, ConsentStep.LEFT])
def test_leaving_and_denying_end_whatever_there_is(step: ConsentStep) -> None:
    for state in STATES:
        assert _after(state, step) == (None if state is None else SubscriptionState.ENDED)


def test_only_asking_waits() -> None:
    assert {step for step in ConsentStep if _after(None, step) is SubscriptionState.PENDING} == {ConsentStep.ASKED}


def _row(state: SubscriptionState, *, how: str = "", ago: timedelta = timedelta(0)) -> SubscriptionRow:
    return SubscriptionRow(1, state, NOW - ago, how)


@pytest.mark.parametrize(
    ("how", "counts_as"), [(consent.SIGN_UP, None), (consent.SIGN_UP_AFTER_LEAVING, SubscriptionState.ENDED)]
)
def test_a_sign_up_not_confirmed_in_time_counts_as_what_was_before(how: str, counts_as: State) -> None:
    waiting = _row(SubscriptionState.PENDING, how=how, ago=timedelta(days=7))
    late = _row(SubscriptionState.PENDING, how=how, ago=timedelta(days=7, seconds=1))
    for step in (ConsentStep.ASKED, ConsentStep.CONFIRMED, ConsentStep.IMPORTED):
        assert consent.state_for(step, waiting, now=NOW) is SubscriptionState.PENDING
        assert consent.state_for(step, late, now=NOW) == counts_as
    assert consent.state_for(ConsentStep.DENIED, late, now=NOW) is SubscriptionState.PENDING


@given(_HISTORY, st.sampled_from(["link", "one-click", "preferences", "by hand", "denied", ""]))
def test_a_reader_comes_back_only_from_their_own_leaving_of_what_they_got(steps: list[ConsentStep], how: str) -> None:
    record = _taken(steps)
    state = reduce(_after, steps, None)
    row = None if state is None else _row(state, how=how)
    newest = record[::-1][:2]
    if consent.may_return(row, newest, now=NOW):
        assert how in ("link", "one-click", "preferences")
        assert newest[0] is ConsentStep.LEFT
        assert reduce(_after, record[:-1], None) is SubscriptionState.ACTIVE
    elif state is SubscriptionState.ENDED and how == "link" and newest[0] is ConsentStep.LEFT:
        assert reduce(_after, record[:-1], None) is SubscriptionState.PENDING


def test_coming_back_is_possible_for_thirty_days() -> None:
    steps = (ConsentStep.LEFT, ConsentStep.CONFIRMED)
    for days, may in ((30, True), (31, False)):
        row = _row(SubscriptionState.ENDED, how="link", ago=timedelta(days=days))
        assert consent.may_return(row, steps, now=NOW) is may


def test_somebody_whose_record_begins_with_leaving_was_a_reader_before() -> None:
    row = _row(SubscriptionState.ENDED, how="one-click")
    assert consent.may_return(row, [ConsentStep.LEFT], now=NOW)
    assert not consent.may_return(row, [], now=NOW)
    assert not consent.may_return(None, [], now=NOW)
