"""Which item of a story stands for it."""

from collections.abc import Iterable

from curator.picks.stories.values import Telling

# Shorter texts are teasers ("Read more", "Comments").
_TEXT_CHARS = 120


def best_first(tellings: Iterable[Telling]) -> list[Telling]:
    """Returns a story's items, the best first: the show's own, then those with a text, then the earliest."""
    return sorted(tellings, key=lambda each: (not each.is_own, len(each.text) < _TEXT_CHARS, each.at, each.id))
