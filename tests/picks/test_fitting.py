"""Into which section an item goes by itself."""

from curator.newsletters.values import Takes
from curator.picks.fitting import fitting_section
from tests.picks.items import section

SECTIONS = (section(1, Takes.EPISODES, budget=1), section(2, Takes.ARTICLES, budget=1), section(3, Takes.ARTICLES))


def chosen(filled: dict[int, int], *, is_own_episode: bool = False) -> int | None:
    found = fitting_section(SECTIONS, filled, is_own_episode=is_own_episode)
    return found.id if found else None


def test_the_first_that_takes_it_and_has_room() -> None:
    assert chosen({}) == 2
    assert chosen({2: 1}) == 3
    assert chosen({}, is_own_episode=True) == 1


def test_without_room_it_is_the_first_that_takes_it() -> None:
    assert chosen({2: 1, 3: 9}) == 2


def test_where_none_takes_it_it_is_the_first_of_all() -> None:
    found = fitting_section(SECTIONS[:1], {1: 5}, is_own_episode=False)
    assert found is SECTIONS[0]
    assert fitting_section((), {}, is_own_episode=False) is None
