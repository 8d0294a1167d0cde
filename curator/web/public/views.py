"""Counts looks and open downloads without a cookie, an address or a database's write for each."""

from collections import Counter
from threading import Lock
from typing import cast

from flask import Response, current_app, request

from curator.clock import Clock
from curator.db import Database
from curator.downloads import store
from curator.downloads.looks import is_of_person
from curator.downloads.values import Download
from curator.errors import StorageError
from curator.web import here
from curator.web.public.door import blueprint

# A look is in the counter after so long at the latest, as long as somebody looks at anything; a kill loses that much.
_KEPT_S = 5.0
_EXTENSION = "curator views"


class Tally:
    """What is counted and not in the database yet; one for each process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: Counter[tuple[Download, str]] = Counter()
        self._written_s = 0.0

    def note(self, download: Download, what: str) -> None:
        """Counts one more."""
        with self._lock:
            self._seen[download, what] += 1

    def write(self, db: Database, clock: Clock, *, is_forced: bool = False) -> None:
        """Writes down what is due. What the database does not take just now is tried again later."""
        seen = self._taken(clock().timestamp(), is_forced=is_forced)
        if not seen:
            return
        try:
            with db.write() as session:
                store.count_all(session, seen)
        except StorageError:
            with self._lock:
                self._seen.update(seen)

    def _taken(self, now_s: float, *, is_forced: bool) -> Counter[tuple[Download, str]]:
        with self._lock:
            # A clock that was set back must not keep looks for long.
            is_due = is_forced or abs(now_s - self._written_s) >= _KEPT_S
            if not self._seen or not is_due:
                return Counter()
            seen, self._seen, self._written_s = self._seen, Counter(), now_s
            return seen


def note(download: Download, what: str = "views") -> None:
    """Counts this request (as a look, or as another counter's), unless a program made it."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    if is_of_person(method=request.method, agent=request.headers.get("User-Agent", ""), purpose=purpose):
        _tally().note(download, what)


def write_all() -> None:
    """Writes down everything so far, for a page that shows the counters."""
    _tally().write(here.db(), here.app().clock, is_forced=True)


@blueprint.after_request
def write_due(response: Response) -> Response:
    """Writes down now and then."""
    _tally().write(here.db(), here.app().clock)
    return response


def _tally() -> Tally:
    return cast("Tally", current_app.extensions.setdefault(_EXTENSION, Tally()))
