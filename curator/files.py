"""Writes a file whole or not at all."""

import os
import secrets
from pathlib import Path


def put_whole(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Writes a file under another name, sees its bytes onto the disk, and only then gives it its own.

    Nobody reads half of it, and neither a kill nor a power cut leaves half of it behind. Raises OSError.
    """
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    finally:
        new.unlink(missing_ok=True)
