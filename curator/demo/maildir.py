"""The demo's outbox on disk: one file a mail in Maildir form, numbered so that the newest is found by name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_KEY = re.compile(r"\d{9}\.curator")
# A mail's headers end long before this; a list reads no further.
_HEAD_BYTES = 16_384


@dataclass(frozen=True)
class OutboxPage:
    """One page of the outbox: keys, newest first, and how many mails there are in all."""

    keys: tuple[str, ...]
    total: int
    number: int
    pages: int


class Maildir:
    """A folder of mails (new/, cur/, tmp/). One process puts, any number read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: int | None = None

    def put(self, content: bytes, *, sender: str, recipient: str) -> str:
        """Files one mail with its envelope on top and returns its key; readers never see half a mail."""
        self._last = self.prepare() + 1
        key = f"{self._last:09}.curator"
        envelope = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n".encode()
        draft = self._folder / "tmp" / key
        draft.write_bytes(envelope + content)
        draft.rename(self._folder / "new" / key)
        return key

    def prepare(self) -> int:
        """Makes the folder ready for whoever reads it, and returns the number of its newest mail."""
        if self._last is None:
            for part in ("new", "cur", "tmp"):
                (self._folder / part).mkdir(parents=True, exist_ok=True)
            self._last = max((int(key[:9]) for key in self.newest_keys()), default=0)
        return self._last

    def newest_keys(self) -> list[str]:
        """Returns the keys of all mails, newest first."""
        new = self._folder / "new"
        names = (path.name for path in new.iterdir()) if new.is_dir() else iter(())
        return sorted((name for name in names if _KEY.fullmatch(name)), reverse=True)

    def read(self, key: str) -> bytes | None:
        """Returns the whole mail, or None when there is none of that key."""
        if not _KEY.fullmatch(key):
            return None
        path = self._folder / "new" / key
        return path.read_bytes() if path.is_file() else None

    def read_head(self, key: str) -> bytes:
        """Returns the beginning of a mail of that key, which holds all of its headers; nothing when there is none."""
        path = self._folder / "new" / key
        if not _KEY.fullmatch(key) or not path.is_file():
            return b""
        with path.open("rb") as opened:
            return opened.read(_HEAD_BYTES)


def page_of(keys: Sequence[str], number: int, *, size: int = 50) -> OutboxPage:
    """Returns the `number`-th page (from 1) of keys in their order; a number beyond the end gives the last page."""
    pages = max(1, -(-len(keys) // size))
    number = min(max(number, 1), pages)
    return OutboxPage(tuple(keys[(number - 1) * size : number * size]), len(keys), number, pages)
