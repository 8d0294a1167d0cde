"""No table about readers is forgotten: the registry, the schema and the data map say the same."""

import importlib
import re
from pathlib import Path

from babel.messages.pofile import read_po

import curator
from curator.db import Base
from curator.languages import catalogs
from curator.privacy.registry import NO_READERS, PERSONAL

_ROOT = Path(curator.__file__).parent
# Whose rows may be about a reader: they name one, or hold where somebody can be reached or was.
_TELLING = re.compile(r"(^|_)(subscriber|reader|address|email|network|ip)(_|$)")
_PUBLISHERS = {"sender_address", "postal_address"}


def _tables() -> dict[str, set[str]]:
    """Every table with its columns and, as "-> name", what it points to."""
    for path in _ROOT.rglob("tables.py"):
        importlib.import_module(".".join(("curator", *path.relative_to(_ROOT).with_suffix("").parts)))
    return {
        table.name: {column.name for column in table.columns}
        | {f"-> {key.column.table.name}" for key in table.foreign_keys}
        for table in Base.metadata.tables.values()
    }


def test_every_table_that_may_be_about_readers_is_declared() -> None:
    named = {each.table for each in PERSONAL}
    telling = {
        name
        for name, has in _tables().items()
        if any(_TELLING.search(each) for each in has - _PUBLISHERS) or any(f"-> {table}" in has for table in named)
    }
    assert telling - named - NO_READERS.keys() == set(), "enter the table in curator/privacy/registry.py"
    assert named.isdisjoint(NO_READERS)


def test_what_is_declared_is_there() -> None:
    tables = _tables()
    for each in PERSONAL:
        assert {each.column, *each.shows} <= tables[each.table], each.table
        assert (_ROOT / each.room / "tables.py").is_file()
        assert not each.through or each.through in {other.table for other in PERSONAL}
    assert NO_READERS.keys() <= tables.keys()
    assert PERSONAL[-1].table == "subscriber", "what points to a reader goes before them"


def test_the_data_map_names_every_table() -> None:
    words = (_ROOT.parent / "docs" / "privacy.md").read_text()
    named = set(re.findall(r"^\| `([a-z_]+)` ", words, re.MULTILINE))
    assert named == {each.table for each in PERSONAL} | {"nobodys_hit"} | NO_READERS.keys()
    for each in PERSONAL:
        setting = f"`CURATOR_KEEP_{each.months.upper()}_MONTHS`"
        assert each.kept % {"months": setting} in words, each.table


def test_what_is_said_of_a_table_is_said_in_the_readers_language() -> None:
    with catalogs.TEMPLATE.open("rb") as file:
        messages = {message.id for message in read_po(file)}
    said = {words for each in PERSONAL for words in (each.what, each.why, each.kept)}
    assert said - messages == set(), "mark it with msgid, then run make words"
