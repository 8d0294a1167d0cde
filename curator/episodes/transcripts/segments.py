"""Transcripts in JSON: the podcast namespace's segments, and those that speech recognisers write."""

import json
from typing import Any

from curator.episodes.transcripts import times
from curator.episodes.transcripts.values import Cue
from curator.errors import ParseError

_LISTS = ("segments", "transcript", "cues", "results", "items")
_WORDS = ("body", "text", "content")
_STARTS = ("startTime", "start", "start_time", "from")
_ENDS = ("endTime", "end", "end_time", "to")


def cues(text: str) -> list[Cue]:
    """Returns the segments of a JSON transcript. Raises ParseError for what is no JSON, or has no segments."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError("The transcript is meant to be JSON, but it is broken off or damaged.") from error
    found = [_cue(segment) for segment in _segments(read) if isinstance(segment, dict)]
    if not any(cue.text for cue in found):
        raise ParseError("The JSON is no transcript: it has no segments with words in them.")
    return found


def _segments(read: Any) -> list[Any]:
    if isinstance(read, dict):
        read = next((read[name] for name in _LISTS if isinstance(read.get(name), list)), [])
    return read if isinstance(read, list) else []


def _cue(segment: dict[str, Any]) -> Cue:
    start, end = _first(segment, _STARTS), _first(segment, _ENDS)
    start_ms, end_ms = times.from_seconds(start), times.from_seconds(end)
    words, speaker = _first(segment, _WORDS), segment.get("speaker")
    return Cue(
        words if isinstance(words, str) else "",
        str(speaker) if isinstance(speaker, str | int) and str(speaker).strip() else None,
        start_ms,
        end_ms,
        is_broken=(start is not None and start_ms is None) or (end is not None and end_ms is None),
    )


def _first(segment: dict[str, Any], keys: tuple[str, ...]) -> object:
    return next((segment[key] for key in keys if segment.get(key) is not None), None)
