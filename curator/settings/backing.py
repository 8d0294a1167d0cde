"""What outlasts the database: nightly backups, what their keys are put away with, and the log of who left."""

from collections.abc import Mapping
from typing import Any

from curator.errors import SettingError
from curator.settings.reading import folder, number

# Whoever has a backup may guess as long as they like.
_SHORTEST_PASSPHRASE = 16


def backing(given: Mapping[str, str]) -> dict[str, Any]:
    """Returns these settings by their names in `Settings`; raises SettingError."""
    return {
        "backup_dir": folder("CURATOR_BACKUP_DIR", given, such_as="/mnt/backups/curator"),
        "backup_hour": number(given, "CURATOR_BACKUP_HOUR", 3, low=0, high=23),
        "backup_keep": number(given, "CURATOR_BACKUP_KEEP", 14, low=1, high=1000),
        "backup_passphrase": _passphrase(given, "CURATOR_BACKUP_PASSPHRASE"),
        "leavings_dir": folder("CURATOR_LEAVINGS_DIR", given, such_as="/mnt/other-disk/curator-leavings"),
    }


def _passphrase(given: Mapping[str, str], name: str) -> str | None:
    """Returns words of at least 16 characters, blanks among them; None where none are given."""
    value = given.get(name)
    if value is not None and len(value) < _SHORTEST_PASSPHRASE:
        raise SettingError(name, f"has {len(value)} characters; at least {_SHORTEST_PASSPHRASE} are needed.")
    return value
