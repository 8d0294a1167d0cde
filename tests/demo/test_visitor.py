"""The demo's readers ask this machine and no other."""

import pytest

from curator.demo.feedserver import FeedServer
from curator.demo.visitor import Visitor
from curator.errors import FetchError, InvalidError


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "http://127.0.0.1.example.org/",
        "http://localhost/",
        "http://10.0.0.1/",
        "https://127.0.0.1/",
        "http://127.0.0.1@example.org/",
        "http://someone@127.0.0.1/",
        "file:///etc/passwd",
        "http://[",
        "",
    ],
)
def test_another_machine_is_refused_before_anything_is_asked(url: str) -> None:
    with Visitor() as visitor:
        for ask in (visitor.get, lambda url: visitor.post(url, {})):
            with pytest.raises(InvalidError, match="never leave this machine"):
                ask(url)


def test_a_redirect_is_told_and_not_followed(feed_server: FeedServer) -> None:
    with Visitor() as visitor:
        reply = visitor.get(f"{feed_server.base_url}/old/feeds/tabular.rdf")
    assert reply.status == 301
    assert reply.location == f"{feed_server.base_url}/feeds/tabular.rdf"
    assert feed_server.requests["/feeds/tabular.rdf"] == 0


def test_no_more_is_read_than_is_wanted(feed_server: FeedServer) -> None:
    with Visitor(max_bytes=100) as visitor:
        assert len(visitor.get(f"{feed_server.base_url}/feeds/held-out.xml").body) == 100
        assert visitor.get(f"{feed_server.base_url}/feeds/held-out.xml").status == 200


def test_a_server_that_is_gone_is_said_in_words(feed_server: FeedServer) -> None:
    with Visitor(timeout_s=2.0) as visitor, pytest.raises(FetchError, match="does not answer"):
        visitor.get("http://127.0.0.1:1/")
