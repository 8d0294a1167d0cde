"""The demo's readers' own browser: asks this very machine over HTTP, and nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from urllib.parse import urlencode, urlsplit

import urllib3

from curator.demo.loopback import is_loopback
from curator.errors import FetchError, InvalidError

_AGENT = "Mozilla/5.0 (X11; Linux x86_64) CuratorDemo"


@dataclass(frozen=True)
class Reply:
    """What came back; redirects are told, not followed."""

    status: int
    body: bytes
    location: str | None = None
    cookies: tuple[str, ...] = ()

    @property
    def is_redirect(self) -> bool:
        """Whether it leads on."""
        return self.status in (301, 302, 303, 307, 308)

    @property
    def text(self) -> str:
        """The body as words."""
        return self.body.decode("utf-8", "replace")


class Visitor:
    """Asks between `with` and its end. Raises InvalidError("url") for another machine, FetchError for no answer."""

    def __init__(self, *, timeout_s: float = 10.0, max_bytes: int = 2_000_000) -> None:
        self._max_bytes = max_bytes
        self._pools = urllib3.PoolManager(
            num_pools=4, maxsize=4, retries=False, timeout=urllib3.Timeout(total=timeout_s)
        )

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pools.clear()

    def get(self, url: str, *, agent: str = _AGENT, cookie: str = "") -> Reply:
        """Looks at a page."""
        return self._asked("GET", url, None, agent, cookie)

    def post(self, url: str, form: Mapping[str, str], *, agent: str = _AGENT, cookie: str = "") -> Reply:
        """Sends a form."""
        return self._asked("POST", url, urlencode(form), agent, cookie)

    def _asked(self, method: str, url: str, body: str | None, agent: str, cookie: str) -> Reply:
        _require_here(url)
        headers = {"User-Agent": agent} | ({"Cookie": cookie} if cookie else {})
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            response = self._pools.request(
                method, url, body=body, headers=headers, redirect=False, preload_content=False
            )
            content = response.read(self._max_bytes)
            response.drain_conn()
            response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise FetchError(url, "The demo's own web does not answer.", retry_in=timedelta(seconds=5)) from error
        cookies = tuple(response.headers.getlist("Set-Cookie"))
        return Reply(response.status, content, response.headers.get("Location"), cookies)


def _require_here(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_here = parts.scheme == "http" and is_loopback(parts.hostname or "") and "@" not in parts.netloc
    except ValueError:
        is_here = False
    if not is_here:
        raise InvalidError("url", "The demo's readers never leave this machine.")
