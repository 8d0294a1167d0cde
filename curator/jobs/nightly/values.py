"""What the process that makes a backup is asked: one JSON document on standard input."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from curator.settings import Settings
from curator.settings.keys import DkimKeyFile

TASK = "back_up"
GOOD = "good"
"""What the process says whose backup was tried out and holds everything."""

_PLACES = ("data_dir", "pictures_dir", "files_dir", "imports_dir", "backup_dir")
_PLAIN = ("database_url", "secret_key", "backup_passphrase", "backup_keep", "log_format", "log_level")


@dataclass(frozen=True)
class Asked:
    """The settings that a backup needs, and what time it is.

    They hold keys and passwords, so all of this goes by standard input and never on a command line.
    """

    now: datetime
    settings: Settings = field(repr=False)

    def to_json(self) -> str:
        """Returns it as one line."""
        given = self.settings
        told: dict[str, Any] = {name: getattr(given, name) for name in _PLAIN}
        told |= {name: None if (path := getattr(given, name)) is None else str(path) for name in _PLACES}
        told["old_secret_keys"] = given.old_secret_keys
        told["dkim_keys"] = [(each.selector, each.domain, str(each.path)) for each in given.dkim_keys]
        return json.dumps({"now": self.now.isoformat(), "settings": told})

    @staticmethod
    def of_json(line: str) -> "Asked":
        """Returns what `to_json` wrote."""
        found = json.loads(line)
        return Asked(datetime.fromisoformat(found["now"]), _settings(found["settings"]))


def _settings(told: Mapping[str, Any]) -> Settings:
    given: dict[str, Any] = {name: told[name] for name in _PLAIN}
    given |= {name: None if told[name] is None else Path(told[name]) for name in _PLACES}
    keys = tuple(DkimKeyFile(selector, domain, Path(path)) for selector, domain, path in told["dkim_keys"])
    return Settings(**given, old_secret_keys=tuple(told["old_secret_keys"]), dkim_keys=keys)
