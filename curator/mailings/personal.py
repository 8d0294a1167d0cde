"""A revision made one reader's own: cut at its slots once for a mailing, joined once for each reader. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest

from curator import tokens
from curator.audience import links as own
from curator.issues import slots
from curator.issues.slots import Slotted
from curator.issues.values import (
    PIXEL_SLOT,
    PREFERENCES_SLOT,
    READER_SLOT,
    UNSUBSCRIBE_SLOT,
    WEB_VERSION_SLOT,
    Link,
    RenderedRevision,
    link_slot,
)
from curator.mailings.click_links import NOBODY, ClickLink, click_token, click_url, open_token, open_url
from curator.newsletters.values import NewsletterSpec, Tracking


@dataclass(frozen=True)
class Content:
    """What every message of a mailing is made from. Who wants the text alone has their clicks counted in it."""

    subject: str
    html: Slotted
    text: Slotted
    links: tuple[Link, ...]

    @cached_property
    def alone(self) -> Slotted:
        """The text with a slot in the place of each link that the HTML has a slot for."""
        numbers = {link.url: link.number for link in reversed(self.links)}
        if not numbers:
            return self.text
        longest_first = sorted(map(re.escape, numbers), key=len, reverse=True)
        # A whole address: what stands before and behind it is no part of one.
        linked = re.compile(rf"(?<![^\s<(\[])(?:{'|'.join(longest_first)})(?![^\s>)\]])")
        pieces = (linked.sub(lambda found: link_slot(numbers[found.group()]), piece) for piece in self.text.pieces)
        whole = "".join(chain.from_iterable(zip_longest(pieces, self.text.slots, fillvalue="")))
        return slots.cut(whole)


@dataclass(frozen=True)
class OwnLinks:
    """One reader's links. `clicks` has what stands in each link slot of the HTML, the canary's too.

    `pixel` is the picture's that is asked for when the mail is opened; it stands in the HTML where opens are measured.
    """

    unsubscribe: str
    preferences: str
    web_version: str
    clicks: dict[str, str]
    pixel: str = ""


def content(revision: RenderedRevision, links: Sequence[Link] = (), *, has_pixel: bool = False) -> Content:
    """Returns a revision cut at its slots; `links` are the revision's (none for one of the first release)."""
    html = slots.with_pixel(revision.html) if has_pixel else revision.html
    return Content(revision.subject, slots.cut(html), slots.cut(revision.text), tuple(links))


def own_links(
    content: Content,
    newsletter: NewsletterSpec,
    *,
    mailing_id: int,
    issue_number: int,
    subscriber_id: int,
    public_url: str,
    keys: tokens.Keys,
) -> OwnLinks:
    """Returns a reader's links. A newsletter that counts no clicks leads straight to every target.

    Where only sums are kept, links and picture are everybody's and name no reader.
    """
    way_out = own.unsubscribe_token(keys, newsletter.id, subscriber_id, mailing_id=mailing_id)
    web_version = own.issue_url(public_url, newsletter.slug, issue_number)

    def counted(link: Link) -> str:
        return click_url(
            public_url, click_token(keys, ClickLink(mailing_id, link.number, named(newsletter.clicks, subscriber_id)))
        )

    opened = open_token(keys, mailing_id=mailing_id, subscriber_id=named(newsletter.opens, subscriber_id))
    return OwnLinks(
        unsubscribe=own.unsubscribe_url(public_url, way_out),
        preferences=own.preferences_url(public_url, own.preferences_token(keys, subscriber_id)),
        web_version=web_version,
        clicks=clicks(content, counted if newsletter.clicks.is_on else straight(web_version)),
        pixel=open_url(public_url, opened),
    )


def named(tracking: Tracking, subscriber_id: int) -> int:
    """Returns the reader that a token names: nobody, unless each is to be told apart."""
    return subscriber_id if tracking is Tracking.INDIVIDUAL else NOBODY


def nobodys_links(content: Content, *, newsletter_url: str, issue_url: str) -> OwnLinks:
    """Returns links for a copy that is nobody's own, a test mail's: they lead to public pages and count nothing."""
    return OwnLinks(
        unsubscribe=newsletter_url,
        preferences=newsletter_url,
        web_version=issue_url,
        clicks=clicks(content, straight(issue_url)),
    )


def text_of(content: Content, links: OwnLinks, address: str) -> str:
    """Returns the text part for one reader. Raises RenderError when a slot would be left without its value."""
    return content.text.joined(_values(links, address))


def alone_of(content: Content, links: OwnLinks, address: str) -> str:
    """Returns the text for a reader who gets nothing else. Raises RenderError as `text_of` does."""
    return content.alone.joined({**_values(links, address), **links.clicks})


def html_of(content: Content, links: OwnLinks, address: str) -> str:
    """Returns the HTML part for one reader. Raises RenderError when a slot would be left without its value."""
    urls = {**_values(links, address), **links.clicks, PIXEL_SLOT: links.pixel}
    return content.html.joined({slot: slots.attribute(value) for slot, value in urls.items()})


def clicks(content: Content, leads_to: Callable[[Link], str]) -> dict[str, str]:
    """Returns what stands in each link slot, the canary's too."""
    return {link_slot(link.number): leads_to(link) for link in (slots.CANARY, *content.links)}


def straight(web_version: str) -> Callable[[Link], str]:
    """Returns what leads to every target itself; the canary, which has none, leads to the web version."""
    return lambda link: web_version if link.number == slots.CANARY.number else link.url


def _values(links: OwnLinks, address: str) -> dict[str, str]:
    return {
        UNSUBSCRIBE_SLOT: links.unsubscribe,
        PREFERENCES_SLOT: links.preferences,
        WEB_VERSION_SLOT: links.web_version,
        READER_SLOT: address,
    }
