"""Fetching what lies beside feeds (articles, transcripts, usual places) without bothering a host that wants peace."""

from collections.abc import Mapping
from datetime import timedelta

from curator.clock import Clock
from curator.db import Database
from curator.errors import CuratorError
from curator.feeds.polling import host_of
from curator.feeds.polls import store
from curator.http.values import Fetched, Fetcher, Limits


class HeldError(CuratorError):
    """A host wants to be left alone; whatever needs it is tried again when it may be asked."""

    def __init__(self, host: str, retry_in: timedelta) -> None:
        super().__init__(f"{host} wants to be left alone for a while.")
        self.retry_in = retry_in


class PoliteFetcher(Fetcher):
    """Asks only hosts that no poll found to want peace; where they redirect to is not looked at."""

    def __init__(self, db: Database, fetcher: Fetcher, clock: Clock) -> None:
        self._db, self._fetcher, self._clock = db, fetcher, clock

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """Returns the answer, or raises FetchError; HeldError where nothing is asked."""
        host, now = host_of(url), self._clock()
        with self._db.read() as session:
            hold = store.hold(session, host)
        if hold is not None and hold.until > now:
            raise HeldError(host, hold.until - now)
        return self._fetcher.get(url, headers=headers)

    def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> Fetched:
        """Returns the answer to a POST: what is sent to somebody is no reading of feeds."""
        return self._fetcher.post(url, body, headers=headers, limits=limits)
