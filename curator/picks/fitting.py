"""Into which section an item goes when an editor has not said it."""

from collections.abc import Mapping, Sequence

from curator.newsletters.values import SectionSpec, Takes


def fitting_section(
    sections: Sequence[SectionSpec], filled: Mapping[int, int], *, is_own_episode: bool
) -> SectionSpec | None:
    """Returns the first section that takes such an item and has room; without room the first that takes it.

    `filled` says how many picks stand in a section, by its id. Where none takes it, it is the first of all; None
    without sections.
    """
    takes = Takes.EPISODES if is_own_episode else Takes.ARTICLES
    taking = [section for section in sections if section.takes is takes] or list(sections)
    with_room = (section for section in taking if filled.get(section.id, 0) < section.budget)
    return next(with_room, taking[0] if taking else None)
