"""The feed server answers as real servers do, its faults included."""

import gzip
import json
import socket
from datetime import datetime
from functools import partial
from http.client import HTTPConnection, HTTPResponse  # noqa: TID251 - a plain client is what the server is tried with
from pathlib import Path

import pytest

from curator.demo.feedserver import FeedServer
from curator.demo.pages import BROKEN_PATH, TORN_PATH, feed_files, folder_offer, sample_offer


def answer(server: FeedServer, path: str, *, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=sent)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_a_feed_comes_with_validators_and_is_not_sent_again_to_whoever_has_it(feed_server: FeedServer) -> None:
    first, body = answer(feed_server, "/feeds/held-out.xml")
    again, nothing = answer(feed_server, "/feeds/held-out.xml", If_None_Match=first.headers["ETag"])
    since, _ = answer(feed_server, "/feeds/held-out.xml", If_Modified_Since=first.headers["Last-Modified"])
    other, _ = answer(feed_server, "/feeds/held-out.xml", If_None_Match='"older"')
    assert (first.status, again.status, since.status, other.status) == (200, 304, 304, 200)
    assert body.startswith(b"<?xml")
    assert nothing == b""


def test_a_changed_tag_wins_over_an_unchanged_date(feed_server: FeedServer) -> None:
    first, _ = answer(feed_server, "/feeds/held-out.xml")
    date = first.headers["Last-Modified"]
    response, _ = answer(feed_server, "/feeds/held-out.xml", If_None_Match='"older"', If_Modified_Since=date)
    assert response.status == 200


def test_head_tells_the_length_and_sends_nothing(feed_server: FeedServer) -> None:
    full, body = answer(feed_server, "/feeds/data-courier.xml")
    head, nothing = answer(feed_server, "/feeds/data-courier.xml", method="HEAD")
    assert head.headers["Content-Length"] == full.headers["Content-Length"] == str(len(body))
    assert nothing == b""


def test_one_feed_fails_and_one_is_torn(feed_server: FeedServer) -> None:
    broken, _ = answer(feed_server, BROKEN_PATH)
    torn, body = answer(feed_server, TORN_PATH)
    assert broken.status == 500
    assert torn.status == 200
    assert not body.rstrip().endswith(b">")


def test_a_feed_that_moved_names_its_new_place(feed_server: FeedServer) -> None:
    response, _ = answer(feed_server, "/old/feeds/tabular.rdf")
    assert response.status == 301
    assert response.headers["Location"] == feed_server.base_url + "/feeds/tabular.rdf"


def test_a_feed_is_compressed_only_for_whoever_can_read_it(feed_server: FeedServer) -> None:
    plain, text = answer(feed_server, "/feeds/open-counts.xml")
    packed, body = answer(feed_server, "/feeds/open-counts.xml", Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == text


def test_a_slow_feed_does_not_hold_up_the_end(now: datetime) -> None:
    server = FeedServer(partial(sample_offer, now=now, slow_s=600.0))
    with server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as waiting:
        waiting.sendall(b"GET /feeds/slow-statistics.xml HTTP/1.0\r\n\r\n")
        other, _ = answer(server, "/feeds/held-out.xml")
        assert other.status == 200
    assert server.stopping.is_set()


def test_what_items_link_to_answers(feed_server: FeedServer) -> None:
    kinds = {path: answer(feed_server, path)[0] for path in feed_server.offer.pages if not path.startswith("/feeds/")}
    assert {response.status for response in kinds.values()} == {200, 301}
    found = {response.headers["Content-Type"] for response in kinds.values()}
    assert found == {
        "text/html; charset=utf-8",
        "image/png",
        "audio/mpeg",
        "text/vtt; charset=utf-8",
        "application/json+chapters",
    }


def test_requests_are_counted_by_path(feed_server: FeedServer) -> None:
    for _ in range(3):
        answer(feed_server, "/feeds/held-out.xml?again")
    answer(feed_server, "/nowhere")
    assert feed_server.requests == {"/feeds/held-out.xml": 3, "/nowhere": 1}


def test_a_port_that_is_taken_is_refused(feed_server: FeedServer, now: datetime) -> None:
    with pytest.raises(OSError, match="in use"):
        FeedServer(partial(sample_offer, now=now), port=feed_server.port)


def test_a_folder_is_served_byte_for_byte_in_the_order_of_names(tmp_path: Path) -> None:
    files = {"b odd.xml": b"\xff\xfe not a feed", "a.atom": b"<feed/>", "c": b"\xef\xbb\xbf\n<rss/>"}
    for name, body in (files | {"MANIFEST.tsv": b"file\tsource\n", "notes.md": b"# notes"}).items():
        (tmp_path / name).write_bytes(body)
    (tmp_path / "folder.xml").mkdir()
    with FeedServer(lambda _: folder_offer(tmp_path)) as server:
        bodies = [answer(server, path)[1] for path in server.offer.feed_paths]
    assert [file.name for file in feed_files(tmp_path)] == ["a.atom", "b odd.xml", "c"]
    assert bodies == [b"<feed/>", b"\xff\xfe not a feed", b"\xef\xbb\xbf\n<rss/>"]
    assert server.own_show_url is None


def test_a_json_feed_is_named_as_one(tmp_path: Path) -> None:
    (tmp_path / "feed.json").write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1"}))
    with FeedServer(lambda _: folder_offer(tmp_path)) as server:
        response, _ = answer(server, "/feeds/feed.json")
    assert response.headers["Content-Type"] == "application/feed+json"
