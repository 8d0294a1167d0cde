"""The in-memory twin of the way out, for tests of everything that fetches."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from curator.errors import FetchError
from curator.http.client import location
from curator.http.guard import is_allowed, target_of
from curator.http.values import MAX_REDIRECTS, Fetched, Fetcher, Hop, Limits


@dataclass(frozen=True)
class Asked:
    """One request that the twin got; header names are lower-case."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


class MemoryFetcher(Fetcher):
    """Answers from what `put` and `fail` laid down, obeys the same rules as the real one, notes who `asked` what."""

    def __init__(self, limits: Limits | None = None, *, allow_private: bool = True) -> None:
        self._limits = limits or Limits()
        self._allow_private = allow_private
        self._pages: dict[str, Fetched | FetchError] = {}
        self.asked: list[Asked] = []

    def put(self, url: str, body: bytes = b"", *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Lays an answer down. One with an ETag or Last-Modified answers 304 to a request that brings it back."""
        self._pages[url] = Fetched(url, status, {name.lower(): value for name, value in (headers or {}).items()}, body)

    def fail(self, url: str, reason: str = "It is broken for this test.") -> None:
        """Has a URL raise FetchError."""
        self._pages[url] = FetchError(url, reason)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """Returns what lies at `url`, following redirects; a host without any page is a host that does not exist."""
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        hops: list[Hop] = []
        while True:
            answer = self._answer(url, sent)
            pointed_to = location(answer)
            if pointed_to is None:
                return replace(answer, hops=tuple(hops))
            if len(hops) == MAX_REDIRECTS:
                raise FetchError(url, f"The server redirects more than {MAX_REDIRECTS} times.")
            url = pointed_to
            hops.append(Hop(answer.status, url))

    def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> Fetched:
        """Returns what lies at `url`, the beginning of an error's body too; no redirect is followed."""
        target = target_of(url, allow_private=self._allow_private)
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        self.asked.append(Asked(target.url, sent, body))
        page = self._pages.get(target.url, self._pages.get(url))
        if isinstance(page, FetchError):
            raise page
        if page is None:
            return self._missing(target.url, target.host)
        return replace(page, body=page.body[: (limits or self._limits).max_bytes])

    def _answer(self, url: str, headers: Mapping[str, str]) -> Fetched:
        target = target_of(url, allow_private=self._allow_private)
        is_number = target.host.replace(".", "").isdigit() or ":" in target.host
        if is_number and not is_allowed(target.host, allow_private=self._allow_private):
            raise FetchError(url, f"{target.host} has no public address, so Curator does not ask it.")
        self.asked.append(Asked(target.url, headers))
        page = self._pages.get(target.url, self._pages.get(url))
        if isinstance(page, FetchError):
            raise page
        if page is None:
            return self._missing(target.url, target.host)
        if len(page.body) > self._limits.max_bytes:
            raise FetchError(url, f"The document is larger than {self._limits.max_bytes:,} bytes.")
        if page.status == 200 and _is_unchanged(page.headers, headers):
            return replace(page, status=304, body=b"")
        return page if 200 <= page.status < 300 else replace(page, body=b"")

    def _missing(self, url: str, host: str) -> Fetched:
        if not any(target_of(known, allow_private=True).host == host for known in self._pages):
            raise FetchError(url, f"There is no host {host}, or its name cannot be looked up just now.")
        return Fetched(url, 404, {}, b"")


def _is_unchanged(stored: Mapping[str, str], sent: Mapping[str, str]) -> bool:
    if "if-none-match" in sent:  # it goes before the date (RFC 9110 13.2.2)
        return sent["if-none-match"] == stored.get("etag")
    return "if-modified-since" in sent and sent["if-modified-since"] == stored.get("last-modified")
