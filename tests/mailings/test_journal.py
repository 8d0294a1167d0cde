"""The journal of a sender, and what its bytes prove once the sender is gone."""

from contextlib import suppress
from pathlib import Path

import pytest

from curator.mailings import journal
from curator.mailings.journal import Answered, JournalError
from curator.mailings.values import DeliveryState

KEY = (12, 3456, 7)
OTHER = (12, 3457, 7)


def left_behind(folder: Path, *, boot: str | None = None) -> str:
    """A journal whose sender died after a dot and after an answer."""
    with suppress(ZeroDivisionError), journal.opened(folder, "host:1") as own:
        own.dot(KEY)
        own.answered(KEY, DeliveryState.SENT, 250)
        own.dot(OTHER)
        raise ZeroDivisionError
    if boot is not None:
        path = folder / own.name
        path.write_text(path.read_text().replace(journal.this_boot(), boot))
    return own.name


def test_a_dead_senders_lines_can_be_read(tmp_path: Path) -> None:
    past = journal.past(tmp_path, left_behind(tmp_path))
    assert (past.is_within_reach, past.is_alive, past.is_same_boot) == (True, False, True)
    assert past.lines == {KEY: Answered(DeliveryState.SENT, 250), OTHER: None}


def test_a_living_sender_is_known_by_its_lock(tmp_path: Path) -> None:
    with journal.opened(tmp_path, "host:1") as own:
        assert journal.past(tmp_path, own.name).is_alive
        assert journal.dead_names(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_journal_of_another_boot_says_so(tmp_path: Path) -> None:
    past = journal.past(tmp_path, left_behind(tmp_path, boot="another-boot"))
    assert past.is_within_reach
    assert not past.is_same_boot


def test_a_machine_that_does_not_tell_its_boot_trusts_no_silence(tmp_path: Path) -> None:
    name = left_behind(tmp_path, boot="-")
    assert not journal.past(tmp_path, name, boot_id="").is_same_boot


def test_a_journal_that_is_not_there_is_out_of_reach(tmp_path: Path) -> None:
    assert not journal.past(tmp_path, "never.journal").is_within_reach


def test_a_line_that_was_torn_is_no_fact(tmp_path: Path) -> None:
    name = left_behind(tmp_path)
    with (tmp_path / name).open("a") as file:
        file.write("> 12 99")
    assert set(journal.past(tmp_path, name).lines) == {KEY, OTHER}
    with (tmp_path / name).open("a") as file:
        file.write("\n< 12 98 7 nonsense 250\n< 12 97 7 sent\n\n")
    assert set(journal.past(tmp_path, name).lines) == {KEY, OTHER}


def test_an_owners_name_becomes_a_file_name_that_fits(tmp_path: Path) -> None:
    with journal.opened(tmp_path, "../../etc/pass wd:" + "x" * 200) as own:
        assert "/" not in own.name
        assert len(own.name) <= 80
        assert (tmp_path / own.name).exists()


def test_two_senders_of_one_name_have_two_journals(tmp_path: Path) -> None:
    with journal.opened(tmp_path, "host:1") as one, journal.opened(tmp_path, "host:1") as two:
        assert one.name != two.name


def test_only_its_owner_may_read_a_journal(tmp_path: Path) -> None:
    with journal.opened(tmp_path / "new", "host:1") as own:
        assert (tmp_path / "new" / own.name).stat().st_mode & 0o077 == 0


def test_a_full_disk_stops_the_sender() -> None:
    with Path("/dev/full").open("wb") as full, pytest.raises(JournalError, match="cannot be written"):
        journal.Journal("full", full.fileno()).dot(KEY)


def test_a_folder_that_is_a_file_stops_the_sender(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="No journal"), journal.opened(tmp_path / "file", "host:1"):
        pass
