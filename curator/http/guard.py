"""Which URLs may be asked, and which addresses may be connected to."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from curator.errors import FetchError
from curator.http.urls import DEFAULT_PORTS, absolute_url
from curator.http.values import MAX_URL

PORTS = frozenset({80, 443, 8080, 8443})
"""Where feeds live; any other port would make the fetcher a port scanner."""

# RFC 6890 and its registries; `ipaddress` alone calls some of these global (its verdicts differ between Python 3.11.x).
_NOT_PUBLIC_4 = tuple(
    IPv4Network(text) for text in ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4")
)
_PUBLIC_6 = IPv6Network("2000::/3")
# Teredo and the protocol assignments, documentation (two blocks), 6to4 (which carries an IPv4 address inside).
_NOT_PUBLIC_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16"))


@dataclass(frozen=True)
class Target:
    """Where one request goes: `host` is ASCII and without brackets, `path` has the query with it."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what one connection can ask."""
        return self.scheme, self.host, self.port

    @property
    def is_tls(self) -> bool:
        """Whether the request is encrypted."""
        return self.scheme == "https"


def target_of(url: str, *, allow_private: bool = False) -> Target:
    """Returns where a request for `url` goes, or raises FetchError with a reason in words.

    `allow_private` (tests, the demo, an operator's own network) allows any port.
    """
    if len(url) > MAX_URL:
        raise FetchError(url[:100], f"The URL has {len(url)} characters; {MAX_URL} are the most.")
    if not url.lower().lstrip().startswith(("http://", "https://")):
        raise FetchError(url, "The URL does not begin with http:// or https://; only http and https are asked.")
    clean = absolute_url(url.partition("#")[0])
    if clean is None:
        raise FetchError(url, "The URL cannot be understood, or carries a user name, which Curator does not send.")
    parts = urlsplit(clean)
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    if port not in PORTS and not allow_private:
        raise FetchError(url, f"Port {port} is not one of {', '.join(map(str, sorted(PORTS)))}.")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return Target(clean, parts.scheme, parts.hostname or "", port, path)


def is_allowed(address: str, *, allow_private: bool = False) -> bool:
    """Tells whether `address` (an IP address as the resolver gives it) may be connected to.

    Only public unicast addresses are; `allow_private` adds loopback and private networks. Link-local (where clouds
    keep their metadata), multicast, unspecified and reserved ones never are, nor IPv6 forms that carry an IPv4
    address inside (mapped, NAT64, 6to4, Teredo): the address inside could be any.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if parsed.is_multicast or parsed.is_unspecified or parsed.is_link_local:
        return False
    if isinstance(parsed, IPv4Address):
        return _is_public_4(parsed) or (allow_private and (parsed.is_loopback or _is_own_network(parsed)))
    return _is_public_6(parsed) or (allow_private and (parsed.is_loopback or parsed in IPv6Network("fc00::/7")))


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _NOT_PUBLIC_4)


def _is_public_6(address: IPv6Address) -> bool:
    return address in _PUBLIC_6 and address.is_global and not any(address in network for network in _NOT_PUBLIC_6)


def _is_own_network(address: IPv4Address) -> bool:
    return any(address in IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
