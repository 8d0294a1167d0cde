"""What a slot usually gets: a median over the issues that had it, and nothing where there are too few."""

from hypothesis import given
from hypothesis import strategies as st

from curator.events import usual
from curator.events.values import Against, IssueItems, ItemResult, LinkResult
from curator.issues.values import Link, Placement


def _item(section: str, clicks: int) -> ItemResult:
    link = Link(1, "https://site.example/", Placement.TITLE, 1, section, "Tide pools")
    return ItemResult("Tide pools", section, clicks, (LinkResult(link, clicks, clicks, 0),))


def _issue(*items: tuple[str, int], accepted: int = 100) -> IssueItems:
    return IssueItems(1, accepted, tuple(_item(*each) for each in items))


def test_a_slot_is_a_section_and_a_place_in_it() -> None:
    slots = [slot for slot, _ in usual.by_slot(_issue(("A", 1), ("B", 2), ("A", 3)).items)]
    assert slots == [("A", 1), ("B", 1), ("A", 2)]


def test_a_slot_is_held_against_the_median_of_those_before() -> None:
    now = usual.rates(_issue(("A", 36), ("A", 1)))
    before = [usual.rates(_issue(("A", n), accepted=50)) for n in (5, 10, 10, 20, 1)]
    assert now is not None
    found = usual.against(now.slots, [each.slots for each in before if each is not None])
    assert found == {("A", 1): Against(0.36 / 0.2, 5)}, "and nothing is said of a slot that nobody had before"


def test_fewer_than_five_issues_say_nothing() -> None:
    assert usual.against({"A": 0.5}, [{"A": 0.1}] * 4) == {}
    assert usual.against({"A": 0.5}, [{"A": 0.1}] * 4 + [{"B": 0.1}]) == {}
    assert usual.against({"A": 0.5}, [{"A": 0.1}] * 5) == {"A": Against(5.0, 5)}


def test_an_issue_that_nobody_clicked_tells_nothing() -> None:
    assert usual.rates(_issue(("A", 0))) is None
    assert usual.rates(_issue(("A", 3), accepted=0)) is None


@given(st.lists(st.floats(0.001, 1), min_size=5, max_size=12))
def test_whoever_gets_the_median_gets_once_the_median(before: list[float]) -> None:
    odd = [*before, before[0]] if len(before) % 2 == 0 else before
    middle = sorted(odd)[len(odd) // 2]
    assert usual.against({"A": middle}, [{"A": each} for each in odd])["A"].ratio == 1.0
