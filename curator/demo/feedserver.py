"""The demo's feed server: sample feeds over real HTTP on the loopback address, with validators and faults."""

import gzip
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from curator.demo.pages import Offer, Page

_MISSING = Page(b"There is no such page.\n", "text/plain", status=404)


class FeedServer:
    """Serves an offer from threads between `with` and its end; `port` 0 takes a free one.

    The offer is made once the port is known, because feeds carry links to this very server. A port that is taken
    raises OSError.
    """

    def __init__(self, offer: Callable[[str], Offer], *, port: int = 0) -> None:
        self.stopping = threading.Event()
        self.requests: Counter[str] = Counter()
        self._server = _Server(("127.0.0.1", port), self)
        self.port: int = self._server.server_address[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.offer = offer(self.base_url)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def feed_urls(self) -> tuple[str, ...]:
        """The address of every feed, in the offer's order."""
        return tuple(self.base_url + path for path in self.offer.feed_paths)

    @property
    def own_show_url(self) -> str | None:
        """The address of the feed of the publisher's own podcast."""
        path = self.offer.own_show_path
        return None if path is None else self.base_url + path

    def __enter__(self) -> "FeedServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    # Threads are waited for at the end, so that no socket is left open.
    daemon_threads = False

    def __init__(self, address: tuple[str, int], feeds: FeedServer) -> None:
        self.feeds = feeds
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "CuratorDemo"
    sys_version = ""
    # A client that connects and then says nothing does not hold up the end.
    timeout = 5.0
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature is the standard library's
        """Says nothing: the demo's terminal belongs to the editor."""

    def _answer(self, *, with_body: bool) -> None:
        feeds = self.server.feeds
        path = urlsplit(self.path).path
        feeds.requests[path] += 1
        page = feeds.offer.pages.get(path, _MISSING)
        if page.delay_s:
            feeds.stopping.wait(page.delay_s)
        if page.status == 200 and self._is_known(page):
            self._send(304, page, with_body=False)
            return
        self._send(page.status, page, with_body=with_body)

    def _is_known(self, page: Page) -> bool:
        """Tells whether the client has this very page; If-None-Match, when given, decides alone (RFC 9110 13.2.2)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return page.etag in (tag.strip() for tag in tags.split(","))
        return page.last_modified is not None and self.headers.get("If-Modified-Since") == _http_date(page)

    def _send(self, status: int, page: Page, *, with_body: bool) -> None:
        body = page.body
        self.send_response(status)
        if page.status == 200:
            self.send_header("ETag", page.etag)
        if page.last_modified is not None:
            self.send_header("Last-Modified", _http_date(page))
        if page.location is not None:
            self.send_header("Location", page.location)
        if status != 304:
            self.send_header("Content-Type", page.content_type)
            if page.is_gzipped and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, mtime=0)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def _http_date(page: Page) -> str:
    return format_datetime(page.last_modified.astimezone(UTC), usegmt=True) if page.last_modified else ""
