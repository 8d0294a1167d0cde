"""The outbox's folder: pages of mails, newest first, and nothing outside it."""

from pathlib import Path

import pytest

from curator.demo.maildir import Maildir


def put(maildir: Maildir, count: int) -> list[str]:
    return [maildir.put(b"mail", sender="a@example.test", recipient="b@example.test") for _ in range(count)]


def test_pages_are_newest_first(tmp_path: Path) -> None:
    keys = put(Maildir(tmp_path), 5)
    maildir = Maildir(tmp_path)
    assert maildir.page(1, size=2).keys == (keys[4], keys[3])
    assert maildir.page(3, size=2).keys == (keys[0],)
    assert (maildir.page(1, size=2).pages, maildir.page(1, size=2).total) == (3, 5)


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-4, 1), (99, 3)])
def test_a_page_that_is_not_there_gives_the_nearest(tmp_path: Path, asked: int, given: int) -> None:
    put(Maildir(tmp_path), 5)
    assert Maildir(tmp_path).page(asked, size=2).number == given


def test_an_outbox_that_nobody_wrote_to_is_empty(tmp_path: Path) -> None:
    page = Maildir(tmp_path / "none").page(1)
    assert (page.keys, page.total, page.pages) == ((), 0, 1)


@pytest.mark.parametrize("key", ["../secret.key", "000000001.curator/../../secret.key", "", "000000009.curator"])
def test_a_key_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    (tmp_path / "secret.key").write_text("secret")
    put(Maildir(tmp_path / "outbox"), 1)
    assert Maildir(tmp_path / "outbox").read(key) is None
