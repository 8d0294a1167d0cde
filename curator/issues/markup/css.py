"""Reads the little CSS that mails carry: rules with their condition, and declarations. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_NAME = re.compile(r"@([a-z-]+)", re.IGNORECASE)
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)
# Templates nest one @media; what nests deeper is not read.
_DEEPEST = 3


@dataclass(frozen=True)
class Declaration:
    """One property with its value, in lower case where case means nothing."""

    name: str
    value: str
    is_important: bool


@dataclass(frozen=True)
class StyleRule:
    """Selectors with what they declare; `condition` is the at-rule around it, empty for none."""

    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    condition: str = ""

    def holds_in(self, scheme: str) -> bool:
        """Tells whether it counts in a colour scheme; widths are not looked at, so rules for one never count."""
        found = _SCHEME.search(self.condition)
        return not self.condition if found is None else found[1].lower() == scheme


@dataclass(frozen=True)
class Sheet:
    """Everything that a mail's style blocks say; `at_rules` has the names of those, "media" for one."""

    rules: tuple[StyleRule, ...]
    at_rules: frozenset[str]


def sheet(css: str) -> Sheet:
    """Returns what a style sheet says; what is not CSS is left out."""
    text = _COMMENT.sub(" ", css)
    names = {found.lower() for found in _NAME.findall(text)}
    return Sheet(tuple(_rules(text, "", 0)), frozenset(names))


@lru_cache(maxsize=1024)
def declarations(text: str) -> tuple[Declaration, ...]:
    """Returns the declarations of a rule's body, or of a style attribute, in their order."""
    return tuple(_declarations(_COMMENT.sub(" ", text)))


def _declarations(text: str) -> Iterator[Declaration]:
    for each in text.split(";"):
        name, is_declared, value = each.partition(":")
        if is_declared and name.strip():
            said = _IMPORTANT.sub("", value).strip()
            yield Declaration(name.strip().lower(), said, is_important=said != value.strip())


def _rules(text: str, condition: str, depth: int) -> Iterator[StyleRule]:
    at = 0
    while (opens := text.find("{", at)) >= 0:
        # A statement such as @import ends before the rule begins.
        prelude = text[at:opens].rpartition(";")[2].strip()
        closes = _end(text, opens)
        body = text[opens + 1 : closes]
        if not prelude.startswith("@"):
            selectors = tuple(each.strip() for each in prelude.split(",") if each.strip())
            yield StyleRule(selectors, tuple(_declarations(body)), condition)
        elif depth < _DEEPEST and prelude.lower().startswith(("@media", "@supports")):
            yield from _rules(body, f"{condition} {prelude}".strip(), depth + 1)
        at = closes + 1


def _end(text: str, opens: int) -> int:
    """Returns where the brace that opens there is closed; the text's end where it never is."""
    depth = 0
    for found in re.compile("[{}]").finditer(text, opens):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            return found.start()
    return len(text)
