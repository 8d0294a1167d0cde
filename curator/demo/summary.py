"""What one run of the whole line came to, and which of its checks did not hold."""

from dataclasses import dataclass, field


@dataclass
class Summary:
    """What one run came to, in the order of the line. `failed` names in words each check that did not hold."""

    feeds_polled: int = 0
    feeds_failed: int = 0
    items: int = 0
    episodes: int = 0
    new_on_second_poll: int = 0
    back_issues: int = 0
    picks: int = 0
    readers: int = 0
    deliveries_sent: int = 0
    refused: int = 0
    put_off: int = 0
    excluded: int = 0
    in_doubt: int = 0
    twice: int = 0
    balance: bool = False
    clicks: int = 0
    clickers: int = 0
    scanner_hits: int = 0
    unsubscribed: int = 0
    bounced: int = 0
    web_version_ok: bool = False
    letters: int = 0
    signed_up: bool = False
    held: bool = False
    failed: list[str] = field(default_factory=list)

    def check(self, holds: bool, what: str) -> None:
        """Notes what does not hold."""
        if not holds:
            self.failed.append(f"Does not hold: {what}.")
