"""Language tags (BCP 47): what a tag falls back to, which way it is written. Pure."""

import re
from collections.abc import Collection

_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"})
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*", re.ASCII)
# Programs send a few; whoever sends thousands wants something else.
_MOST_ASKED, _LONGEST_HEADER = 20, 1_000


def lookup(tag: str) -> list[str]:
    """Returns a tag and what it falls back to, nearest first (RFC 4647, 3.4): "de-ch-1996", "de-ch", "de"."""
    parts = tag.replace("_", "-").lower().split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


def base(tag: str) -> str:
    """Returns the language alone: "de" of "de-CH"."""
    return lookup(tag)[-1]


def direction(tag: str) -> str:
    """Returns "rtl" for a language written from right to left, else "ltr"; a script that the tag names decides."""
    first, *rest = tag.lower().split("-")
    if "latn" in rest or "cyrl" in rest:
        return "ltr"
    return "rtl" if first in _RIGHT_TO_LEFT or "arab" in rest or "hebr" in rest else "ltr"


def preferred(accepted: str, known: Collection[str]) -> str | None:
    """Returns the tag that an Accept-Language header (RFC 9110, 12.5.4) likes best of those with a known language.

    None where it names none of them, or refuses them.
    """
    asked = []
    for at, part in enumerate(accepted[:_LONGEST_HEADER].split(",")[:_MOST_ASKED]):
        tag, _, weight = part.partition(";")
        if _TAG.fullmatch(tag := tag.strip().lower()) and base(tag) in known:
            asked.append((-_quality(weight), at, tag))
    return next((tag for quality, _, tag in sorted(asked) if quality < 0), None)


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    return float(value) if re.fullmatch(r"[01](?:\.\d{0,3})?", value.strip(), re.ASCII) else 0.0
