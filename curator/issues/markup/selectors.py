"""Tells which elements a selector means: names, classes, ids and attributes, beside and below each other. Pure."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

Element = Any
"""An element of lxml, which has no types of its own."""

_PART = re.compile(r"([.#])([\w-]+)|\[\s*([\w-]+)\s*(?:([~|^$*]?=)\s*[\"']?([^\"'\]]*)[\"']?\s*)?\]|([\w*-]+)|(::?)")
_STEP = re.compile(r"\s*([>+~])\s*|\s+")


@dataclass(frozen=True)
class Compound:
    """What one element must be."""

    tag: str = ""
    ids: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str | None], ...] = ()

    def fits(self, element: Element) -> bool:
        """Tells whether an element is so."""
        if self.tag not in ("", "*", element.tag):
            return False
        if any(element.get("id") != each for each in self.ids):
            return False
        if self.classes and not set(self.classes) <= set((element.get("class") or "").split()):
            return False
        return all(_has(element, name, value) for name, value in self.attributes)


@dataclass(frozen=True)
class Selector:
    """Compounds from left to right; `steps` say how each but the first hangs on the one before: " " or ">"."""

    compounds: tuple[Compound, ...]
    steps: tuple[str, ...]

    @property
    def key(self) -> str:
        """A class (".x") or name that whatever it means must have; empty where it asks for neither."""
        last = self.compounds[-1]
        return f".{last.classes[0]}" if last.classes else last.tag.replace("*", "")

    @cached_property
    def weight(self) -> tuple[int, int, int]:
        """What decides between rules (specificity): ids, classes and attributes, names."""
        ids = sum(len(each.ids) for each in self.compounds)
        classes = sum(len(each.classes) + len(each.attributes) for each in self.compounds)
        return ids, classes, sum(each.tag not in ("", "*") for each in self.compounds)

    def fits(self, element: Element) -> bool:
        """Tells whether it means an element."""
        return self.compounds[-1].fits(element) and self._fits_above(element, len(self.compounds) - 1)

    def _fits_above(self, element: Element, at: int) -> bool:
        if at == 0:
            return True
        is_direct = self.steps[at - 1] == ">"
        parent = element.getparent()
        while parent is not None:
            if self.compounds[at - 1].fits(parent) and self._fits_above(parent, at - 1):
                return True
            parent = None if is_direct else parent.getparent()
        return False


@lru_cache(maxsize=512)
def selector(text: str) -> Selector | None:
    """Returns a selector; None for one that asks for more than is known here, which means no element then."""
    compounds, steps, at = [], [], 0
    text = text.strip()
    for step in _STEP.finditer(text):
        if step[1] in ("+", "~"):
            return None
        compounds.append(_compound(text[at : step.start()]))
        steps.append(step[1] or " ")
        at = step.end()
    compounds.append(_compound(text[at:]))
    known = [each for each in compounds if each is not None]
    return Selector(tuple(known), tuple(steps)) if len(known) == len(compounds) else None


def _compound(text: str) -> Compound | None:
    if text == ":root":
        return Compound("html")
    tag, ids, classes, attributes, at = "", [], [], [], 0
    for part in _PART.finditer(text):
        if part.start() != at or part[7] or part[4] not in (None, "="):
            return None
        at = part.end()
        if part[1] == ".":
            classes.append(part[2])
        elif part[1] == "#":
            ids.append(part[2])
        elif part[3]:
            attributes.append((part[3].lower(), part[5] if part[4] else None))
        else:
            tag = part[6]
    return Compound(tag.lower(), tuple(ids), tuple(classes), tuple(attributes)) if text and at == len(text) else None


def _has(element: Element, name: str, value: str | None) -> bool:
    found = element.get(name)
    return found is not None and (value is None or found == value)
