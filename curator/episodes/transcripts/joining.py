"""Cues to turns: what one speaker says in a row becomes one, and times that cannot be true are left out."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from curator.episodes.transcripts.values import MAX_MS, MAX_TURN_CHARACTERS, MAX_TURNS, Cue, SpokenTurn
from curator.feeds.normalize import clean

_MAX_SPEAKER = 120
# Where nobody is named, a silence or some lines that end with a sentence make a paragraph.
_PAUSE_MS = 2_500
_PARAGRAPH_CHARACTERS = 600
_SENTENCE_END = re.compile(r"[.?!…。？！؟][\"'”’»)\]]*$")
_SENTENCE_START = re.compile(r"(?<=[.?!…。？！؟])\s+")


@dataclass
class _Open:
    """A turn that is being put together."""

    speaker: str
    start_ms: int | None
    end_ms: int | None
    words: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, cue: Cue) -> None:
        self.words.append(cue.text)
        self.length += len(cue.text) + 1
        self.end_ms = cue.end_ms


def turns(cues: Sequence[Cue]) -> tuple[list[SpokenTurn], list[str]]:
    """Returns the turns of some cues, and in sentences what was left out.

    A start that breaks the order is dropped: of all starts the longest row that never goes back is kept (a single wild
    one, wherever it stands, costs only itself). An end before its start, or behind the next start, is dropped too.
    """
    tidy = [_tidy(cue) for cue in cues]
    timed, notes = _timed([cue for cue in tidy if cue.text or cue.speaker is not None or not cue.is_broken])
    found = [part for turn in _joined(timed) for part in _split(turn)]
    if len(found) > MAX_TURNS:
        notes.append(f"Only the first {MAX_TURNS:,} of {len(found):,} turns are kept.")
    return found[:MAX_TURNS], notes


def _tidy(cue: Cue) -> Cue:
    speaker = None if cue.speaker is None else " ".join(clean(cue.speaker).split())[:_MAX_SPEAKER].rstrip()
    return replace(cue, text=" ".join(clean(cue.text).split()), speaker=speaker)


def _timed(cues: list[Cue]) -> tuple[list[Cue], list[str]]:
    late = sum(1 for cue in cues if max(cue.start_ms or 0, cue.end_ms or 0) > MAX_MS)
    cues = [replace(cue, start_ms=_possible(cue.start_ms), end_ms=_possible(cue.end_ms)) for cue in cues]
    kept = _in_order([cue.start_ms for cue in cues])
    back = sum(1 for place, cue in enumerate(cues) if cue.start_ms is not None and place not in kept)
    cues = [cue if place in kept else replace(cue, start_ms=None, end_ms=None) for place, cue in enumerate(cues)]
    cues, odd = _ends(cues)
    counts = (
        (sum(1 for cue in cues if cue.is_broken), "cannot be read"),
        (late, "lies beyond 100 hours" if late == 1 else "lie beyond 100 hours"),
        (back, "goes back" if back == 1 else "go back"),
        (odd, "overlaps the next" if odd == 1 else "overlap the next"),
    )
    return cues, [_left_out(count, why) for count, why in counts if count]


def _possible(ms: int | None) -> int | None:
    return ms if ms is not None and 0 <= ms <= MAX_MS else None


def _in_order(starts: Sequence[int | None]) -> set[int]:
    """Returns the places of the longest row of starts that never goes back (patience sorting, O(n log n))."""
    ends: list[int] = []
    places: list[int] = []
    before: dict[int, int | None] = {}
    for place, start in enumerate(starts):
        if start is None:
            continue
        length = bisect_right(ends, start)
        before[place] = places[length - 1] if length else None
        ends[length:], places[length:] = (
            ([start], [place])
            if length == len(ends)
            else ([start, *ends[length + 1 :]], [place, *places[length + 1 :]])
        )
    kept: set[int] = set()
    last: int | None = places[-1] if places else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept


def _ends(cues: list[Cue]) -> tuple[list[Cue], int]:
    """Drops ends that lie before their start, or behind the next cue's start."""
    following: int | None = None
    odd = 0
    checked: list[Cue] = []
    for cue in reversed(cues):
        end = cue.end_ms
        is_shared = cue.start_ms is not None and cue.start_ms == following  # several voices in one cue
        if end is not None and (
            cue.start_ms is None or end < cue.start_ms or (following is not None and end > following and not is_shared)
        ):
            odd += 1
            end = None
        checked.append(replace(cue, end_ms=end))
        following = cue.start_ms if cue.start_ms is not None else following
    return checked[::-1], odd


def _left_out(count: int, why: str) -> str:
    return f"{count:,} {'time' if count == 1 else 'times'} {why} and {'was' if count == 1 else 'were'} left out."


def _joined(cues: Sequence[Cue]) -> Iterator[SpokenTurn]:
    turn: _Open | None = None
    waiting: Cue | None = None  # a name that stood alone in its line
    for each in cues:
        cue = each
        if not cue.text:
            if cue.speaker is not None:
                waiting = cue
            elif turn is not None and not turn.speaker:
                yield _closed(turn)
                turn = None
            continue
        if waiting is not None:
            cue = replace(
                cue,
                speaker=cue.speaker if cue.speaker is not None else waiting.speaker,
                start_ms=cue.start_ms if cue.start_ms is not None else waiting.start_ms,
            )
            waiting = None
        if turn is None or _is_new(turn, cue):
            if turn is not None:
                yield _closed(turn)
            speaker = cue.speaker if cue.speaker is not None else turn.speaker if turn else ""
            turn = _Open(speaker, cue.start_ms, cue.end_ms)
        turn.add(cue)
    if turn is not None:
        yield _closed(turn)


def _is_new(turn: _Open, cue: Cue) -> bool:
    if cue.speaker is not None and (cue.speaker != turn.speaker or not cue.speaker):
        return True
    if turn.speaker:
        return False
    silence = cue.start_ms - turn.end_ms if cue.start_ms is not None and turn.end_ms is not None else 0
    is_sentence_over = _SENTENCE_END.search(turn.words[-1]) is not None
    return silence >= _PAUSE_MS or (is_sentence_over and turn.length >= _PARAGRAPH_CHARACTERS)


def _closed(turn: _Open) -> SpokenTurn:
    return SpokenTurn(turn.speaker, turn.start_ms, turn.end_ms, " ".join(turn.words))


def _split(turn: SpokenTurn) -> Iterator[SpokenTurn]:
    if len(turn.text) <= MAX_TURN_CHARACTERS:
        yield turn
        return
    parts = list(_portions(turn.text))
    for place, part in enumerate(parts):
        yield SpokenTurn(
            turn.speaker,
            turn.start_ms if place == 0 else None,
            turn.end_ms if place == len(parts) - 1 else None,
            part,
        )


def _portions(text: str) -> Iterator[str]:
    """Yields a long text in portions that fit, cut between sentences, else between words, else anywhere."""
    while len(text) > MAX_TURN_CHARACTERS:
        head = text[:MAX_TURN_CHARACTERS]
        ends = [found.start() for found in _SENTENCE_START.finditer(head)]
        cut = ends[-1] if ends else head.rfind(" ")
        cut = cut if cut > 0 else MAX_TURN_CHARACTERS
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text
