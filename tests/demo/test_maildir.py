"""The outbox's folder: pages of mails, newest first, and nothing outside it."""

from pathlib import Path

import pytest

from curator.demo.maildir import Maildir, page_of


def put(maildir: Maildir, count: int) -> list[str]:
    return [maildir.put(b"mail", sender="a@example.test", recipient="b@example.test") for _ in range(count)]


def test_pages_are_newest_first(tmp_path: Path) -> None:
    keys = put(Maildir(tmp_path), 5)
    kept = Maildir(tmp_path).newest_keys()
    assert page_of(kept, 1, size=2).keys == (keys[4], keys[3])
    assert page_of(kept, 3, size=2).keys == (keys[0],)
    assert (page_of(kept, 1, size=2).pages, page_of(kept, 1, size=2).total) == (3, 5)


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-4, 1), (99, 3)])
def test_a_page_that_is_not_there_gives_the_nearest(tmp_path: Path, asked: int, given: int) -> None:
    put(Maildir(tmp_path), 5)
    assert page_of(Maildir(tmp_path).newest_keys(), asked, size=2).number == given


def test_an_outbox_that_nobody_wrote_to_is_empty(tmp_path: Path) -> None:
    page = page_of(Maildir(tmp_path / "none").newest_keys(), 1)
    assert (page.keys, page.total, page.pages) == ((), 0, 1)


@pytest.mark.parametrize("key", ["../secret.key", "000000001.curator/../../secret.key", "", "000000009.curator"])
def test_a_key_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    (tmp_path / "secret.key").write_text("secret")
    put(Maildir(tmp_path / "outbox"), 1)
    assert Maildir(tmp_path / "outbox").read(key) is None
    assert Maildir(tmp_path / "outbox").read_head(key) == b""


def test_a_head_is_only_the_beginning_of_a_mail(tmp_path: Path) -> None:
    maildir = Maildir(tmp_path)
    key = maildir.put(b"Subject: Long\r\n\r\n" + b"x" * 100_000, sender="a@example.test", recipient="b@example.test")
    assert maildir.read_head(key).startswith(b"Return-Path: <a@example.test>\r\n")
    assert len(maildir.read_head(key)) < 20_000
