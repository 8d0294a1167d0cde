"""The catalogs: gettext files that are read when a language is first spoken, and what of them can be relied on.

A translation that lost a placeholder, or brings HTML that its message has not, is left out as if nobody had written it:
readers get that message in English, and no page breaks. A test names each.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "messages.pot"

_HOLE = re.compile(r"%(?:\((\w+)\)s|(.?))")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|[<>]|&(?:#\w+|\w+);")
# The number that a plural form is about may be said in words: "one day".
_NUMBER = "num"


@cache
def languages() -> frozenset[str]:
    """Returns the languages that there is a catalog of, beside English."""
    return frozenset(path.stem for path in FOLDER.glob("*.po"))


@cache
def words(language: str) -> NullTranslations:
    """Returns the words of a language that there is a catalog of."""
    catalog = read(language)
    for message in unsound(catalog):
        message.string = "" if isinstance(message.string, str) else ("",) * catalog.num_plurals
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def read(language: str) -> Catalog:
    """Returns a language's catalog as it lies in its file."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


def unsound(catalog: Catalog) -> Iterator[Message]:
    """Yields the translated messages that would break a page, or say other than their message."""
    for message in catalog:
        if message.id and any(_strings(message.string)) and not _is_sound(message):
            yield message


def holes(words: str) -> frozenset[str]:
    """Returns the placeholders of a message; a lone % counts as one that nothing fills."""
    return frozenset(name or f"%{other}" for name, other in _HOLE.findall(words) if name or other != "%")


def _is_sound(message: Message) -> bool:
    ids, strings = _strings(message.id), _strings(message.string)
    wanted = frozenset[str]().union(*(holes(each) for each in ids))
    needed = wanted - {_NUMBER} if len(ids) > 1 else wanted
    tags = Counter(_MARKUP.findall(ids[-1]))
    return all(needed <= holes(each) <= wanted and Counter(_MARKUP.findall(each)) == tags for each in strings if each)


def _strings(given: str | Iterable[str] | None) -> tuple[str, ...]:
    return (given or "",) if given is None or isinstance(given, str) else tuple(given)
