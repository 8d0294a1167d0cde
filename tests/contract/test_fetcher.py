"""What both fetchers promise: the real one against a local server, and its in-memory twin."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest

from curator.errors import FetchError
from curator.http.client import GuardedFetcher
from curator.http.memory import MemoryFetcher
from curator.http.values import Fetcher, Hop, Limits
from tests.http.servers import running_site

LIMITS = Limits(connect_s=2, read_s=2, total_s=5, max_bytes=50_000)


@dataclass(frozen=True)
class Line:
    """A fetcher with the place that it asks: `put` lays an answer down and returns its URL."""

    fetcher: Fetcher
    put: Callable[..., str]
    asked: Callable[[], list[Mapping[str, str]]]


@pytest.fixture(params=["real", "twin"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    if request.param == "twin":
        twin = MemoryFetcher(LIMITS)

        def put(path: str, body: bytes = b"", **options: object) -> str:
            twin.put(f"http://feeds.example.org{path}", body, **options)  # type: ignore[arg-type] - passed through
            return f"http://feeds.example.org{path}"

        yield Line(twin, put, lambda: [asked.headers for asked in twin.asked])
        return
    with running_site() as site:
        real = GuardedFetcher(LIMITS, user_agent="Curator/test", allow_private=True)
        yield Line(real, site.put, lambda: [headers for _, headers in site.asked])


def test_an_answer_comes_with_its_status_its_headers_in_lower_case_and_its_body(line: Line) -> None:
    url = line.put("/feed.xml", b"<rss/>", headers={"ETag": '"a1"', "Content-Type": "application/rss+xml"})
    answer = line.fetcher.get(url)
    assert (answer.url, answer.status, answer.body, answer.hops) == (url, 200, b"<rss/>", ())
    assert answer.headers["etag"] == '"a1"'
    assert answer.headers["content-type"] == "application/rss+xml"


def test_headers_are_sent_byte_for_byte(line: Line) -> None:
    url = line.put("/feed.xml", b"x", headers={"ETag": 'W/"a--gzip \xe9"'})
    etag = line.fetcher.get(url).headers["etag"]
    line.fetcher.get(url, headers={"If-None-Match": etag, "If-Modified-Since": "Tue, 03 Nov 2026 08:00:00 GMT"})
    assert line.asked()[-1]["if-none-match"] == 'W/"a--gzip \xe9"'
    assert line.asked()[-1]["if-modified-since"] == "Tue, 03 Nov 2026 08:00:00 GMT"


def test_what_has_not_changed_answers_304_without_a_body(line: Line) -> None:
    url = line.put("/feed.xml", b"x", headers={"ETag": '"a1"'})
    answer = line.fetcher.get(url, headers={"If-None-Match": '"a1"'})
    assert (answer.status, answer.body) == (304, b"")


def test_redirects_are_followed_and_told(line: Line) -> None:
    new = line.put("/new.xml", b"here")
    middle = line.put("/middle.xml", status=302, headers={"Location": "/new.xml"})
    old = line.put("/old.xml", status=301, headers={"Location": middle})
    answer = line.fetcher.get(old)
    assert (answer.url, answer.body) == (new, b"here")
    assert answer.hops == (Hop(301, middle), Hop(302, new))


def test_five_redirects_are_followed_and_six_are_not(line: Line) -> None:
    line.put("/0", b"end")
    urls = [line.put(f"/{n}", status=301, headers={"Location": f"/{n - 1}"}) for n in range(1, 7)]
    assert line.fetcher.get(urls[4]).body == b"end"
    with pytest.raises(FetchError, match="more than 5"):
        line.fetcher.get(urls[5])


def test_an_endless_redirect_ends(line: Line) -> None:
    url = line.put("/loop", status=302, headers={"Location": "/loop"})
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        line.fetcher.get(url)
    assert len(line.asked()) == 6


@pytest.mark.parametrize("location", ["ftp://feeds.example.org/x", "file:///etc/passwd", "javascript:alert(1)"])
def test_a_redirect_out_of_the_web_is_not_followed(line: Line, location: str) -> None:
    url = line.put("/feed.xml", status=301, headers={"Location": location})
    with pytest.raises(FetchError, match="only http and https"):
        line.fetcher.get(url)


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.1", "224.0.0.1", "[fe80::1]", "[64:ff9b::7f00:1]"])
def test_a_redirect_to_an_address_that_is_never_public_is_not_followed(line: Line, address: str) -> None:
    url = line.put("/feed.xml", status=302, headers={"Location": f"http://{address}/latest/meta-data"})
    with pytest.raises(FetchError, match="no public address"):
        line.fetcher.get(url)


def test_a_redirect_that_says_nowhere_is_an_error(line: Line) -> None:
    url = line.put("/feed.xml", status=301)
    with pytest.raises(FetchError, match="without saying where"):
        line.fetcher.get(url)


@pytest.mark.parametrize("status", [403, 404, 410, 429, 500, 503])
def test_an_error_status_is_an_answer_and_not_an_exception(line: Line, status: int) -> None:
    url = line.put("/feed.xml", b"sorry", status=status, headers={"Retry-After": "120"})
    answer = line.fetcher.get(url)
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (status, b"", "120")


def test_a_page_that_is_not_there_is_404(line: Line) -> None:
    assert line.fetcher.get(line.put("/feed.xml") + ".bak").status == 404


def test_a_body_at_the_limit_is_taken_and_one_byte_more_is_not(line: Line) -> None:
    assert len(line.fetcher.get(line.put("/fits", b"x" * 50_000)).body) == 50_000
    with pytest.raises(FetchError, match="larger than 50,000 bytes") as caught:
        line.fetcher.get(line.put("/huge", b"x" * 50_001))
    assert caught.value.retry_in is None


@pytest.mark.parametrize(
    "url", ["ftp://feeds.example.org/", "gopher://x/", "nonsense", "", "http://", "http://ada:pw@feeds.example.org/"]
)
def test_a_url_that_cannot_be_asked_is_refused(line: Line, url: str) -> None:
    with pytest.raises(FetchError):
        line.fetcher.get(url)
    assert line.asked() == []
