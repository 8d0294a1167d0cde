"""What this machine remembers of the database: the last beat of a clock here, in a small file of the data folder."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from curator.files import put_whole
from curator.queue.values import Beat


def remembered(data_dir: Path) -> Beat | None:
    """Returns the last beat that was noted here; None where there was none, or the file says nothing."""
    try:
        told = json.loads(_file(data_dir).read_text())
        beat = Beat(str(told["installation"]), datetime.fromisoformat(told["at"]), int(told["number"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return beat if beat.at.tzinfo is not None else None


def remember(data_dir: Path, beat: Beat) -> None:
    """Notes a beat; a kill leaves the last one or this one, never half of it."""
    put_whole(_file(data_dir), json.dumps(asdict(beat) | {"at": beat.at.isoformat()}).encode())


def is_older(found: Beat | None, known: Beat | None) -> bool:
    """Tells whether a database is an older copy of the one that this machine knows.

    Another installation's database, or one in which no clock was at work yet, is none. Only the numbers are compared:
    the row is written before the file, so that it is never behind, and no clock has a say.
    """
    if found is None or known is None or found.installation != known.installation:
        return False
    return found.number < known.number


def _file(data_dir: Path) -> Path:
    return data_dir / "pulse.json"
