"""What an episode's page still lacks, in words. Pure."""

from curator.episodes.values import EpisodeView


def missing(view: EpisodeView, *, has_transcript: bool) -> tuple[str, ...]:
    """Returns what readers are promised and do not find yet: "no transcript", "2 guests without biography"."""
    shy = sum(not guest.biography for guest in view.guests)
    found = {
        "no summary": not view.summary.strip(),
        "no guest": not view.guests,
        f"{shy} guest{'' if shy == 1 else 's'} without biography": shy > 0,
        "no topics": not view.topics,
        "no chapters": not view.chapters,
        "no transcript": not has_transcript,
        "no place to listen": not view.links,
        "artwork without words for it": view.artwork is not None and not view.artwork.alt,
    }
    return tuple(words for words, is_so in found.items() if is_so)
