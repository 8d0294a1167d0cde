"""Local servers that behave well, or badly on purpose."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, create_server, socket

from tests.certificates import server_context


@dataclass(frozen=True)
class Page:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Site:
    """A web server on 127.0.0.1 that answers what was `put` and notes what it was asked."""

    port: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    posted: list[bytes] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def put(self, path: str, body: bytes = b"", *, status: int = 200, headers: Mapping[str, str] | None = None) -> str:
        self.pages[path] = Page(status, dict(headers or {}), body)
        return self.url(path)


@contextmanager
def running_site(*, tls_names: list[str | None] | None = None) -> Iterator[Site]:
    """Runs a Site; with `tls_names` it speaks TLS and appends the name that each client asked for."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.asked.append((self.path, headers))
            page = site.pages.get(self.path, Page(404, {}, b"nothing here"))
            etag = page.headers.get("ETag")
            if etag is not None and headers.get("if-none-match") == etag:
                page = Page(304, page.headers, b"")
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if page.status != 304:
                self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(page.body)

        def do_POST(self) -> None:
            site.posted.append(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_: object) -> None:
            """Says nothing: clients that hang up are what the tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    site.port = server.server_port
    if tls_names is not None:
        context = server_context("feeds.example.org")
        context.sni_callback = lambda _socket, name, _context: tls_names.append(name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def raw_server(answer: Callable[[socket, threading.Event], None]) -> Iterator[str]:
    """Runs `answer` on each connection after its request was read; the event is set when the test is over."""
    listener = create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(65536)
                answer(connection, over)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/feed.xml"
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(SHUT_RDWR)
        listener.close()
        thread.join()
