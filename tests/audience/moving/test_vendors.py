"""The exports of other tools come in as they are: told by their columns, everybody as they stood there."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from curator.audience import subscribe
from curator.audience.moving import bring, store
from curator.audience.moving.files import StoredFile, parts_of
from curator.audience.moving.look import look
from curator.audience.moving.take_in import take_in
from curator.audience.moving.values import Column, Import, Phase, Plan, Tally
from curator.audience.moving.vendors import VENDORS
from curator.audience.tables import Interest, Subscriber, SubscriberInterest, SubscriberTag, Suppression, Tag
from curator.db import Database
from curator.errors import InvalidError
from tests.audience.moving import exports
from tests.audience.people import letters, states, steps
from tests.builders import newsletter_row

BASIS = "Signed up at the old place"
_LIMIT = 10_000_000


def brought(db: Database, folder: Path, content: bytes, now: datetime, *, name: str = "export.csv", **plan: Any) -> int:
    """The id of an import of a file that is planned as its columns tell."""
    newsletter_id = plan.pop("newsletter_id", None) or newsletter_row(db)
    file = folder / "given"
    file.write_bytes(content)
    import_id = bring.bring(
        db, newsletter_id, file, file_name=name, folder=folder / "imports", max_bytes=_LIMIT, now=now
    )
    with db.read() as session:
        parts = store.one(session, import_id).parts
    usual = bring.usual_plan(parts, vendor=plan.pop("vendor", ""))
    columns = dict(usual.columns) | plan.pop("columns", {})
    made = bring.checked_plan(parts, vendor=usual.vendor, columns=columns, basis=BASIS, **plan)
    bring.begin_look(db, import_id, made, now=now)
    return import_id


def looked(db: Database, folder: Path, import_id: int, now: datetime) -> Import:
    look(db, import_id, StoredFile(bring.place(folder / "imports", import_id)), clock=lambda: now)
    with db.read() as session:
        return store.one(session, import_id)


def taken(db: Database, folder: Path, import_id: int, now: datetime) -> Import:
    looked(db, folder, import_id, now)
    bring.begin_run(db, import_id, now=now)
    take_in(db, import_id, StoredFile(bring.place(folder / "imports", import_id)), clock=lambda: now)
    with db.read() as session:
        return store.one(session, import_id)


_UTC = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)
# What everybody's file makes of the same people: who reads, who has left, who is never mailed (with the reason).
_FILES: dict[str, tuple[bytes, dict[str, str], dict[str, str], Tally]] = {
    "listmonk": (
        exports.LISTMONK.encode(),
        {"ada": "active", "bob": "ended"},
        {"eve": "by hand"},
        Tally(rows=4, added=1, ended=1, kept_out=1, refused=1),
    ),
    "mailchimp": (
        exports.mailchimp(),
        {"ada": "active", "bob": "ended"},
        {"eve": "bounced"},
        Tally(rows=4, added=1, ended=1, kept_out=1, aside=1),
    ),
    "substack": (
        exports.substack(),
        {"ada": "active", "bob": "ended", "eve": "active"},
        {},
        Tally(rows=3, added=2, ended=1),
    ),
    "buttondown": (
        exports.BUTTONDOWN.encode(),
        {"ada": "active", "bob": "ended", "pat": "active"},
        {"eve": "bounced", "mal": "complained"},
        Tally(rows=7, added=2, ended=1, kept_out=2, aside=2),
    ),
    "ghost": (
        exports.GHOST.encode(),
        {"ada": "active", "bob": "ended"},
        {},
        Tally(rows=2, added=1, ended=1),
    ),
    "kit": (
        exports.KIT.encode(),
        {"ada": "active", "bob": "ended"},
        {"eve": "bounced", "mal": "complained"},
        Tally(rows=5, added=1, ended=1, kept_out=2, aside=1),
    ),
    "beehiiv": (
        exports.BEEHIIV.encode(),
        {"ada": "active", "bob": "ended"},
        {"eve": "bounced"},
        Tally(rows=4, added=1, ended=1, kept_out=1, aside=1),
    ),
    "curated": (
        exports.CURATED.encode(),
        {"ada": "active", "bob": "ended"},
        {"eve": "bounced", "mal": "complained"},
        Tally(rows=5, added=1, ended=1, kept_out=2, aside=1),
    ),
}


@pytest.mark.parametrize("vendor", _FILES)
def test_an_export_comes_in_as_it_is(vendor: str, database: Database, tmp_path: Path, now: datetime) -> None:
    content, readers, never_mailed, expected = _FILES[vendor]
    import_id = brought(database, tmp_path, content, now, name="subscribers.csv")
    seen = looked(database, tmp_path, import_id, now)
    assert (seen.phase, seen.looked, seen.is_looked_whole) == (Phase.LOOKED, expected, True)
    assert states(database) == []
    done = taken(database, tmp_path, import_id, now)
    assert done.plan is not None
    assert (done.plan.vendor, done.phase, done.tally) == (vendor, Phase.DONE, expected)
    assert {key.partition("@")[0]: state for key, state, _ in states(database)} == readers
    assert _suppressed(database) == never_mailed
    words = {step: said for step, _, said in steps(database)}
    assert words["imported"].startswith(BASIS)
    with database.read() as session:
        ada = session.execute(select(Subscriber).where(Subscriber.address_key == "ada@example.org")).scalar_one()
        joined = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC) if vendor == "mailchimp" else _UTC
        assert ada.created_at.replace(microsecond=0) == joined
        assert f"joined {joined:%Y-%m-%d %H:%M} UTC" in words["imported"]
    assert letters(database) == []


def test_mailchimps_groups_and_tags_are_taken_over_and_the_leaving_is_told(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    columns = {"Favourite topics": Column.INTERESTS}
    import_id = brought(database, tmp_path, exports.mailchimp(), now, name="audience.zip", columns=columns)
    taken(database, tmp_path, import_id, now)
    with database.read() as session:
        tags = session.scalars(select(Tag.name).join(SubscriberTag, SubscriberTag.tag_id == Tag.id)).all()
        chosen = select(Interest.name).join(SubscriberInterest, SubscriberInterest.interest_id == Interest.id)
        assert sorted(tags) == ["Beta, closed", "VIP"]
        assert sorted(session.scalars(chosen).all()) == ["Hardware", "Vector search"]
    found = {step: (place, words) for step, place, words in steps(database)}
    assert found["imported"][0] == "audience.zip: subscribed_members_export_ab12.csv, line 2"
    assert "confirmed 2020-02-03 04:06 UTC" in found["imported"][1]
    assert found["left"][1].endswith("left 2022-05-06 07:08 UTC)")


def test_nobody_is_brought_back_and_the_second_time_changes_nothing(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    newsletter_id = newsletter_row(database)
    ada = subscribe.add(database, newsletter_id, "ada@example.org", now=now)
    subscribe.unsubscribe(database, newsletter_id, ada, now=now, how="link")
    subscribe.add(database, newsletter_id, "bob@example.org", now=now)
    content = exports.KIT.encode()
    done = taken(database, tmp_path, brought(database, tmp_path, content, now, newsletter_id=newsletter_id), now)
    # Bob said here that he wants it; when he left there the file does not say.
    assert done.tally == Tally(rows=5, already_there=1, left_before=1, kept_out=2, aside=1)
    before = states(database), steps(database)
    again = taken(database, tmp_path, brought(database, tmp_path, content, now, newsletter_id=newsletter_id), now)
    assert again.tally == Tally(rows=5, already_there=1, left_before=1, known=2, aside=1)
    assert (states(database), steps(database)) == before


def test_an_old_tools_leaving_ends_what_a_file_began_in_whichever_order(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    rows = [
        "ada@example.org,subscribed",
        "ada@example.org,unsubscribed",
        "bob@example.org,left",
        "bob@example.org,active",
    ]
    content = "\n".join(["email,status", *rows]).encode()
    done = taken(database, tmp_path, brought(database, tmp_path, content, now), now)
    assert done.tally == Tally(rows=4, added=1, ended=2, left_before=1)
    assert {state for _, state, _ in states(database)} == {"ended"}


def test_who_had_not_confirmed_is_asked_anew_where_somebody_says_so(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    import_id = brought(database, tmp_path, exports.BUTTONDOWN.encode(), now, asks_anew=True)
    assert taken(database, tmp_path, import_id, now).tally.asked == 1
    assert ("uma@example.org", "pending", "sign-up") in states(database)
    assert letters(database) == [("confirm", "uma@example.org")]


def test_a_file_says_by_its_name_or_its_editor_how_everybody_stands(
    sqlite_database: Database, tmp_path: Path, now: datetime
) -> None:
    content = b"id,first_name,email,created_at,tags\n1,Ada,ada@example.org,2021-03-04 05:06:07 UTC,\n"
    import_id = brought(sqlite_database, tmp_path, content, now, name="cancelled-subscribers.csv")
    assert taken(sqlite_database, tmp_path, import_id, now).tally.ended == 1


def test_what_is_not_understood_is_refused_and_never_guessed(
    sqlite_database: Database, tmp_path: Path, now: datetime
) -> None:
    content = b"email,status,unsubscribed\nada@example.org,sparkling,no\nbob@example.org,active,perhaps\n"
    import_id = brought(sqlite_database, tmp_path, content, now)
    assert taken(sqlite_database, tmp_path, import_id, now).tally == Tally(rows=2, refused=2)
    with sqlite_database.read() as session:
        refused = [refusal for _, refusal in store.refusals(session, import_id)]
    assert [(each.line, each.column) for each in refused] == [(2, "status"), (3, "unsubscribed")]
    assert "sparkling" in refused[0].reason


def test_a_column_of_anything_makes_no_endless_number_of_tags(
    sqlite_database: Database, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_TAGS", 3)
    monkeypatch.setattr(store, "MAX_INTERESTS", 2)
    rows = "".join(f"reader{n}@example.org,a{n};VIP,b{n}\n" for n in range(5))
    import_id = brought(sqlite_database, tmp_path, f"email,tags,interests\n{rows}".encode(), now)
    assert taken(sqlite_database, tmp_path, import_id, now).tally == Tally(rows=5, added=5, dropped=6)
    with sqlite_database.read() as session:
        assert session.scalars(select(Tag.name).order_by(Tag.name)).all() == ["VIP", "a0", "a1"]
        assert session.scalars(select(Interest.name).order_by(Interest.name)).all() == ["b0", "b1"]


def test_plans_that_cannot_be_followed_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"email,other\nada@example.org,bob@example.org\n")
    parts = parts_of(file, "x.csv", max_bytes=_LIMIT)
    columns = {"email": Column.ADDRESS, "other": Column.ADDRESS}
    for given, field in (
        ({"vendor": "csv", "columns": columns, "basis": "b"}, "columns"),
        ({"vendor": "csv", "columns": {}, "basis": "b"}, "columns"),
        ({"vendor": "csv", "columns": {"email": Column.ADDRESS}, "basis": " "}, "basis"),
        ({"vendor": "nobody", "columns": {"email": Column.ADDRESS}, "basis": "b"}, "vendor"),
    ):
        with pytest.raises(InvalidError) as refused:
            bring.checked_plan(parts, **given)  # type: ignore[arg-type]
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: exports.zipped({"[Content_Types].xml": "", "xl/sheet.csv": "email\n"}), "workbook"),
        (lambda: exports.zipped({"readme.md": "hello"}), "no CSV"),
        (lambda: exports.zipped({"posts.csv": "post_id\n1\n"}), "No column of addresses"),
        (lambda: exports.zipped({"bomb.csv": "email\n" + "a" * 20_000_000}), "unpacks to 20,000,006 bytes"),
        (lambda: exports.zipped({f"{n}.csv": "email\n" for n in range(61)}), "61 lists"),
        (lambda: exports.zipped({"a.csv": "email\nada@example.org\n" * 99})[:80], "damaged"),
        (lambda: b"x" * 10_000_001, "at most 10,000,000"),
    ],
    ids=range(7),
)
def test_a_zip_that_is_none_or_too_much_says_why(made: Callable[[], bytes], why: str, tmp_path: Path) -> None:
    file = tmp_path / "given"
    file.write_bytes(made())
    with pytest.raises(InvalidError, match=why):
        parts_of(file, "given.zip", max_bytes=_LIMIT)


def test_a_plan_and_the_vendors_survive_the_database() -> None:
    plan = Plan("kit", {"Email": Column.ADDRESS}, "b", True, {})
    assert Plan.of_json(plan.to_json()) == plan
    assert all(vendor.key == key for key, vendor in VENDORS.items())


def _suppressed(db: Database) -> dict[str, str]:
    with db.read() as session:
        rows = session.execute(select(Suppression.address_key, Suppression.reason))
        return {key.partition("@")[0]: str(reason) for key, reason in rows}
