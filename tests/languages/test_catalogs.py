"""The catalogs: they have what the code says, break nothing, and are written the same each time."""

from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from curator import languages
from curator.languages import catalogs
from tools import words


def test_every_message_of_the_code_is_in_the_catalog() -> None:
    assert words.missing() == [], "run make words"


@pytest.mark.parametrize("language", sorted(catalogs.languages()))
def test_no_translation_lost_a_placeholder_or_brings_html(language: str) -> None:
    catalog = catalogs.read(language)
    assert [message.id for message in catalogs.unsound(catalog)] == []
    waiting = Catalog(locale=language)
    for message in catalog.obsolete.values():
        waiting.add(message.id, message.string)
    assert [message.id for message in catalogs.unsound(waiting)] == [], "of those behind #~"


def test_every_message_can_be_filled_in() -> None:
    with catalogs.TEMPLATE.open("rb") as file:
        messages = [message.id for message in read_po(file) if message.id]
    for message in messages:
        for each in (message,) if isinstance(message, str) else message:
            assert each % dict.fromkeys(catalogs.holes(each), "x"), "write %% for a lone %"
            assert not any(name for _, name, _, _ in Formatter().parse(each) if name), f"{each!r} has a brace"


@pytest.mark.parametrize("language", sorted(catalogs.languages()))
def test_writing_a_catalog_again_changes_nothing(language: str) -> None:
    catalog = catalogs.read(language)
    path = catalogs.FOLDER / f"{language}.po"
    assert words.written(words.renewed(catalog, words.gathered())) == path.read_bytes(), "run make words"


@pytest.mark.parametrize(
    ("message", "said", "is_sound"),
    [
        ("Wait %(n)s minutes", "Warten Sie %(n)s Minuten", True),
        ("Wait %(n)s minutes", "Warten Sie", False),
        ("Wait %(n)s minutes", "Warten Sie %(m)s Minuten", False),
        ("Wait %(n)s minutes", "Warten Sie %(n)s Minuten, 5 % mehr", False),
        ("Wait %(n)s minutes", "Warten Sie %(n)d Minuten", False),
        ("Read <b>this</b>", "<b>Das</b> lesen", True),
        ("Read this", "<b>Das</b> lesen", False),
        ("Read <a href='%(url)s'>this</a>", "<a href='https://evil.example'>%(url)s</a>", False),
        (
            ("%(num)s day of %(all)s", "%(num)s days of %(all)s"),
            ("ein Tag von %(all)s", "%(num)s Tage von %(all)s"),
            True,
        ),
        (("%(num)s day of %(all)s", "%(num)s days of %(all)s"), ("ein Tag", "%(num)s Tage von %(all)s"), False),
    ],
)
def test_what_would_break_a_page_is_found(message: str, said: str, is_sound: bool) -> None:
    catalog = Catalog(locale="de")
    catalog.add(message, said)
    assert ([*catalogs.unsound(catalog)] == []) is is_sound


def test_a_translation_that_would_break_a_page_is_said_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Catalog(locale="de")
    broken.add("Wait %(n)s minutes", "Warten Sie %(x)s Minuten")
    broken.add(("%(num)s day", "%(num)s days"), ("%(tag)s", "%(num)s Tage"))
    broken.add("Read", "Lesen")
    monkeypatch.setattr(catalogs, "read", lambda _: broken)
    said = catalogs.words.__wrapped__("de")
    assert said.gettext("Wait %(n)s minutes") == "Wait %(n)s minutes"
    assert said.ngettext("%(num)s day", "%(num)s days", 1) == "%(num)s day"
    assert said.gettext("Read") == "Lesen"


@pytest.mark.parametrize(
    ("number", "told"), [(1, "مادة واحدة"), (2, "مادتان"), (5, "5 مواد"), (11, "11 مادة"), (100, "100 مادة")]
)
def test_plural_forms_are_the_languages_own(number: int, told: str) -> None:
    assert languages.speech("ar").counted("%(num)s item", "%(num)s items", number) == told


def test_a_message_that_is_gone_keeps_its_translation_and_gets_it_back() -> None:
    old, without, again = (Catalog(locale="de") for _ in range(3))
    old.add("Read", "Lesen")
    again.add("Read")
    waiting = words.renewed(old, without)
    assert b'#~ msgid "Read"' in words.written(waiting)
    assert words.renewed(waiting, again)["Read"].string == "Lesen"
    assert b"Read" not in words.written(words.renewed(old, without, forget=True))


def test_a_catalog_names_no_line_and_no_date() -> None:
    written = catalogs.TEMPLATE.read_text()
    assert "Date:" not in written
    assert not [
        line
        for line in written.splitlines()
        if line.startswith("#: ") and any(c.isdigit() for c in line.split(":")[-1])
    ]
