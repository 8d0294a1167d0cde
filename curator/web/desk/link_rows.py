"""Listening links as rows of a form, and such rows as listening links."""

from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from curator.episodes import check
from curator.episodes.platforms import SIGNS, Platform, known, platform_of
from curator.episodes.values import ListeningLink
from curator.http.urls import absolute_url
from curator.web.forms import Form

# What one form may hold; more than the arrow takes, so that the complaint is about their number.
_MOST_ROWS = 60


def values_of(links: Sequence[ListeningLink]) -> dict[str, str]:
    """Returns the fields of links in their order, with one empty row."""
    values: dict[str, str] = {}
    for number in range(len(links) + 1):
        link = links[number] if number < len(links) else None
        values[f"link-platform-{number}"] = link.platform if link else ""
        values[f"link-url-{number}"] = link.url if link else ""
        values[f"link-label-{number}"] = link.label if link else ""
        values[f"link-place-{number}"] = str(number + 1)
    return values


def read(form: Form, *, site_url: str | None) -> tuple[ListeningLink, ...]:
    """Returns the links that were typed, in the order of their places; a row without an address is taken out.

    The form's rows are put into that order, so that a complaint stands beside its row. Without a platform the address
    says which it is.
    """
    rows = [(_place(form, number), number) for number in row_numbers(form)]
    links = tuple(
        _link(form, number, site_url) for _, number in sorted(rows) if form.value(f"link-url-{number}").strip()
    )
    for name in [name for name in form.values if name.startswith("link-")]:
        del form.values[name]
    form.values |= values_of(links)
    for field, reason in check.link_complaints(links):
        form.refuse(field, reason)
    return links


def row_numbers(form: Form) -> range:
    """Returns the numbers of the rows that a form shows."""
    return range(next((number for number in range(_MOST_ROWS) if f"link-url-{number}" not in form.values), _MOST_ROWS))


def choices(retired: Collection[Platform]) -> list[tuple[str, str]]:
    """Returns the platforms to choose from; a retired one says so."""
    gone = " (retired)"
    named = [(platform.value, sign.name + (gone if platform in retired else "")) for platform, sign in SIGNS.items()]
    return [("", "By its address"), *named]


def _place(form: Form, number: int) -> int:
    typed = form.value(f"link-place-{number}").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else number + 1


def _link(form: Form, number: int, site_url: str | None) -> ListeningLink:
    typed = form.value(f"link-url-{number}").strip()
    url = absolute_url(typed) or typed
    platform = known(form.value(f"link-platform-{number}")) or _guess(url, site_url)
    return ListeningLink(platform, url, " ".join(form.value(f"link-label-{number}").split()))


def _guess(url: str, site_url: str | None) -> Platform:
    platform = platform_of(url)
    if platform is not Platform.OTHER or absolute_url(url) is None or not site_url:
        return platform
    return Platform.WEBSITE if urlsplit(url).hostname == urlsplit(site_url).hostname else platform
