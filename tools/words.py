"""Gathers the words for readers from templates and code into the catalogs (curator/languages).

python -m tools.words             write messages.pot, and bring every language's .po up to it
python -m tools.words --check     say which messages of the code are not in messages.pot
python -m tools.words --forget    as the first, and drop the translations that no message asks for any more

A translation whose message is gone stays in its file behind "#~", and comes back with the message.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from curator.languages.catalogs import FOLDER, TEMPLATE, unsound

ROOT = Path(__file__).parents[1]
TEMPLATES = (
    "templates/public/**/*.html",
    "templates/email/**/*.*",
    "templates/_promotion_words.html",
    "templates/desk/_parts.html",
)
CODE = ("curator/**/*.py",)
# A message that is said by a method, counted, or marked to be said later.
KEYWORDS = {"_": None, "gettext": None, "say": None, "msgid": None, "ngettext": (1, 2), "counted": (1, 2)}
_HIDDEN = re.compile(r"""\bf(["']).*?\{[^}]*\b(?:gettext|say|msgid|ngettext|counted)\((?!\1)["']""")
_COMMENTS = ("For translators:",)
_JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}
# They would change with every run and with every place, and say nothing.
_CHURN = (
    b'"POT-Creation-Date:',
    b'"PO-Revision-Date:',
    b'"Generated-By:',
    b'"Last-Translator:',
    b'"Language-Team:',
    b'"Report-Msgid',
)
_ABOUT = "Words of Curator's pages and mail for readers. Written by `make words`; translations stand in the .po files."


def gathered(root: Path = ROOT) -> Catalog:
    """Returns every message of templates and code, by its words, with the files that it stands in."""
    catalog = Catalog(project="Curator", version="1", header_comment=f"# {_ABOUT}", charset="utf-8", fuzzy=False)
    for method, patterns, options in (("jinja2", TEMPLATES, _JINJA), ("python", CODE, {})):
        for path in _files(root, patterns):
            place = path.relative_to(root).as_posix()
            for _, message, comments, context in extract_from_file(method, path, KEYWORDS, _COMMENTS, options, True):
                catalog.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return catalog


def missing(root: Path = ROOT) -> list[str]:
    """Returns the messages of the code that are not in messages.pot, and those that only messages.pot has.

    Within an f-string no message is found (Python 3.11 reads it as one word), so a call there is named as it stands.
    """
    with TEMPLATE.open("rb") as file:
        kept = read_po(file)
    hidden = {
        line.strip() for path in _files(root, CODE) for line in path.read_text().splitlines() if _HIDDEN.search(line)
    }
    return sorted((_ids(gathered(root)) ^ _ids(kept)) | hidden)


def renewed(old: Catalog, template: Catalog, *, forget: bool = False) -> Catalog:
    """Returns a language's catalog with the template's messages and its own translations."""
    new = Catalog(locale=old.locale, project="Curator", version="1", charset="utf-8", fuzzy=False)
    new.header_comment = old.header_comment
    known = {_key(each): each for each in [*old.obsolete.values(), *(each for each in old if each.id)]}
    for message in _messages(template):
        own = known.pop(_key(message), None)
        string = own.string if own is not None and any(own.string) else ""
        comments = [] if own is None else own.user_comments
        flags = set() if own is None else own.flags & {"fuzzy"}
        new.add(message.id, string, message.locations, flags, message.auto_comments, comments, context=message.context)
    if not forget:
        new.obsolete = {key: each for key, each in known.items() if any(each.string)}
    return new


def written(catalog: Catalog) -> bytes:
    """Returns a catalog as its file holds it: by the alphabet, with the files of each message and no line, no date."""
    file = BytesIO()
    write_po(file, catalog, width=0, sort_output=True, include_lineno=False)
    lines = file.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_CHURN))


def renew(*, forget: bool = False) -> None:
    """Writes messages.pot and every .po."""
    template = gathered()
    TEMPLATE.write_bytes(written(template))
    for path in sorted(FOLDER.glob("*.po")):
        with path.open("rb") as file:
            old = read_po(file, locale=path.stem.replace("-", "_"))
        new = renewed(old, template, forget=forget)
        path.write_bytes(written(new))
        left = sum(not any(each.string) for each in _messages(new))
        broken = [each.id for each in unsound(new)]
        print(f"{path.name}: {left} of {len(new)} messages without words", *broken, sep="\n  broken: ")  # noqa: T201 - what it is for


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (each for each in catalog if each.id)


def _key(message: Message) -> object:
    one = message.id if isinstance(message.id, str) else message.id[0]
    return (one, message.context) if message.context is not None else one


def _ids(catalog: Catalog) -> set[str]:
    return {each.id if isinstance(each.id, str) else " / ".join(each.id) for each in _messages(catalog)}


def _files(root: Path, patterns: Iterable[str]) -> list[Path]:
    found = (path for pattern in patterns for path in root.glob(pattern))
    return sorted({path for path in found if path.is_file()})


if __name__ == "__main__":
    if "--check" in sys.argv:
        different = missing()
        sys.exit("\n".join(["Run make words. Other messages than in messages.pot:", *different]) if different else 0)
    renew(forget="--forget" in sys.argv)
