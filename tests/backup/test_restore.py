"""A restored installation is what it was, but for who left since; nothing is sent from it before a person says so."""

import gzip
import io
import tarfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from curator import schema
from curator.accounts import admit
from curator.accounts.tables import SignIn, SignInLink
from curator.accounts.values import Role
from curator.activity import store as activity
from curator.app import App
from curator.audience.moving import store as imports
from curator.audience.moving.values import Phase
from curator.audience.record import store as record
from curator.audience.steps import Step, take
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import ReaderImport
from curator.audience.values import ConsentStep, SubscriptionState, SuppressionReason
from curator.backup import archive, check, holding, make, restore, store
from curator.backup.values import ABOUT, About, DamagedError
from curator.db import Database
from curator.downloads.tables import DownloadRequest
from curator.errors import StateError
from curator.issues import store as issues
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.jobs import clock as ticking
from curator.jobs import tasks
from curator.letters.values import LetterKind
from curator.mailings import control, send
from curator.mailings import store as mailings
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import MailingState
from curator.privacy import erase
from curator.settings.keys import filed_keys
from tests.backup.conftest import PASSPHRASE, rows_of, with_settings
from tests.builders import approved_issue_row, feed_row, item_row, letter_row, subscriber_rows
from tests.conftest import FakeClock

HOUR = timedelta(hours=1)


def backed_up(app: App, tmp_path: Path) -> Path:
    return Path(make.back_up(app, tmp_path / "a.backup").path)


def restored(app: App, file: Path, *, also: tuple[Path, ...] = (), is_replacing: bool = False) -> restore.Done:
    return restore.restore(app, file, is_replacing=is_replacing, leavings=also)


def state(db: Database, subscriber_id: int) -> SubscriptionState | None:
    with db.read() as session:
        row = record.subscription(session, 1, subscriber_id)
    return None if row is None else row.state


def ids(db: Database) -> dict[str, int]:
    with db.engine.connect() as connection:
        return {address: number for number, address in connection.exec_driver_sql("select id, address from subscriber")}


def sent(app: App) -> list[str]:
    assert isinstance(app.transport, MemoryTransport)
    return [message.recipient for message in app.transport.sent]


def test_rows_and_files_come_back_and_a_line_of_the_log_says_so(full: App, elsewhere: App, tmp_path: Path) -> None:
    file = backed_up(full, tmp_path)
    done = restored(elsewhere, file)
    assert (rows_of(elsewhere.db, "subscriber"), done.replaced) == (3, "")
    assert schema.current(elsewhere.db) == schema.newest()
    assert (elsewhere.settings.data_dir / "pictures" / "ab" / "abcd.png").read_bytes() == b"pictures/ab/abcd.png" * 100
    with elsewhere.db.read() as session:
        assert "restored" in {each.verb for each in activity.recent(session, limit=5)}
    assert not [each for each in elsewhere.settings.data_dir.iterdir() if each.name.startswith(".curator-")]
    number = subscriber_rows(elsewhere.db, 1, ["new@example.org"])[0]
    assert number > 1_000_000


def test_a_full_installation_is_refused_and_what_it_would_lose_is_said(full: App, tmp_path: Path) -> None:
    file = backed_up(full, tmp_path)
    subscriber_rows(full.db, 1, ["late@example.org"])
    with pytest.raises(StateError, match=r"holds 1 newsletter, 4 subscribers, .* --replace does so"):
        restored(full, file)
    assert rows_of(full.db, "subscriber") == 4


def test_a_full_sqlite_installation_is_replaced_and_put_aside(sqlite_full: App, tmp_path: Path) -> None:
    file = backed_up(sqlite_full, tmp_path)
    subscriber_rows(sqlite_full.db, 1, ["late@example.org"])
    done = restored(sqlite_full, file, is_replacing=True)
    assert rows_of(sqlite_full.db, "subscriber") == 3
    before = Database(f"sqlite:///{done.replaced}")
    assert rows_of(before, "subscriber") == 4
    before.close()


def test_whoever_left_was_suppressed_or_erased_since_is_so_again(full: App, elsewhere: App, tmp_path: Path) -> None:
    known, file = ids(full.db), backed_up(full, tmp_path)
    log = full.leavings.folder
    late = subscriber_rows(full.db, 1, ["late@example.org"])[0]
    at = full.clock() + HOUR
    with full.db.write() as session:
        for each in (known["ada@example.org"], late):
            take(session, 1, each, Step(ConsentStep.LEFT, at, "link"))
        for address in ("bob@example.org", "stranger@example.org"):
            suppressed.add(session, address, SuppressionReason.COMPLAINED, note="", at=at)
    erase.erase(full.db, known["eve@example.org"], by=None, now=at)
    assert "example.org" not in "".join(each.read_text() for each in log.glob("*.jsonl"))
    done = restored(elsewhere, file, also=(log,))
    assert {name: done.report[name] for name in ("left", "unknown", "suppressed", "erased", "kept_out")} == {
        "left": 1,
        "unknown": 1,
        "suppressed": 2,
        "erased": 1,
        "kept_out": 1,
    }
    assert state(elsewhere.db, known["ada@example.org"]) is SubscriptionState.ENDED
    with elsewhere.db.read() as session:
        assert suppressed.why(session, "bob@example.org") is SuppressionReason.COMPLAINED
        assert suppressed.why(session, "stranger@example.org") is SuppressionReason.COMPLAINED
        assert suppressed.why(session, "eve@example.org") is SuppressionReason.ERASED
    assert sorted(ids(elsewhere.db)) == ["ada@example.org", "bob@example.org"]


def test_nothing_leaves_before_somebody_lets_it_go_and_nothing_past_ever(
    full: App, elsewhere: App, tmp_path: Path, clock: FakeClock
) -> None:
    owner = admit.create_user(full.db, "o@example.org", name="O", role=Role.OWNER, now=clock())
    live = send.start(full.db, approved_issue_row(full.db, 1), now=clock())
    due = approved_issue_row(full.db, 1, number=2)
    with full.db.write() as session:
        session.execute(update(Issue).where(Issue.id == due).values(send_at=clock() + HOUR, state=IssueState.SCHEDULED))
        session.add(SignInLink(token_hash="x", user_id=owner, expires_at=clock() + HOUR, used_at=None))
    file = backed_up(full, tmp_path)
    clock.advance(2 * HOUR)
    done = restored(elsewhere, file)
    assert (done.report["mailings"], done.report["issues"]) == (1, 1)
    with elsewhere.db.read() as session:
        assert mailings.mailing(session, live).state is MailingState.PAUSED
        assert mailings.mailing(session, live).reason.startswith("Restored from a backup of Mon 16 Nov 2026 09:00 UTC.")
        assert issues.issue_row(session, due).state is IssueState.HELD
    assert (rows_of(elsewhere.db, SignIn.__tablename__), rows_of(elsewhere.db, SignInLink.__tablename__)) == (0, 0)
    control.resume(elsewhere.db, live, now=clock())
    ticking.tick_all(elsewhere)
    tasks.TASKS["pump_mailing"](elsewhere, {"mailing_id": live})
    assert sent(elsewhere) == []
    assert holding.held(elsewhere.db) is not None
    assert holding.let_go(elsewhere.db, by=None, now=clock())
    assert not holding.let_go(elsewhere.db, by=None, now=clock())
    tasks.TASKS["pump_mailing"](elsewhere, {"mailing_id": live})
    assert len(sent(elsewhere)) == 3


def test_what_came_due_while_all_was_held_is_held_when_it_is_let_go(
    full: App, elsewhere: App, tmp_path: Path, clock: FakeClock
) -> None:
    due, soon = approved_issue_row(full.db, 1), approved_issue_row(full.db, 1, number=2)
    at = {due: clock() + HOUR, soon: clock() + 3 * HOUR}
    restored(elsewhere, backed_up(full, tmp_path))
    for each, send_at in at.items():
        with elsewhere.db.write() as session:
            values = {"send_at": send_at, "state": IssueState.SCHEDULED}
            session.execute(update(Issue).where(Issue.id == each).values(values))
    clock.advance(2 * HOUR)
    holding.let_go(elsewhere.db, by=None, now=clock())
    with elsewhere.db.read() as session:
        states = [issues.issue_row(session, each).state for each in at]
    assert states == [IssueState.HELD, IssueState.SCHEDULED]


def test_an_issue_that_is_to_come_is_held_because_it_may_have_been_sent_early(
    full: App, elsewhere: App, tmp_path: Path, clock: FakeClock
) -> None:
    to_come = approved_issue_row(full.db, 1)
    with full.db.write() as session:
        values = {"send_at": clock() + 50 * HOUR, "state": IssueState.SCHEDULED}
        session.execute(update(Issue).where(Issue.id == to_come).values(values))
    restored(elsewhere, backed_up(full, tmp_path))
    with elsewhere.db.read() as session:
        row = issues.issue_row(session, to_come)
    assert (row.state, "to be sent on Wed 18 Nov 2026 11:00 UTC, and may have been" in row.note) == (
        IssueState.HELD,
        True,
    )


def test_a_second_restore_gives_no_number_again_that_the_first_gave(full: App, elsewhere: App, tmp_path: Path) -> None:
    file = backed_up(full, tmp_path)
    restored(elsewhere, file)
    first = subscriber_rows(elsewhere.db, 1, ["first@example.org"])
    sent_by = send.start(elsewhere.db, approved_issue_row(elsewhere.db, 1), now=elsewhere.clock())
    restored(elsewhere, file, is_replacing=True)
    assert subscriber_rows(elsewhere.db, 1, ["second@example.org"])[0] > first[0]
    again = send.start(elsewhere.db, approved_issue_row(elsewhere.db, 1), now=elsewhere.clock())
    assert again > sent_by > 1_000_000, "the backup has no mailing, and links name those that came after it"


def test_every_table_whose_numbers_are_never_given_twice_is_known(sqlite_full: App) -> None:
    with sqlite_full.db.engine.connect() as connection:
        once = "select name from sqlite_master where type = 'table' and sql like '%AUTOINCREMENT%'"
        assert sorted(connection.scalars(text(once))) == sorted(store.LINKED)


def test_who_was_erased_and_no_reader_is_erased_again(full: App, elsewhere: App, tmp_path: Path) -> None:
    letter_row(full.db, at=full.clock(), address="dan@example.org", kind=LetterKind.WELCOME, key="w", payload={})
    item_id = item_row(full.db, feed_row(full.db), "One", at=full.clock())
    asked = {"address": "Dan@example.org", "address_key": "dan@example.org", "newsletter_id": 1, "item_id": item_id}
    with full.db.write() as session:
        session.add(DownloadRequest(**asked, asked_at=full.clock(), place="", words=""))
    file = backed_up(full, tmp_path)
    erase.erase_address(full.db, "dan@example.org", by=None, now=full.clock() + HOUR)
    restored(elsewhere, file, also=(full.leavings.folder,))
    assert (rows_of(elsewhere.db, "letter"), rows_of(elsewhere.db, "download_request")) == (0, 0)


def test_a_file_of_readers_that_was_half_taken_in_waits_for_a_person(full: App, elsewhere: App, tmp_path: Path) -> None:
    with full.db.write() as session:
        moving = ReaderImport(newsletter_id=1, file_name="all.csv", size=1, phase=Phase.RUNNING, parts=[])
        moving.created_at = moving.seen_at = full.clock()
        session.add(moving)
    done = restored(elsewhere, backed_up(full, tmp_path))
    assert done.report["imports"] == 1
    with elsewhere.db.read() as session:
        [found] = imports.newest(session, 1)
    assert (found.phase, found.note[:24]) == (Phase.FAILED, "Restored from a backup o")


def test_a_database_that_lies_behind_a_link_on_another_disk_stays_there(sqlite_full: App, tmp_path: Path) -> None:
    disk, named = tmp_path / "disk", tmp_path / "named.sqlite3"
    disk.mkdir()
    named.symlink_to(disk / "real.sqlite3")
    db = Database(f"sqlite:///{named}")
    elsewhere = replace(sqlite_full, settings=replace(sqlite_full.settings, data_dir=tmp_path / "data"), db=db)
    restored(elsewhere, backed_up(sqlite_full, tmp_path))
    assert rows_of(db, "subscriber") == 3
    db.close()
    assert named.is_symlink()
    assert (disk / "real.sqlite3").stat().st_size > 0


def test_other_keys_and_another_kind_of_database_are_refused(full: App, elsewhere: App, tmp_path: Path) -> None:
    file = backed_up(full, tmp_path)
    with pytest.raises(StateError, match="no link in its mail would work"):
        restored(with_settings(elsewhere, secret_key="y" * 40), file)
    other = Database("sqlite:///:memory:" if not full.db.is_sqlite else "postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StateError, match="curator db move"):
        restored(replace(elsewhere, db=other), file)


def test_keys_come_out_of_a_backup_where_there_are_none(full: App, tmp_path: Path) -> None:
    file, data_dir = backed_up(full, tmp_path), tmp_path / "bare"
    data_dir.mkdir()
    assert restore.bring_keys(data_dir, file, PASSPHRASE)
    assert filed_keys(data_dir) == [full.settings.secret_key]
    assert (data_dir / "dkim" / "s._domainkey.podcast.example.pem").stat().st_mode & 0o077 == 0
    assert not restore.bring_keys(data_dir, file, PASSPHRASE)


def remade(
    file: Path, to: Path, *, about: dict[str, object] | None = None, evil: tarfile.TarInfo | None = None
) -> Path:
    """The same archive with another beginning, or with something more in it."""
    with tarfile.open(file, "r:gz") as old, gzip.open(to, "wb") as out, tarfile.open(fileobj=out, mode="w") as new:
        for each in old:
            content = old.extractfile(each).read()  # type: ignore[union-attr]  # every one is a file
            if each.name == ABOUT and about:
                content = replace(About.of_json(content), **about).to_json()  # type: ignore[arg-type]  # by name
            each.size = len(content)
            new.addfile(each, io.BytesIO(content))
            if each.name == ABOUT and evil is not None:
                new.addfile(evil, io.BytesIO(b"x" * evil.size))
    return to


def _entry(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    told = tarfile.TarInfo(name)
    told.type, told.linkname, told.size = kind, "/etc/passwd", size
    return told


@pytest.mark.parametrize(
    "evil",
    [
        _entry("../../outside", size=1),
        _entry("pictures/../../outside", size=1),
        _entry("/tmp/outside", size=1),  # noqa: S108 - what is refused
        _entry("pictures/link", tarfile.SYMTYPE),
        _entry("pictures/hard", tarfile.LNKTYPE),
        _entry("pictures/device", tarfile.CHRTYPE),
        _entry("pictures/pipe", tarfile.FIFOTYPE),
        _entry("pictures/more", size=10),
    ],
    ids=lambda each: each.name,
)
def test_what_no_backup_of_ours_has_is_refused(
    full: App, elsewhere: App, tmp_path: Path, evil: tarfile.TarInfo
) -> None:
    file = remade(backed_up(full, tmp_path), tmp_path / "evil.backup", evil=evil)
    with pytest.raises(DamagedError):
        restored(elsewhere, file)
    assert not (tmp_path / "outside").exists()
    assert not (elsewhere.settings.data_dir / "pictures").exists()


def test_a_backup_of_a_newer_version_or_form_is_refused(full: App, elsewhere: App, tmp_path: Path) -> None:
    file = backed_up(full, tmp_path)
    with pytest.raises(StateError, match="does not know that"):
        restored(elsewhere, remade(file, tmp_path / "newer.backup", about={"schema": "9999"}))
    with pytest.raises(StateError, match="a newer version of Curator"):
        restored(elsewhere, remade(file, tmp_path / "form.backup", about={"format": 2}))


def test_what_unpacks_to_far_more_than_it_says_is_refused(
    full: App, elsewhere: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_SPARE_BYTES", 0)
    file = remade(backed_up(full, tmp_path), tmp_path / "bomb", about={"database_bytes": 100, "files_bytes": 0})
    with pytest.raises(DamagedError, match="far more than it says"):
        restored(elsewhere, file)


def test_an_older_backup_is_brought_up_to_this_version(sqlite_full: App, tmp_path: Path) -> None:
    schema.downgrade(sqlite_full.db, "0028")
    file = backed_up(sqlite_full, tmp_path)
    assert archive.about(file).schema == "0028"
    check.try_out(file, scratch=tmp_path, db=sqlite_full.db)
    restored(sqlite_full, file, is_replacing=True)
    assert schema.current(sqlite_full.db) == schema.newest()
    assert rows_of(sqlite_full.db, "subscriber") == 3


def test_a_restore_twice_is_as_once(full: App, elsewhere: App, tmp_path: Path) -> None:
    known, file = ids(full.db), backed_up(full, tmp_path)
    with full.db.write() as session:
        take(session, 1, known["ada@example.org"], Step(ConsentStep.LEFT, full.clock() + HOUR, "link"))
    first = restored(elsewhere, file, also=(full.leavings.folder,))
    second = restored(elsewhere, file, also=(full.leavings.folder,), is_replacing=True)
    assert first.report == second.report
    with elsewhere.db.engine.connect() as connection:
        assert connection.scalar(text("select count(*) from consent where step = 'left'")) == 1
