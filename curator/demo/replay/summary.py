"""What a replay came to, and which of its checks did not hold."""

from dataclasses import asdict, dataclass, field
from typing import Any

from curator.demo.summary import Summary

# What a summary of the whole line says of the mail; the rest of it is told by the runs.
_MAIL = (
    *("readers", "deliveries_sent", "refused", "put_off", "excluded", "in_doubt", "twice", "balance"),
    *("clicks", "clickers", "scanner_hits", "unsubscribed", "bounced", "web_version_ok", "letters", "signed_up"),
)


@dataclass
class RunSummary:
    """One run. `answers` counts what the servers answered by status, the hashes are SHA-256.

    `ends` says for each feed with a fault how it stands in the end, in the words of its own note.
    """

    order: int
    answers: dict[str, int] = field(default_factory=dict)
    asked_while_held: int = 0
    rounds: int = 0
    items: int = 0
    missing: int = 0
    strange: int = 0
    twice: int = 0
    picks: int = 0
    items_hash: str = ""
    html_hash: str = ""
    text_hash: str = ""
    seconds: float = 0.0
    ends: dict[str, str] = field(default_factory=dict)


@dataclass
class ReplaySummary:
    """What the runs came to. `faults` says in words what was wrong with which feed; `failed` what did not hold.

    `mail` is what became of the first run's issue on its way to the readers; None when it was not sent.
    """

    seed: int
    days: list[str] = field(default_factory=list)
    feeds: int = 0
    documents: int = 0
    faults: list[str] = field(default_factory=list)
    runs: list[RunSummary] = field(default_factory=list)
    same_items: bool = False
    same_issue: bool = False
    mail: Summary | None = None
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    held: bool = False
    failed: list[str] = field(default_factory=list)

    def check(self, holds: bool, what: str) -> None:
        """Notes what does not hold."""
        if not holds:
            self.failed.append(f"Does not hold: {what}.")

    def printed(self) -> dict[str, Any]:
        """Returns the summary as it is printed."""
        told = asdict(self)
        if self.mail is not None:
            told["mail"] = {name: told["mail"][name] for name in _MAIL}
        return told
