"""What a stranger's form may not bring in, and what the desk says of a sign-up, with its undo."""

from datetime import datetime

import pytest

from curator.activity.store import recent
from curator.audience import manner
from curator.audience.joining import edit, kinds, store, typos
from curator.audience.joining.kinds import AddressKind
from curator.audience.joining.names import is_advertisement
from curator.audience.reverts import REVERTS
from curator.audience.values import InterestForm, SignUpRules, Welcome
from curator.db import Database
from curator.errors import InvalidError, StateError
from tests.builders import newsletter_row, subscriber_rows


@pytest.mark.parametrize(
    "name",
    [
        "free pharma visit",
        "Visit https://spam.example",
        "www.spam.example",
        "cheap-pills.top",
        "Ada @spam",
        "Ada\r\nBcc: eve@x.example",
        "You won $500 bonus",
        "call 0123456",
        "<a href=x>Ada</a>",
        "{{7*7}}",
        "a " * 10,
        "x" * 90,
    ],
)
def test_a_name_that_is_an_advertisement_is_seen(name: str) -> None:
    assert is_advertisement(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ada Lovelace",
        "Zoë O'Neil-Smith",
        "María del Carmen de la Cruz y Gómez",
        "李雷",
        "Dr. Anna-Lena Müller, PhD",
        "J.R.R. Tolkien",
        "Loan Nguyen",
        "Earnest Sexton",
        "محمد بن عبد الله",
    ],
)
def test_a_persons_name_is_none(name: str) -> None:
    assert not is_advertisement(name)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("abuse@firm.example", AddressKind.ROLE),
        ("info+news@firm.example", AddressKind.ROLE),
        ("informant@firm.example", None),
        ("x@mailinator.com", AddressKind.DISPOSABLE),
        ("x@sub.mailinator.com", AddressKind.DISPOSABLE),
        ("x@notmailinator.com", None),
        ("x@temp-mail.io", AddressKind.DISPOSABLE),
        ("x@mail.io", None),
        ("x@own.example", AddressKind.DISPOSABLE),
        ("ada@readers.example", None),
    ],
)
def test_an_address_tells_what_kind_it_is(key: str, kind: AddressKind | None) -> None:
    assert kinds.kind_of(key, disposable=kinds.DISPOSABLE | {"own.example"}) is kind


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ada@gmial.com", "ada@gmail.com"),
        ("ada@gmai.com", "ada@gmail.com"),
        ("ada@gmail.con", "ada@gmail.com"),
        ("ada@HOTMIAL.com", "ada@hotmail.com"),
        ("ada@firm.con", "ada@firm.com"),
        ("ada@gmail.com", None),
        ("ada@mail.com", None),
        ("ada@firm.cm", None),
        ("ada@web.de", None),
        ("ada@readers.example", None),
    ],
)
def test_a_slip_of_the_keyboard_is_guessed(typed: str, meant: str | None) -> None:
    assert typos.meant(typed) == meant


def test_nothing_usual_is_a_slip_of_something_else() -> None:
    assert [domain for domain in typos._USUAL if typos.meant(f"x@{domain}") is not None] == []


def interests(db: Database, newsletter_id: int) -> list[tuple[int, str]]:
    with db.read() as session:
        return [(each.id, each.name) for each in store.interests(session, [newsletter_id])[newsletter_id]]


def undone(db: Database, now: datetime) -> str:
    """Takes the newest change back."""
    with db.read() as session:
        change = recent(session, limit=1)[0]
    return REVERTS[change.deed](db, change, by=1, now=now)


def test_interests_are_named_ordered_renamed_and_removed_and_come_back(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)

    def change(*wanted: tuple[str, int | None]) -> bool:
        forms = [InterestForm(name, id_) for name, id_ in wanted]
        return edit.change_interests(database, newsletter_id, forms, by=None, now=now)

    assert change(("Models", None), (" Data\n sets ", None), ("", None))
    (models, _), (data, name) = interests(database, newsletter_id)
    assert name == "Data sets"
    assert not change(("Models", models), ("Data sets", data)), "the same again changes nothing"
    (ada,) = subscriber_rows(database, newsletter_id, ["ada@example.org"])
    manner.choose(database, ada, {newsletter_id: (False, frozenset({models, data}))}, place="/p", now=now)

    assert change(("Models", data), ("Data sets", models)), "two may change their names"
    assert interests(database, newsletter_id) == [(data, "Models"), (models, "Data sets")]
    undone(database, now)
    assert interests(database, newsletter_id) == [(models, "Models"), (data, "Data sets")]

    assert change(("Data sets", data))
    undone(database, now)
    assert [name for _, name in interests(database, newsletter_id)] == ["Models", "Data sets"]
    with database.read() as session:
        mine = store.chosen(session, ada)
    assert mine == {id_ for id_, _ in interests(database, newsletter_id)}, "whoever had chosen it has it again"


def test_interests_that_cannot_be_are_refused(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(sqlite_database)
    for names in (["Models", "models"], ["x" * 81], [f"Interest {each}" for each in range(31)]):
        with pytest.raises(InvalidError):
            edit.change_interests(
                sqlite_database, newsletter_id, [InterestForm(name) for name in names], by=None, now=now
            )
    assert interests(sqlite_database, newsletter_id) == []


def test_an_interest_of_another_newsletter_is_nobodys(sqlite_database: Database, now: datetime) -> None:
    one, other = newsletter_row(sqlite_database), newsletter_row(sqlite_database, slug="other")
    edit.change_interests(sqlite_database, other, [InterestForm("Models")], by=None, now=now)
    ((models, _),) = interests(sqlite_database, other)
    edit.change_interests(sqlite_database, one, [InterestForm("Mine", models)], by=None, now=now)
    assert interests(sqlite_database, other) == [(models, "Models")]
    (ada,) = subscriber_rows(sqlite_database, one, ["ada@example.org"])
    manner.choose(sqlite_database, ada, {one: (False, frozenset({models}))}, place="/p", now=now)
    with sqlite_database.read() as session:
        assert store.chosen(session, ada) == set()


def test_rules_come_back_unless_they_were_changed_again(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    wanted = SignUpRules(Welcome.REFUSE, Welcome.ALLOW, ("https://show.example",), "https://show.example/news")
    assert edit.change_rules(database, newsletter_id, wanted, by=None, now=now)
    assert not edit.change_rules(database, newsletter_id, wanted, by=None, now=now)
    with database.read() as session:
        assert store.rules(session, newsletter_id) == wanted
        change = recent(session, limit=1)[0]
    undone(database, now)
    with database.read() as session:
        assert store.rules(session, newsletter_id) == SignUpRules()
    with pytest.raises(StateError):
        REVERTS[change.deed](database, change, by=1, now=now)
