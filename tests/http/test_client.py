"""What the real fetcher does with servers that behave badly."""

import gzip
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from socket import create_server, socket

import pytest

from curator.errors import FetchError
from curator.http.client import GuardedFetcher
from curator.http.values import Limits
from tests.certificates import trusting_context
from tests.http.servers import raw_server, running_site

LIMITS = Limits(connect_s=2, read_s=2, total_s=5, max_bytes=50_000)
SHORT = Limits(connect_s=2, read_s=2, total_s=0.4, max_bytes=50_000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


def fetcher(limits: Limits = LIMITS, **options: object) -> GuardedFetcher:
    return GuardedFetcher(limits, user_agent="Curator/test", **{"allow_private": True, **options})  # type: ignore[arg-type] - passed through


def sending(*parts: bytes) -> Callable[[socket, threading.Event], None]:
    return lambda connection, _over: [connection.sendall(part) for part in parts] and None


def dripping(first: bytes, drop: bytes) -> Callable[[socket, threading.Event], None]:
    """Sends a drop every 50 ms, so that no single read ever takes long."""

    def answer(connection: socket, over: threading.Event) -> None:
        connection.sendall(first)
        while not over.wait(0.05):
            connection.sendall(drop)

    return answer


def silent(_connection: socket, over: threading.Event) -> None:
    over.wait(5)


def test_curator_says_who_asks_and_sends_nothing_else_about_itself() -> None:
    agent = "Curator/1.0 (+https://news.example.org)"
    with running_site() as site:
        GuardedFetcher(LIMITS, user_agent=agent, allow_private=True).get(site.put("/feed.xml", b"x"))
        headers = site.asked[0][1]
    assert headers["user-agent"] == agent
    assert set(headers) == {"host", "user-agent", "accept", "accept-encoding"}


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(b"<rss/>")), ("deflate", zlib.compress(b"<rss/>")), ("", b"<rss/>")],
    ids=["gzip", "deflate", "as it is"],
)
def test_a_compressed_body_is_unpacked(encoding: str, body: bytes) -> None:
    with running_site() as site:
        url = site.put("/feed.xml", body, headers={"Content-Encoding": encoding} if encoding else {})
        assert fetcher().get(url).body == b"<rss/>"


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_gzip_bomb_is_cut_off_early(framing: str) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    head = HEAD + b"Content-Encoding: gzip\r\n"
    if framing == "length":
        parts = (head + b"Content-Length: %d\r\n\r\n" % len(bomb), bomb)
    else:
        parts = (head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(bomb), bomb, b"\r\n0\r\n\r\n")
    with raw_server(sending(*parts)) as url, pytest.raises(FetchError, match="larger than 50,000 bytes"):
        fetcher().get(url)


def test_a_bomb_costs_no_more_memory_than_the_limit_and_a_bit() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with running_site() as site:
        url = site.put("/feed.xml", bomb, headers={"Content-Encoding": "gzip"})
        tracemalloc.start()
        with pytest.raises(FetchError, match="larger than"):
            fetcher().get(url)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 2_000_000


def test_bombs_in_bombs_are_not_unpacked() -> None:
    with running_site() as site:
        url = site.put("/feed.xml", b"x", headers={"Content-Encoding": "gzip, gzip"})
        with pytest.raises(FetchError, match="encoding that nobody asked for"):
            fetcher().get(url)


def test_a_body_without_an_end_is_cut_off() -> None:
    def endless(connection: socket, over: threading.Event) -> None:
        connection.sendall(HEAD + b"\r\n")
        while not over.is_set():
            connection.sendall(b"x" * 10_000)

    with raw_server(endless) as url, pytest.raises(FetchError, match="larger than"):
        fetcher().get(url)


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (HEAD + b"\r\n", b"x"),
        (HEAD + b"Content-Length: 40000\r\n\r\n", b"x"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (HEAD, b"X-Drip: 1\r\n"),
        (b"", b"H"),
    ],
    ids=["body to the end", "body with a length", "chunks", "headers", "status line"],
)
def test_a_slow_drip_ends_with_the_whole_limit(first: bytes, drop: bytes) -> None:
    with raw_server(dripping(first, drop)) as url, pytest.raises(FetchError, match="a fetch may last") as e:
        fetcher(SHORT).get(url)
    assert e.value.retry_in is not None


def test_a_server_that_says_nothing_is_left_after_the_read_limit() -> None:
    limits = Limits(connect_s=2, read_s=0.1, total_s=5, max_bytes=50_000)
    with raw_server(silent) as url, pytest.raises(FetchError, match="did not answer in time"):
        fetcher(limits).get(url)


def test_a_tls_handshake_that_never_comes_ends_with_the_whole_limit() -> None:
    with raw_server(silent) as url, pytest.raises(FetchError, match="a fetch may last"):
        fetcher(SHORT).get(url.replace("http:", "https:"))


def test_a_resolver_that_never_answers_ends_with_the_whole_limit() -> None:
    over = threading.Event()
    limits = Limits(connect_s=2, read_s=2, total_s=0.1, max_bytes=1000)
    with pytest.raises(FetchError, match="a fetch may last"):
        fetcher(limits, resolve=lambda _host, _port: [str(over.wait(5))]).get("http://feeds.example.org/")
    over.set()


def test_a_dead_port_is_told_in_words() -> None:
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 refuses the connection") as caught:
        fetcher().get(f"http://127.0.0.1:{port}/")
    assert caught.value.retry_in is not None


def test_an_unknown_host_is_told_in_words() -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(FetchError, match=r"There is no host feeds\.example\.org"):
        fetcher(resolve=nobody).get("http://feeds.example.org/")


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 banana\r\n\r\n", b"\0\xff" * 100])
def test_what_is_no_http_is_told_in_words(answer: bytes) -> None:
    with raw_server(sending(answer)) as url, pytest.raises(FetchError, match=r"127\.0\.0\.1"):
        fetcher().get(url)


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 100\r\n\r\nonly this",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
    ],
    ids=["too short", "bad chunk", "bad gzip"],
)
def test_a_damaged_body_is_an_error_and_never_half_a_document(answer: bytes) -> None:
    with raw_server(sending(answer)) as url, pytest.raises(FetchError):
        fetcher().get(url)


def test_a_private_address_is_refused_without_the_setting() -> None:
    with running_site() as site:
        site.put("/", b"secret")
        strict = GuardedFetcher(LIMITS, user_agent="Curator/test")
        for url in ("http://127.0.0.1/", "http://localhost/", "http://[::1]:8080/", "http://2130706433/"):
            with pytest.raises(FetchError, match="no public address"):
                strict.get(url)
        assert site.asked == []


def test_a_name_that_points_to_a_private_address_is_refused() -> None:
    strict = GuardedFetcher(LIMITS, user_agent="Curator/test", resolve=lambda _host, _port: ["10.0.0.8", "::1"])
    with pytest.raises(FetchError, match=r"feeds\.example\.org has no public address") as caught:
        strict.get("http://feeds.example.org/")
    assert caught.value.retry_in is None


def test_a_name_is_looked_up_once_and_that_very_address_is_asked() -> None:
    looked_up: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.8"]

    with running_site() as site:
        site.put("/feed.xml", b"x")
        url = f"http://feeds.example.org:{site.port}/feed.xml"
        assert fetcher(resolve=resolve).get(url).body == b"x"
        assert site.asked[0][1]["host"] == f"feeds.example.org:{site.port}"
    assert looked_up == ["feeds.example.org"]


def test_the_second_address_is_asked_when_the_first_is_dead() -> None:
    with running_site() as site:
        site.put("/feed.xml", b"x")
        both = fetcher(resolve=lambda _host, _port: ["::1", "127.0.0.1"])
        assert both.get(f"http://feeds.example.org:{site.port}/feed.xml").body == b"x"


def test_a_redirect_is_looked_up_and_guarded_again() -> None:
    hosts = {"feeds.example.org": ["127.0.0.1"], "inside.example.org": ["169.254.169.254"]}
    with running_site() as site:
        site.put("/feed.xml", status=302, headers={"Location": f"http://inside.example.org:{site.port}/"})
        with pytest.raises(FetchError, match=r"inside\.example\.org has no public address"):
            fetcher(resolve=lambda host, _port: hosts[host]).get(f"http://feeds.example.org:{site.port}/feed.xml")


def test_tls_asks_for_the_name_and_checks_the_certificate_for_it() -> None:
    names: list[str | None] = []
    with running_site(tls_names=names) as site:
        site.put("/feed.xml", b"x")
        trusting = fetcher(resolve=lambda _host, _port: ["127.0.0.1"], tls=trusting_context())
        assert trusting.get(f"https://feeds.example.org:{site.port}/feed.xml").body == b"x"
        with pytest.raises(FetchError, match="certificate that cannot be trusted"):
            trusting.get(f"https://other.example.org:{site.port}/feed.xml")
    assert names == ["feeds.example.org", "other.example.org"]


def test_an_unknown_certificate_is_refused() -> None:
    with running_site(tls_names=[]) as site, pytest.raises(FetchError, match="certificate that cannot be trusted"):
        fetcher(resolve=lambda _host, _port: ["127.0.0.1"]).get(f"https://feeds.example.org:{site.port}/")


def test_no_thread_and_no_connection_is_left_behind() -> None:
    before = threading.active_count()
    with running_site() as site:
        url = site.put("/feed.xml", b"x")
        for _ in range(5):
            fetcher().get(url)
    assert threading.active_count() <= before + 1
