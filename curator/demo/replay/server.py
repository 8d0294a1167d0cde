"""HTTP servers on several loopback addresses that speak for the hosts of an archive."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from curator.demo.replay.answers import CHUNK, OLD, Answer, Answers
from curator.demo.replay.plan import Plan
from curator.errors import StateError


class ReplayServers:
    """Answer between `with` and its end, each host at a port of its own. Raises StateError without such addresses."""

    def __init__(self, plan: Plan, answers: Answers) -> None:
        self._plan = plan
        self._stopping = threading.Event()
        self._servers: dict[str, _Server] = {}
        for host in sorted({*plan.hosts.values()}):
            try:
                self._servers[host] = _Server(host, answers, self._stopping)
            except OSError as error:
                self._close()
                raise StateError(
                    f"Nothing can listen on {host}: a replay needs a machine on which all of 127.0.0.0/8 is loopback."
                ) from error
        self._threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            for server in self._servers.values()
        ]

    def url(self, feed: str, folder: str = OLD) -> str:
        """Returns the address of a feed: the one under which it is added, the same on every day, or another."""
        host = self._plan.hosts[feed]
        return f"http://{host}:{self._servers[host].server_address[1]}/{folder}/{feed}"

    def __enter__(self) -> "ReplayServers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for server in self._servers.values():
            server.shutdown()
        for thread in self._threads:
            thread.join()
        self._close()

    def _close(self) -> None:
        for server in self._servers.values():
            server.server_close()


class _Server(ThreadingHTTPServer):
    # Threads are waited for at the end, so that no socket is left open.
    daemon_threads = False
    # Workers come at once, and a connection that is refused would be a fault that nobody planned.
    request_queue_size = 128

    def __init__(self, host: str, answers: Answers, stopping: threading.Event) -> None:
        self.host, self.answers, self.stopping = host, answers, stopping
        super().__init__((host, 0), _Handler)

    def server_bind(self) -> None:
        """Binds without asking the DNS for this machine's name, which the standard library's own does."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "CuratorReplay"
    sys_version = ""
    # A client that connects and then says nothing does not hold up the end.
    timeout = 5.0
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        sent = {"ETag": self.headers.get("If-None-Match"), "Last-Modified": self.headers.get("If-Modified-Since")}
        answer = self.server.answers.answer(path, host=self.server.host, sent=sent)
        if answer.delay_s:
            self.server.stopping.wait(answer.delay_s)
        answers = self.server.answers
        if answer.is_whole:
            answers.note_whole(path, is_given=True)  # before whoever asked can know that it has all of it
        try:
            self._write(answer)
        except ConnectionError:  # whoever had enough of a body, or waited long enough, is gone by now
            if answer.is_whole:
                answers.note_whole(path, is_given=False)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Returns the moment for the Date header: by the clock that is set."""
        return self.server.answers.now_text() if timestamp is None else super().date_time_string(timestamp)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature is the standard library's
        """Says nothing: what is of interest stands in the summary."""

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if not answer.repeats and answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        for _ in range(answer.repeats):
            self.wfile.write(CHUNK)
        self.wfile.flush()
