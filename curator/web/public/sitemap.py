"""The sitemap's documents (sitemaps.org), made of addresses. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST_ADDRESSES = 50_000
"""As many as one document may list; beyond them there is an index of documents."""


@dataclass(frozen=True)
class Address:
    """A page that search engines may list, and when it changed last where anybody knows."""

    url: str
    changed_at: datetime | None = None


def parts(addresses: Sequence[Address], *, most: int = MOST_ADDRESSES) -> list[Sequence[Address]]:
    """Returns the addresses as documents hold them; one document where there are none."""
    return [addresses[at : at + most] for at in range(0, len(addresses), most)] or [addresses]


def document(addresses: Sequence[Address]) -> str:
    """Returns one sitemap."""
    return _listed("urlset", "url", addresses)


def index(addresses: Sequence[Address]) -> str:
    """Returns the index of several sitemaps."""
    return _listed("sitemapindex", "sitemap", addresses)


def _listed(whole: str, each: str, addresses: Sequence[Address]) -> str:
    lines = "".join(f"<{each}>{_told(address)}</{each}>\n" for address in addresses)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{whole} xmlns="{_NAMESPACE}">\n{lines}</{whole}>\n'


def _told(address: Address) -> str:
    changed = f"<lastmod>{address.changed_at.isoformat()}</lastmod>" if address.changed_at else ""
    return f"<loc>{escape(address.url)}</loc>{changed}"
