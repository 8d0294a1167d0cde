"""The whole web on a port of this machine, in threads: what `demo --once` and tests ask instead of a server process."""

import threading
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import WSGIApplication


class WebServer:
    """Listens between `with` and its end and answers once `serve` has said what does; `port` 0 takes a free one.

    So its address is known before there is an application: links in mails name it.
    """

    def __init__(self, *, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def serve(self, application: WSGIApplication) -> None:
        """Says what answers."""
        self._server.set_app(application)

    def __enter__(self) -> "WebServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingMixIn, WSGIServer):
    # Threads are waited for at the end, so that no socket is left open.
    daemon_threads = False

    def server_bind(self) -> None:
        """Binds without asking the DNS for this machine's name, which the standard library's own does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    # A client that connects and then says nothing does not hold up the end.
    timeout = 5.0

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature is the standard library's
        """Says nothing: addresses of readers' own pages are keys."""
