"""The mailbox that bounces come to: a Maildir that the mail server fills. Read here, and never emptied.

A message that was read moves from new/ to cur/ with the flag S (seen), as a mail program would do it.
"""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from curator.errors import CuratorError

# A file's name has 255 bytes; a flag and a number of the file come behind.
_LONGEST_BASE = 220


class MailboxError(CuratorError):
    """The mailbox cannot be read, and a person must see to it."""


def require_usable(folder: Path) -> None:
    """Raises MailboxError unless messages can be read in `new` and put into `cur`."""
    for name in ("new", "cur"):
        path = folder / name
        if not path.is_dir():
            raise MailboxError(f"{path} is no folder: the mail server is to deliver there, in Maildir form.")
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise MailboxError(f"{path} may not be read and written by the user that Curator runs as.")


def new_names(folder: Path) -> list[str]:
    """Returns the messages that nobody has read yet, oldest first (their names begin with the second they came in)."""
    with os.scandir(folder / "new") as entries:
        return sorted(entry.name for entry in entries if not entry.name.startswith("."))


def oldest_at(folder: Path) -> datetime | None:
    """Returns since when the oldest message lies unread, None where none does or the folder cannot be read."""
    try:
        name = next(iter(new_names(folder)), None)
        return None if name is None else datetime.fromtimestamp((folder / "new" / name).stat().st_mtime, UTC)
    except OSError:
        return None


def beginning(folder: Path, name: str, *, max_bytes: int) -> bytes | None:
    """Returns the first bytes of a new message; None when it is gone, is no file, or may not be read."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        # By the descriptor, and closed here: `os.fdopen` takes no folder and would leave one open at each turn.
        descriptor = os.open(folder / "new" / name, flags)
        try:
            return _read(descriptor, max_bytes) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        finally:
            os.close(descriptor)
    except OSError:
        return None


def _read(descriptor: int, max_bytes: int) -> bytes:
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(max_bytes)


def put_away(folder: Path, name: str) -> bool:
    """Marks a new message as seen; False when somebody else did so first."""
    base = _shorter(name.partition(":")[0])
    try:
        message = folder / "new" / name
        if (folder / "cur" / f"{base}:2,S").exists():
            # Names should be unique; where one is not, the older message is not to be written over.
            base = f"{base}.{message.stat().st_ino}"
        message.rename(folder / "cur" / f"{base}:2,S")
    except FileNotFoundError:
        return False
    except OSError as error:
        raise MailboxError(f"A message in {folder / 'new'} cannot be moved to cur: {error.strerror}.") from error
    return True


def _shorter(base: str) -> str:
    """Returns a name that has room for what is put behind it: one that has none would stop all behind it."""
    return os.fsdecode(os.fsencode(base)[:_LONGEST_BASE])
