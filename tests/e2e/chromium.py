"""Finds the browser that the tests drive, and says what to do where there is none."""

import shutil
from collections.abc import Mapping

MISSING = (
    "The browser tests need Chromium, and {name!r} is not there. On Debian, as root: apt-get install chromium. "
    "Elsewhere set CHROMIUM to the Chromium or Chrome of this machine."
)
# No sandbox, because CI runs as root. No name but this machine's is ever looked up, whatever a page asks for.
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class NoBrowserError(Exception):
    """There is no Chromium on this machine."""


def binary(environ: Mapping[str, str]) -> str:
    """Returns the path of the browser: CHROMIUM's, else Debian's. Raises NoBrowserError."""
    name = environ.get("CHROMIUM") or "chromium"
    path = shutil.which(name, path=environ.get("PATH"))
    if path is None:
        raise NoBrowserError(MISSING.format(name=name))
    return path
