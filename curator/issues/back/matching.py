"""Which section of today a heading of a back issue means. Pure."""

import re
from collections.abc import Sequence

from curator.newsletters.values import SectionSpec, Takes

_WORD = re.compile(r"\w+")


def section_of(heading: str, sections: Sequence[SectionSpec]) -> SectionSpec | None:
    """Returns the section that a heading names: the same words, else one that contains all words of the other's.

    None where none does, or several do alike. Case, punctuation and emoji do not count.
    """
    wanted = _words(heading)
    if not wanted:
        return None
    same = [section for section in sections if _words(section.title) == wanted]
    if same:
        return same[0]
    known = set(wanted)
    alike = [section for section in sections if (its := set(_words(section.title))) and (its <= known or known <= its)]
    return alike[0] if len(alike) == 1 else None


def usual_section(sections: Sequence[SectionSpec]) -> SectionSpec | None:
    """Returns the section for what stands under no heading that is known: the first for articles, else the first."""
    return next((section for section in sections if section.takes is Takes.ARTICLES), next(iter(sections), None))


def _words(title: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(title.casefold()))
