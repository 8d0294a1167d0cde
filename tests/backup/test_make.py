"""A backup is of one moment, whole or not there, tells what is in it, and gives no key away."""

import gzip
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from curator import schema
from curator.app import App
from curator.backup import archive, check, keys, make, places, room
from curator.backup.values import DamagedError, NoRoomError
from curator.errors import CuratorError, InvalidError, StorageError
from tests.backup.conftest import PASSPHRASE, changed, with_settings
from tests.builders import subscriber_rows


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path, "r:gz") as tar:
        return {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]  # every one is a file


def test_a_backup_holds_database_files_and_keys_and_says_so(full: App, tmp_path: Path) -> None:
    made = make.back_up(full, tmp_path / "out" / "a.backup")
    about, manifest = check.try_out(Path(made.path), scratch=tmp_path, db=full.db)
    assert (about.at, about.schema) == (full.clock(), schema.newest())
    assert (manifest.rows["subscriber"], manifest.rows["subscription"], manifest.files) == (3, 3, 3)
    found = members(Path(made.path))
    assert found["pictures/ab/abcd.png"] == b"pictures/ab/abcd.png" * 100
    assert keys.opened(found[places.KEYS], PASSPHRASE).dkim == {"s._domainkey.podcast.example.pem": "a private key"}
    assert keys.opened(found[places.KEYS], PASSPHRASE).secrets == (full.settings.secret_key,)
    assert Path(made.path).stat().st_mode & 0o077 == 0
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["a.backup"]


def test_no_key_is_in_it_without_a_passphrase_and_none_can_be_read_without_the_right_one(
    full: App, tmp_path: Path
) -> None:
    bare = make.back_up(with_settings(full, backup_passphrase=None), tmp_path / "bare.backup")
    assert not bare.about.has_keys
    sealed = make.back_up(full, tmp_path / "sealed.backup")
    for made in (bare, sealed):
        with gzip.open(made.path) as file:
            content = file.read()
        assert full.settings.secret_key.encode() not in content
        assert b"a private key" not in content
    assert places.KEYS not in members(Path(bare.path))
    with pytest.raises(InvalidError, match="CURATOR_BACKUP_PASSPHRASE is not the one"):
        keys.opened(members(Path(sealed.path))[places.KEYS], "another passphrase altogether")


def test_what_is_written_meanwhile_is_not_in_it(full: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copying = make._add_copy if full.db.is_sqlite else make._add_rows

    def late(*given: object) -> object:
        subscriber_rows(full.db, 1, ["late@example.org"])
        return copying(*given)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(make, copying.__name__, late)
    made = make.back_up(full, tmp_path / "a.backup")
    assert made.manifest.rows["subscriber"] == 3
    check.try_out(Path(made.path), scratch=tmp_path, db=full.db)


def test_what_was_erased_is_in_no_corner_of_it(full: App, tmp_path: Path) -> None:
    with full.db.write() as session:
        session.execute(text("delete from subscriber where address = 'eve@example.org'"))
    made = make.back_up(full, tmp_path / "a.backup")
    assert b"eve@example.org" not in b"".join(members(Path(made.path)).values())


def test_a_full_disk_is_said_before_anything_is_written(
    full: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(NoRoomError, match=r"1\.0 MB are free in .*Nothing was written"):
        make.back_up(full, tmp_path / "out" / "a.backup")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_none_is_said_in_words(full: App, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError, match=r"The backup cannot be written to .*file"):
        make.back_up(full, tmp_path / "file" / "a.backup")


def test_a_disk_that_fills_on_the_way_leaves_no_half_file(
    full: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def filled(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.Writing, "finish", filled)
    with pytest.raises(StorageError, match="No space left on device"):
        make.back_up(full, tmp_path / "out" / "a.backup")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9, 0.999])
def test_a_changed_or_torn_backup_is_refused(full: App, tmp_path: Path, where: float) -> None:
    whole = Path(make.back_up(full, tmp_path / "a.backup").path).read_bytes()
    place = int(len(whole) * where)
    for name, content in (
        ("changed", changed(whole, place)),
        ("torn", whole[:place]),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CuratorError):
            check.try_out(tmp_path / name, scratch=tmp_path, db=full.db)


def test_rows_that_are_not_those_that_were_counted_are_refused(full: App, tmp_path: Path) -> None:
    made = make.back_up(full, tmp_path / "a.backup")
    with pytest.raises(DamagedError, match="subscriber has 2 rows instead of 3"):
        check.compare({**made.manifest.rows, "subscriber": 2}, made.manifest)
