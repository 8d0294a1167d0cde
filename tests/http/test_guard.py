"""Which URLs and addresses the guard lets through."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import FetchError
from curator.http.guard import is_allowed, target_of

PUBLIC = ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450:4001:82a::200e"]
OWN_NETWORK = ["127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.5.4", "192.168.1.1", "::1", "fd12:3456::1"]
NEVER = [
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "100.64.0.1",
    "169.254.169.254",
    "192.0.0.8",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.251",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.215.14",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d70e",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize("address", OWN_NETWORK)
def test_an_own_network_is_allowed_only_by_the_setting(address: str) -> None:
    assert not is_allowed(address)
    assert is_allowed(address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_an_address_that_no_feed_lives_at_is_never_allowed(address: str) -> None:
    assert not is_allowed(address)
    assert not is_allowed(address, allow_private=True)


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_never_passes(address: object) -> None:
    assert not is_allowed(f"::ffff:{address}", allow_private=True)


def test_a_target_knows_host_port_and_path() -> None:
    target = target_of("HTTPS://Bücher.Example.ORG./ü b?q=1#top")
    assert (target.host, target.port, target.path) == ("xn--bcher-kva.example.org", 443, "/%C3%BC%20b?q=1")
    assert target.is_tls


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_the_ports_of_the_web_are_asked(port: int) -> None:
    assert target_of(f"http://feeds.example.org:{port}/").port == port


@pytest.mark.parametrize("port", [22, 25, 6379, 5432, 81])
def test_other_ports_are_asked_only_by_the_setting(port: int) -> None:
    with pytest.raises(FetchError, match=f"Port {port} is not"):
        target_of(f"http://feeds.example.org:{port}/")
    assert target_of(f"http://feeds.example.org:{port}/", allow_private=True).port == port


def test_a_line_break_in_a_url_does_not_reach_the_request() -> None:
    assert target_of("http://feeds.example.org/\r\nHost: evil").path == "/Host:%20evil"


@pytest.mark.parametrize("url", ["http://good.org\\@evil.org/", "http://ada@evil.org/", "http://[fe80::1%25eth0]/"])
def test_a_url_that_programs_read_differently_is_refused(url: str) -> None:
    with pytest.raises(FetchError, match="cannot be understood"):
        target_of(url)


@settings(deadline=None)
@given(st.one_of(st.text(), st.text().map("http://".__add__), st.from_regex(r"https?://[^/]{1,20}(:\d*)?/.*")))
def test_any_text_is_a_target_or_a_fetch_error(text: str) -> None:
    try:
        target = target_of(text)
    except FetchError:
        return
    assert target.scheme in ("http", "https")
    assert target.path.isascii()
