"""Transcripts in plain text: a line for each turn or paragraph, with names and times in it."""

from curator.episodes.transcripts import names
from curator.episodes.transcripts.values import Cue


def cues(text: str) -> list[Cue]:
    """Returns a cue for each paragraph, or for each line where lines name speakers.

    A line that names nobody goes on with whoever spoke before.
    """
    lines = [line.strip() for line in text.split("\n")]
    known = names.known_names(lines)
    found: list[Cue] = []
    for line in lines:
        if line:
            told = names.beginning(line.lstrip("*#>"), names=known)
            found.append(Cue(_words(told), told.speaker, told.start_ms, is_broken=told.is_broken))
        elif found and not known:
            found.append(Cue(""))
    return found


def _words(told: names.Beginning) -> str:
    return told.words.strip().lstrip("*").strip() if told.speaker is not None else told.words.strip()
