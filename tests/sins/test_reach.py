"""SSRF: whatever spelling of an inner address a feed, a picture or a webhook is given, nobody there is asked."""

from collections.abc import Sequence

import pytest

from curator.errors import FetchError, InvalidError
from curator.http.client import GuardedFetcher
from curator.http.values import Limits
from curator.web.desk.door import blueprint
from curator.webhooks import edit
from curator.webhooks.values import CHOICES, EndpointForm
from tests.http.servers import running_site
from tests.sins.town import Town
from tests.web.conftest import Browser

LIMITS = Limits(connect_s=1, read_s=1, total_s=2, max_bytes=10_000)
INNER = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "①②⑦.0.0.1",
    "127。0。0。1",
)
NAMED = ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00::1", "0.0.0.0")  # noqa: S104 - resolved to, not bound


def _fetcher(*addresses: str) -> GuardedFetcher:
    """The real fetcher; without addresses the system reads a number as it does, and no name is looked up."""

    def resolve(host: str, port: int) -> Sequence[str]:
        from curator.http.dial import system_addresses

        if addresses:
            return addresses
        if host.replace(".", "").isalnum() and not host[0].isdigit():
            raise OSError("no such name")
        return system_addresses(host, port)

    return GuardedFetcher(LIMITS, user_agent="Curator/test", resolve=resolve)


@pytest.mark.parametrize("host", INNER)
def test_no_spelling_of_an_inner_address_is_asked(host: str) -> None:
    for scheme in ("http", "https"):
        with pytest.raises(FetchError) as refused:
            _fetcher().get(f"{scheme}://{host}/latest/meta-data/")
        assert "answered" not in refused.value.reason
        with pytest.raises(FetchError):
            _fetcher().post(f"{scheme}://{host}/", b"{}", headers={}, limits=LIMITS)


@pytest.mark.parametrize("inner", NAMED)
def test_a_name_that_means_an_inner_address_is_not_asked(inner: str) -> None:
    for found in ((inner,), (inner, "127.0.0.1"), ("10.0.0.1", inner)):
        with pytest.raises(FetchError, match="public"):
            _fetcher(*found).get("https://rebound.example/feed.xml")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/", "ftp://x/", "dict://x:11211/", "unix:/run/x"])
def test_nothing_but_the_web_is_asked(url: str) -> None:
    with pytest.raises(FetchError, match="only http and https"):
        _fetcher().get(url)


def test_a_server_on_this_machine_sees_nobody_and_a_redirect_leads_nobody_to_it() -> None:
    with running_site() as site:
        inner = site.put("/secret", b"keys")
        with pytest.raises(FetchError):
            _fetcher().get(inner)
        away = GuardedFetcher(LIMITS, user_agent="Curator/test", allow_private=True)
        for location in ("http://169.254.169.254/", "http://[::ffff:169.254.169.254]/", "http://2852039166/"):
            asked = site.put("/feed.xml", status=302, headers={"Location": location})
            with pytest.raises(FetchError, match="no public address"):
                away.get(asked)
        assert [path for path, _ in site.asked] == ["/feed.xml"] * 3, "the first was never asked"


@pytest.mark.parametrize("url", ["https://hooks.example:22/", "http://hooks.example/", "https://me@hooks.example/"])
def test_a_webhook_is_not_set_up_to_where_it_may_not_call(town: Town, url: str) -> None:
    form = EndpointForm("x", url, CHOICES[:1])
    with pytest.raises(InvalidError):
        edit.make(town.app.db, form, chance=b"x" * 32, keys=town.app.keys, by=None, now=town.app.clock())


def test_no_view_asks_anybody_inside_a_request(town: Town, mina: Browser) -> None:
    """The desk's forms take an address down; workers ask, through the guard above."""
    for path, fields in (
        ("/desk/feeds", {"url": "http://169.254.169.254/latest/meta-data"}),
        ("/desk/items/add", {"url": "http://127.0.0.1:6379/", "title": "x"}),
        (f"/desk/feeds/{town.mine.blog}/poll", {}),
    ):
        assert mina.post(path, fields).status_code in (303, 422), path
    assert town.app.fetcher.asked == []  # type: ignore[attr-defined]  # the in-memory twin notes who was asked
    assert blueprint.name == "desk"
