"""Reads an import's files chunk by chunk: whom they name, what was refused, and the mark behind each chunk."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from curator.audience.moving.lines import Readable, split
from curator.audience.moving.rows import Row, read_rows
from curator.audience.moving.understanding import Notes, Understanding
from curator.audience.moving.values import Fate, Mark, Part, Person, Plan, Refusal, Tally

CHUNK_ROWS = 1000
"""One transaction's: enough that it costs little, few enough that others write in between."""


class Source(Protocol):
    """Where the parts of an import are read from."""

    def open(self, part: Part, *, offset: int) -> AbstractContextManager[Readable]:
        """Opens a part at an offset of its UTF-8. Raises InvalidError("file") where it is gone or damaged."""
        ...


@dataclass
class Chunk:
    """Some rows of one part. `mark` is where the next chunk begins, `tally` what is known without a database."""

    part: int
    mark: Mark
    people: list[Person] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def chunks(
    source: Source, parts: Sequence[Part], plan: Plan, *, newsletter: str, mark: Mark, size: int = CHUNK_ROWS
) -> Iterator[Chunk]:
    """Yields what stands behind a mark, part after part; `newsletter` is the short name of the one that it is for."""
    for number in range(mark.part, len(parts)):
        part = parts[number]
        has_begun = number == mark.part and mark.offset > 0
        offset, line = (mark.offset, mark.line) if has_begun else (part.offset, part.line)
        reader = Understanding(part, plan, newsletter)
        with source.open(part, offset=offset) as stream:
            rows = read_rows(split(stream, number=line, offset=offset), part.delimiter)
            while some := list(islice(rows, size)):
                last = some[-1]
                yield _chunk(number, some, reader, Mark(number, last.ends_at, last.next_line))
        yield Chunk(number, Mark(number + 1))


def _chunk(part: int, rows: Sequence[Row], reader: Understanding, mark: Mark) -> Chunk:
    chunk, notes = Chunk(part, mark), Notes()
    for row in rows:
        chunk.tally.odd += row.odd
        if row.is_blank:
            continue
        found = reader.person(row, notes)
        if isinstance(found, Person):
            chunk.people.append(found)
        else:
            chunk.refused.append(found)
            chunk.tally.count(Fate.REFUSED)
    chunk.tally.undated, chunk.tally.dropped = notes.undated, notes.dropped
    return chunk
