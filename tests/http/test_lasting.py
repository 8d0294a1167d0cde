"""Asking a host again over the connection that is there."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, create_server, socket

import pytest

from curator.errors import FetchError
from curator.http.client import GuardedFetcher
from curator.http.values import Limits
from tests.certificates import server_context, trusting_context
from tests.http.servers import running_site

NAME = "feeds.example.org"
LIMITS = Limits(connect_s=2, read_s=2, total_s=5, max_bytes=50_000)


def answer(body: bytes, *, status: str = "200 OK", more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n%b\r\n%b" % (status.encode(), len(body), more, body)


class Script:
    """A server that sends, on each connection in turn, one part a request, and then hangs up or waits."""

    def __init__(self, *connections: Sequence[bytes], hangs_up: bool = True, is_tls: bool = False) -> None:
        self.connections = connections
        self.hangs_up = hangs_up
        self.asked: list[list[bytes]] = []
        self.over = threading.Event()
        self.hung_up = threading.Event()
        self.listener = create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        if is_tls:
            self.url = self.url.replace("http://127.0.0.1", f"https://{NAME}")
            self.listener = server_context(NAME).wrap_socket(self.listener, server_side=True)

    def serve(self) -> None:
        for parts in self.connections:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self.asked.append(asked := [])
                self.answer(connection, parts, asked)
            self.hung_up.set()

    def answer(self, connection: socket, parts: Sequence[bytes], asked: list[bytes]) -> None:
        for part in parts:
            asked.append(connection.recv(65536).partition(b" HTTP")[0])
            connection.sendall(part)
        if not self.hangs_up:
            self.over.wait(5)


@contextmanager
def scripted(script: Script) -> Iterator[Script]:
    thread = threading.Thread(target=script.serve)
    thread.start()
    try:
        yield script
    finally:
        script.over.set()
        with suppress(OSError):
            script.listener.shutdown(SHUT_RDWR)
        script.listener.close()
        thread.join()


def fetcher(limits: Limits = LIMITS, **options: object) -> GuardedFetcher:
    return GuardedFetcher(limits, user_agent="Curator/test", allow_private=True, **options)  # type: ignore[arg-type] - passed through


def test_a_host_is_asked_again_over_the_same_connection() -> None:
    parts = [answer(b"one"), b"HTTP/1.1 304 Not Modified\r\n\r\n", answer(b"three")]
    with scripted(Script(parts)) as server, fetcher().lasting() as lasting:
        got = [lasting.get(f"{server.url}/{n}") for n in range(3)]
    assert [(each.status, each.body) for each in got] == [(200, b"one"), (304, b""), (200, b"three")]
    assert server.asked == [[b"GET /0", b"GET /1", b"GET /2"]]


def test_without_asking_for_it_every_request_has_a_connection_of_its_own() -> None:
    with scripted(Script([answer(b"one")], [answer(b"two")])) as server:
        assert [fetcher().get(f"{server.url}/{n}").body for n in range(2)] == [b"one", b"two"]
    assert server.asked == [[b"GET /0"], [b"GET /1"]]


def test_a_name_is_not_looked_up_again_for_a_connection_that_is_there() -> None:
    looked_up = []

    def resolve(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.8"]

    with scripted(Script([answer(b"1"), answer(b"2")])) as server, fetcher(resolve=resolve).lasting() as lasting:
        url = server.url.replace("127.0.0.1", "feeds.example.org")
        assert [lasting.get(url).body for _ in range(2)] == [b"1", b"2"]
    assert looked_up == ["feeds.example.org"]


def test_a_server_that_hung_up_meanwhile_is_called_again() -> None:
    with scripted(Script([answer(b"one")], [answer(b"two")])) as server, fetcher().lasting() as lasting:
        assert lasting.get(f"{server.url}/0").body == b"one"
        assert server.hung_up.wait(60)
        assert lasting.get(f"{server.url}/1").body == b"two"
    assert server.asked == [[b"GET /0"], [b"GET /1"]]


def test_a_server_that_hangs_up_over_the_second_question_is_asked_once_more() -> None:
    with scripted(Script([answer(b"one"), b""], [answer(b"two")])) as server, fetcher().lasting() as lasting:
        assert lasting.get(f"{server.url}/0").body == b"one"
        assert lasting.get(f"{server.url}/1").body == b"two"
    assert server.asked == [[b"GET /0", b"GET /1"], [b"GET /1"]]


@pytest.mark.parametrize(
    "first",
    [
        answer(b"not found", status="404 Not Found"),
        answer(b"one", more=b"Connection: close\r\n"),
        answer(b"one") + answer(b"unasked"),
    ],
    ids=["a body that is not read", "the server says so", "more than was asked"],
)
def test_what_cannot_serve_again_is_closed(first: bytes) -> None:
    with scripted(Script([first], [answer(b"two")])) as server, fetcher().lasting() as lasting:
        lasting.get(f"{server.url}/0")
        assert lasting.get(f"{server.url}/1").body == b"two"


def test_a_body_that_broke_off_is_an_error_and_the_next_answer_its_own() -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"
    with scripted(Script([half], [answer(b"two")])) as server, fetcher().lasting() as lasting:
        with pytest.raises(FetchError):
            lasting.get(f"{server.url}/0")
        assert lasting.get(f"{server.url}/1").body == b"two"


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_a_second_answer_that_nobody_asked_for_answers_no_second_question(is_tls: bool) -> None:
    first = answer(b"one")
    unasked = first + b"x" * (8192 - len(first)) + answer(b"unasked")  # 8192 bytes are read ahead, and thrown away
    with scripted(Script([unasked, answer(b"late")], [answer(b"two")], is_tls=is_tls)) as server:
        options = {"resolve": lambda _host, _port: ["127.0.0.1"], "tls": trusting_context()}
        with fetcher(**options).lasting() as lasting:
            assert [lasting.get(f"{server.url}/{n}").body for n in range(2)] == [b"one", b"two"]


@pytest.mark.parametrize(
    ("head", "body"), [(b"Content-Length: 5", b"hello"), (b"Transfer-Encoding: chunked", b"0\r\n\r\n")]
)
def test_a_body_that_comes_late_and_should_not_is_no_answer_to_the_next_question(head: bytes, body: bytes) -> None:
    not_modified = b"HTTP/1.1 304 Not Modified\r\n%b\r\n\r\n" % head
    script = Script([not_modified, body + answer(b"?")], [answer(b"two")])
    with scripted(script) as server, fetcher().lasting() as lasting:
        assert lasting.get(f"{server.url}/0").status == 304
        assert lasting.get(f"{server.url}/1").body == b"two"
    assert server.asked == [[b"GET /0", b"GET /1"], [b"GET /1"]]


def test_the_whole_limit_holds_over_a_connection_that_is_there() -> None:
    limits = Limits(connect_s=2, read_s=2, total_s=0.4, max_bytes=50_000)
    script = Script([answer(b"one"), b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"], hangs_up=False)
    with scripted(script) as server, fetcher(limits).lasting() as lasting:
        assert lasting.get(f"{server.url}/0").body == b"one"
        with pytest.raises(FetchError, match="a fetch may last"):
            lasting.get(f"{server.url}/1")


def test_another_host_gets_its_own_connection_and_tls_lasts_too() -> None:
    names: list[str | None] = []
    with running_site(tls_names=names) as site, running_site() as other:
        site.put("/feed.xml", b"x")
        options = {"resolve": lambda _host, _port: ["127.0.0.1"], "tls": trusting_context()}
        url = f"https://feeds.example.org:{site.port}/feed.xml"
        with fetcher(**options).lasting() as lasting:
            assert [lasting.get(url).body for _ in range(3)] == [b"x"] * 3
            assert lasting.get(other.put("/", b"y")).body == b"y"
            assert lasting.get(url).body == b"x"
    assert names == ["feeds.example.org"] * 2


class OneAtATime(Script):
    """A server that serves nobody else before the other side has hung up."""

    def answer(self, connection: socket, parts: Sequence[bytes], asked: list[bytes]) -> None:
        super().answer(connection, parts, asked)
        connection.settimeout(5)
        while connection.recv(65536):
            pass


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_who_follows_a_redirect_has_hung_up_before(is_tls: bool) -> None:
    options = {"resolve": lambda _host, _port: ["127.0.0.1"], "tls": trusting_context()}
    moved = b"HTTP/1.1 301 Moved\r\nLocation: /1\r\nContent-Length: 0\r\n\r\n"
    with scripted(OneAtATime([moved], [answer(b"two")], is_tls=is_tls)) as server:
        assert fetcher(**options).get(f"{server.url}/0").body == b"two"


def test_who_asks_once_more_has_hung_up_before() -> None:
    script = OneAtATime([answer(b"one"), b"rubbish\r\n"], [answer(b"two")])
    with scripted(script) as server, fetcher().lasting() as lasting:
        assert [lasting.get(f"{server.url}/{n}").body for n in range(2)] == [b"one", b"two"]
