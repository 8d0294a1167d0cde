"""What of a newsletter's settings every message of a mailing bears, kept as it stood when the mailing began. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.newsletters.values import NewsletterSpec

# All that a reader sees, a provider judges by, or a Message-ID is made of; the rest (pace, hours) may change meanwhile.
_BORNE = (
    "slug",
    "name",
    "sender_name",
    "sender_address",
    "reply_to",
    "postal_address",
    "language",
    "tracks_clicks",
)


def letterhead(newsletter: NewsletterSpec) -> dict[str, Any]:
    """Returns what is to be kept, fit for JSON."""
    return {name: getattr(newsletter, name) for name in _BORNE}


def under(newsletter: NewsletterSpec, kept: Mapping[str, Any] | None) -> NewsletterSpec:
    """Returns the newsletter as the mailing's messages bear it; as it is now for a mailing that kept nothing."""
    return replace(newsletter, **{name: kept[name] for name in _BORNE if kept is not None and name in kept})
