"""A hit as 32 bytes of a spool file, and a spool file's bytes as hits. Pure.

version 1, flags 1, link 2, mailing 4, subscriber 7, milliseconds 6, agent 8, checksum 3. The size is fixed and every
record carries its checksum, so what is torn or foreign is passed over and the next record is found.
"""

import struct
from datetime import UTC, datetime, timedelta
from zlib import crc32

from curator.events.values import Hit

SIZE = 32

_VERSION = 1
_HEAD_FLAG = 1
_OPEN_FLAG = 2
_LAYOUT = struct.Struct(">BBHI7s6sq")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# A bad clock's moment beyond this (the year 2200) is no moment: arithmetic on it would run over the calendar's edge.
_LATEST_MS = 7_258_118_400_000
# What the column holds; no mail has so many links.
_HIGHEST_LINK = 32_767


def packed(hit: Hit) -> bytes:
    """Returns a hit as its record; the moment keeps its milliseconds."""
    at_ms = min(max((hit.at - _EPOCH) // _MILLISECOND, 0), _LATEST_MS)
    body = _LAYOUT.pack(
        _VERSION,
        (_HEAD_FLAG if hit.is_head else 0) | (_OPEN_FLAG if hit.is_open else 0),
        hit.link,
        hit.mailing_id,
        hit.subscriber_id.to_bytes(7),
        at_ms.to_bytes(6),
        hit.agent,
    )
    return body + _checksum(body)


def unpacked(content: bytes) -> tuple[list[Hit], int]:
    """Returns the hits in a piece of a spool file, and how many of its bytes are done with.

    At most 31 bytes are left over: they may be the beginning of a record whose rest is not there yet.
    """
    hits: list[Hit] = []
    place = 0
    while place + SIZE <= len(content):
        hit = _hit(content[place : place + SIZE])
        if hit is not None:
            hits.append(hit)
        place += 1 if hit is None else SIZE
    return hits, place


def _hit(record: bytes) -> Hit | None:
    if record[0] != _VERSION or record[_LAYOUT.size :] != _checksum(record[: _LAYOUT.size]):
        return None
    _, flags, link, mailing_id, subscriber, at, agent = _LAYOUT.unpack_from(record)
    at_ms = int.from_bytes(at)
    if at_ms > _LATEST_MS or link > _HIGHEST_LINK:
        return None
    return Hit(
        mailing_id=mailing_id,
        link=link,
        subscriber_id=int.from_bytes(subscriber),
        at=_EPOCH + at_ms * _MILLISECOND,
        agent=agent,
        is_head=bool(flags & _HEAD_FLAG),
        is_open=bool(flags & _OPEN_FLAG),
    )


def _checksum(body: bytes) -> bytes:
    return (crc32(body) & 0xFFFFFF).to_bytes(3)
