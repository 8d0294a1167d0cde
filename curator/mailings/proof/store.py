"""Queries on what proves a newsletter's mail: what was found in the DNS, and probes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from curator.db import changed
from curator.errors import NotFoundError
from curator.findings import Finding, Level, Record
from curator.mailings.proof.values import DnsFindings, ProbeRow
from curator.mailings.tables import DnsCheck, Probe

_LONGEST_WORDS = 500

# --- DNS


def put_findings(session: Session, newsletter_id: int, findings: Sequence[Finding], *, at: datetime) -> None:
    """Keeps what was found about a newsletter's records, instead of what was found before."""
    row = session.get(DnsCheck, newsletter_id) or DnsCheck(newsletter_id=newsletter_id)
    row.at, row.findings = at, [asdict(each) for each in findings]
    session.add(row)


def findings(session: Session, newsletter_id: int) -> DnsFindings | None:
    """Returns what was found last; None when nobody has looked yet."""
    row = session.get(DnsCheck, newsletter_id)
    return None if row is None else DnsFindings(row.at, tuple(map(_finding, row.findings)))


# --- probes


def add_probe(session: Session, newsletter_id: int, address: str, *, at: datetime) -> int:
    """Adds a probe that is about to be sent, and returns its id."""
    row = Probe(newsletter_id=newsletter_id, address=address, sent_at=at)
    session.add(row)
    session.flush()
    return row.id


def probe(session: Session, probe_id: int) -> ProbeRow:
    """Returns a probe; raises NotFoundError."""
    row = session.get(Probe, probe_id)
    if row is None:
        raise NotFoundError("probe", probe_id)
    return _row(row)


def newest_probe(session: Session, newsletter_id: int) -> ProbeRow | None:
    """Returns the probe that a newsletter sent last; None before the first."""
    query = select(Probe).where(Probe.newsletter_id == newsletter_id).order_by(Probe.id.desc()).limit(1)
    row = session.scalars(query).one_or_none()
    return None if row is None else _row(row)


def note_left(session: Session, probe_id: int, *, at: datetime) -> None:
    """Writes down when a probe was handed to the relay: the wait for its bounce begins."""
    session.execute(update(Probe).where(Probe.id == probe_id, Probe.returned_at.is_(None)).values(sent_at=at))


def note_returned(session: Session, probe_id: int, *, at: datetime, words: str) -> bool:
    """Writes down that a probe's bounce came back; False when it had before."""
    back = update(Probe).where(Probe.id == probe_id, Probe.returned_at.is_(None))
    return changed(session, back.values(returned_at=at, words=words[:_LONGEST_WORDS])) == 1


def note_words(session: Session, probe_id: int, words: str) -> None:
    """Writes down what is in a probe's way; what came back already is not written over."""
    waiting = update(Probe).where(Probe.id == probe_id, Probe.returned_at.is_(None))
    session.execute(waiting.values(words=words[:_LONGEST_WORDS]))


def _row(row: Probe) -> ProbeRow:
    return ProbeRow(row.id, row.newsletter_id, row.address, row.sent_at, row.returned_at, row.words)


def _finding(kept: Mapping[str, Any]) -> Finding:
    record = kept["record"]
    return Finding(
        Level(kept["level"]), kept["about"], kept["what"], kept["todo"], None if record is None else Record(**record)
    )
