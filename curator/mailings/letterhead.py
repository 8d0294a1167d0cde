"""What of a newsletter's settings every message of a mailing bears, kept as it stood when the mailing began. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.newsletters.values import NewsletterSpec, Tracking

# All that a reader sees, a provider judges by, or a Message-ID is made of; the rest (pace, hours) may change meanwhile.
_BORNE = (
    "slug",
    "name",
    "sender_name",
    "sender_address",
    "reply_to",
    "postal_address",
    "language",
    "clicks",
    "opens",
)


def letterhead(newsletter: NewsletterSpec) -> dict[str, Any]:
    """Returns what is to be kept, fit for JSON."""
    return {name: getattr(newsletter, name) for name in _BORNE}


def under(newsletter: NewsletterSpec, kept: Mapping[str, Any] | None) -> NewsletterSpec:
    """Returns the newsletter as the mailing's messages bear it; as it is now for a mailing that kept nothing."""
    if kept is None:
        return newsletter
    borne = {name: kept[name] for name in _BORNE if name in kept}
    clicks, opens = measured(kept)
    return replace(newsletter, **{**borne, "clicks": clicks, "opens": opens})


def measured(kept: Mapping[str, Any] | None) -> tuple[Tracking, Tracking]:
    """Returns what the messages of a mailing measure, clicks and opens, whatever its newsletter's settings are now.

    Of mailings before there was a choice some kept whether clicks are counted, and the first nothing: they counted.
    """
    kept = kept or {}
    before = Tracking.INDIVIDUAL if kept.get("tracks_clicks", True) else Tracking.OFF
    return Tracking(kept.get("clicks", before)), Tracking(kept.get("opens", Tracking.OFF))
