"""What crosses the border: what was found in the DNS, and a probe."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from curator.findings import Finding

LONGEST_WAIT = timedelta(minutes=15)
"""A relay that refuses an address says so at once or within minutes; what takes longer is not on its way."""


@dataclass(frozen=True)
class DnsFindings:
    """What was found about a newsletter's records, and when."""

    at: datetime
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class ProbeRow:
    """A mail to an address that does not exist. `words` say why it came back, or what is in its way."""

    id: int
    newsletter_id: int
    address: str
    sent_at: datetime
    returned_at: datetime | None
    words: str

    def is_awaited(self, now: datetime) -> bool:
        """Whether its bounce may still come."""
        return self.returned_at is None and now - self.sent_at < LONGEST_WAIT
