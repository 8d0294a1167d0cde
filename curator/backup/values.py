"""What crosses the backup's border: what an archive says of itself, and what a restore came to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from curator.errors import CuratorError, StateError

FORMAT = 1
"""Rises when an archive's form changes in a way that an older version cannot read."""

ABOUT, MANIFEST = "about.json", "manifest.json"
"""The first member, and the last: an archive without its last is not whole."""

FOLDERS = ("pictures", "files", "imports")
"""The folders of an installation whose files are kept, as an archive calls them."""


class Kind(StrEnum):
    """Which kind of database an archive is of."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class DamagedError(StateError):
    """An archive that is not what it says it is: torn, changed, or no archive of ours."""


class NoRoomError(CuratorError):
    """The disk is too full for what is to be written. Nothing was written."""


@dataclass(frozen=True)
class About:
    """What an archive says at its beginning: enough to refuse it before anything else is read.

    `schema` is the revision of its database, `keys` are fingerprints of its keys in order (see `keys.fingerprints`).
    `columns` are the tables' columns in the order of their values, for PostgreSQL. `database_bytes` and `files_bytes`
    are about what it takes on a disk.
    """

    at: datetime
    curator: str
    schema: str
    kind: Kind
    database_bytes: int
    files_bytes: int
    installation: str = ""
    keys: tuple[str, ...] = ()
    has_keys: bool = True
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    format: int = FORMAT

    def to_json(self) -> bytes:
        """Returns it as one document."""
        return json.dumps(asdict(self) | {"at": self.at.isoformat()}, indent=1).encode()

    @staticmethod
    def of_json(content: bytes) -> "About":
        """Returns what `to_json` wrote; raises DamagedError."""
        try:
            told = json.loads(content)
            if int(told["format"]) > FORMAT:
                raise StateError(
                    f"This backup was made by a newer version of Curator ({str(told.get('curator'))[:40]}), in a form "
                    "that this one does not know. Restore it with that version."
                )
            known = {name: told[name] for name in About.__dataclass_fields__ if name in told}
            known |= {"at": datetime.fromisoformat(told["at"]), "kind": Kind(told["kind"]), "keys": tuple(told["keys"])}
            return About(**known)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedError("This is no backup of Curator: it does not say what it is.") from error


@dataclass(frozen=True)
class Member:
    """One file in an archive."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says at its end: every member, how many rows each table has, and how far ids had come."""

    rows: Mapping[str, int]
    numbers: Mapping[str, int]
    members: tuple[Member, ...]

    @property
    def files(self) -> int:
        """How many files of the installation's folders are in it."""
        return sum(1 for each in self.members if each.name.partition("/")[0] in FOLDERS)

    def to_json(self) -> bytes:
        """Returns it as one document."""
        members = [[each.name, each.size, each.sha256] for each in self.members]
        return json.dumps({"rows": self.rows, "numbers": self.numbers, "members": members}).encode()

    @staticmethod
    def of_json(content: bytes) -> "Manifest":
        """Returns what `to_json` wrote; raises DamagedError."""
        try:
            told = json.loads(content)
            return Manifest(
                {str(table): int(rows) for table, rows in told["rows"].items()},
                {str(table): int(number) for table, number in told["numbers"].items()},
                tuple(Member(str(name), int(size), str(digest)) for name, size, digest in told["members"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedError("This backup is damaged: its list of contents cannot be read.") from error


@dataclass(frozen=True)
class Made:
    """A backup that was made."""

    path: str
    bytes: int
    sha256: str
    about: About
    manifest: Manifest


@dataclass(frozen=True)
class Restored:
    """A restoration as the desk shows it; `let_go_at` is None while nothing may be sent. `report` has
    numbers by name.
    """

    id: int
    at: datetime
    backup_at: datetime
    report: Mapping[str, int]
    let_go_at: datetime | None
