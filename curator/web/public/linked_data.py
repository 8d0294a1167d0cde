"""An episode in the words of schema.org, for search engines and podcast directories.

It stands in a data block, which no browser runs: a script-src policy is about scripts alone (HTML, "prepare the script
element": a block of another type is left before the policy is asked).
"""

import json
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from curator.episodes.values import EpisodeView, Guest

CONTEXT = "https://schema.org"
# Inside a script element only these could end it or begin a comment; a JSON string may spell each as an escape.
_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def linked_data(view: EpisodeView, *, address: str, description: str) -> Markup:
    """Returns JSON-LD that may stand in a script element."""
    told = view.told
    episode = {
        "@context": CONTEXT,
        "@type": "PodcastEpisode",
        "name": view.title,
        "url": address,
        "description": description,
        "datePublished": told.at.isoformat(),
        "episodeNumber": told.number,
        "timeRequired": None if told.duration_s is None else _iso(told.duration_s),
        "inLanguage": told.language,
        "partOfSeries": without_gaps({"@type": "PodcastSeries", "name": told.show, "url": told.show_site}),
        "associatedMedia": {"@type": "AudioObject", "contentUrl": told.audio_url} if told.audio_url else None,
        "contributor": [_person(guest) for guest in view.guests],
        "keywords": list(view.topics),
    }
    return in_script(episode)


def in_script(facts: dict[str, Any]) -> Markup:
    """Returns facts, without those that nobody knows, as JSON that may stand in a script element."""
    return Markup(json.dumps(without_gaps(facts)).translate(_UNSAFE))  # noqa: S704 - JSON in ASCII whose <, > and & are escapes


def _person(guest: Guest) -> dict[str, Any]:
    same = [link.url for link in guest.links]
    person = {"@type": "Person", "name": guest.name, "jobTitle": guest.role, "sameAs": same}
    return without_gaps(person | {"description": guest.biography})


def _iso(seconds: int) -> str:
    """Returns a length as ISO 8601 has it: "PT38M0S"."""
    minutes, rest = divmod(timedelta(seconds=seconds), timedelta(minutes=1))
    return f"PT{minutes}M{rest.seconds}S"


def without_gaps(facts: dict[str, Any]) -> dict[str, Any]:
    """Returns facts without those that nobody knows."""
    return {name: value for name, value in facts.items() if value not in (None, "", [])}
