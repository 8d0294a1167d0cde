"""Files of readers may be large: they are written to the disk as they arrive, and only for whoever may bring them."""

import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, cast

from flask import Request, request

from curator.accounts.values import Right
from curator.web import here

ENDPOINT = "desk.bring_readers"
ARRIVING = "arriving-"
"""How the files of requests that are under way begin; one whose process was killed is taken away with the old ones."""

# Below this a disk is as good as full: the database needs some of it.
_LEFT_FREE = 200_000_000


class LargeRequest(Request):
    """A request whose file, where it brings readers, goes straight into the folder of imports.

    Elsewhere Werkzeug takes a temporary file, and the folder for those may be memory.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.endpoint != ENDPOINT:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        folder = _folder()
        return cast("IO[bytes]", NamedTemporaryFile(dir=folder, prefix=ARRIVING))


def has_room() -> bool:
    """Raises the limit for a file of readers; False where the disk has no room for it.

    Nothing of the body was read yet. Of somebody who may not bring readers it is as small as any other form.
    """
    if request.endpoint != ENDPOINT or not here.may(Right.READERS):
        return True
    request.max_content_length = here.app().settings.import_max_bytes + 100_000
    return (request.content_length or 0) + _LEFT_FREE <= shutil.disk_usage(_folder()).free


def too_large() -> str:
    """Returns what somebody is told whose file is beyond the limit."""
    most = here.app().settings.import_max_bytes
    return f"A file of readers may have {most:,} bytes (CURATOR_IMPORT_MAX_BYTES). Split it and bring the parts."


def path_of(file: Any) -> Path:
    """Returns where the file of a request lies until the request ends."""
    return Path(str(file.stream.name))


def _folder() -> Path:
    folder = here.app().imports_dir
    folder.mkdir(parents=True, exist_ok=True)
    return folder
