"""The cues of timed files: WebVTT and SRT, which differ in little more than their first line."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from curator.episodes.transcripts import names, times
from curator.episodes.transcripts.values import Cue

_ARROW = "-->"
_TIMING = re.compile(rf"\s*({times.PATTERN})\s*--?>\s*({times.PATTERN})(?:\s.*)?")
_SKIPPED = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?(?:[ \t]([^<>\n]{0,200}))?>")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>|<[\d:.]{1,20}>|\{\\[^{}\n]{0,60}\}")
_WORD_TIME = re.compile(r"<\d\d:")
_DASH = re.compile(r"[-–—]\s*(?=\S)")


@dataclass
class _Block:
    """A cue as its lines have it."""

    start_ms: int | None
    end_ms: int | None
    is_broken: bool
    lines: list[str] = field(default_factory=list)


def vtt(text: str) -> list[Cue]:
    """Returns the cues of a WebVTT file: voices are speakers; notes, styles, regions and settings are passed over."""
    return _cues(list(_blocks(text, has_notes=True)))


def srt(text: str) -> list[Cue]:
    """Returns the cues of an SRT file; "Name: words" and lines that begin with a dash say who speaks."""
    return _cues(list(_blocks(text, has_notes=False)))


def has_timing(line: str) -> bool:
    """Tells whether a line is the timing line of a cue."""
    return _TIMING.fullmatch(line) is not None


def _blocks(text: str, *, has_notes: bool) -> Iterator[_Block]:
    block: _Block | None = None
    is_skipping, is_after_blank = False, True
    for line in text.split("\n"):
        if _ARROW in line or has_timing(line):
            if block is not None:
                _drop_number(block)
                yield block
            block, is_skipping = _opened(line), False
        elif not line.strip():
            is_skipping = False
            if block is not None:
                block.lines.append("")
        elif has_notes and is_after_blank and _SKIPPED.match(line):
            is_skipping = True
        elif block is not None and not is_skipping:
            block.lines.append(line)
        is_after_blank = not line.strip()
    if block is not None:
        yield block


def _opened(line: str) -> _Block:
    found = _TIMING.fullmatch(line)
    start, end = (times.from_clock(found[1]), times.from_clock(found[2])) if found else (None, None)
    return _Block(start, end, is_broken=start is None or end is None)


def _drop_number(block: _Block) -> None:
    """Takes out the next cue's number or name, which has already been read: it stands alone before its timing."""
    lines = block.lines
    if lines and lines[-1].strip() and (lines[-1].strip().isdigit() or (len(lines) > 1 and not lines[-2].strip())):
        lines.pop()


def _cues(blocks: list[_Block]) -> list[Cue]:
    is_rolling = any(_WORD_TIME.search(line) for block in blocks for line in block.lines)
    known = names.known_names(_bare(line) for block in blocks for line in block.lines if not _VOICE.search(line))
    found: list[Cue] = []
    last = ""
    for block in blocks:
        lines = [line for line in block.lines if line.strip()]
        if is_rolling and lines and _bare(lines[0]) == last:
            lines = lines[1:]  # captions that roll say each line twice
        last = _bare(lines[-1]) if lines else last
        found += _spoken(block, lines, known)
    return found


def _spoken(block: _Block, lines: list[str], known: frozenset[str]) -> Iterator[Cue]:
    for speaker, words in _voices(lines, known):
        if words:
            yield Cue(words, speaker, block.start_ms, block.end_ms, is_broken=block.is_broken)


def _voices(lines: list[str], known: frozenset[str]) -> Iterator[tuple[str | None, str]]:
    speaker: str | None = None
    words: list[str] = []
    for line in lines:
        for voice, text in _parts(line, known):
            if voice is not None and words:
                yield speaker, " ".join(words)
                words = []
            speaker = speaker if voice is None else voice
            words += [text] if text else []
    yield speaker, " ".join(words)


def _parts(line: str, known: frozenset[str]) -> Iterator[tuple[str | None, str]]:
    """Yields who speaks (None: as before) and the words, for each voice of one line."""
    pieces = _VOICE.split(line)
    if len(pieces) > 1:
        yield None, _bare(pieces[0])
        for voice, words in zip(pieces[1::2], pieces[2::2], strict=True):
            yield " ".join(html.unescape(voice or "").split()), _bare(words)
        return
    bare = _bare(line)
    dash = _DASH.match(bare)
    told = names.beginning(bare[dash.end() :] if dash else bare, names=known)
    if told.speaker is not None:
        yield told.speaker, told.words
    else:
        yield ("", bare[dash.end() :]) if dash else (None, bare)


def _bare(line: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", line)).split())
