"""One message of a mail, as the sender would make it for a reader that does not exist; the port that makes it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from curator.issues.values import Link
from curator.newsletters.values import NewsletterSpec


@dataclass(frozen=True)
class Proof:
    """A message after serialising: its headers as they stand, line ends and folds included, in their order.

    `signed` has what each DKIM signature covers, in lower case; it is empty where the relay signs, or nobody does.
    `html_bytes` is how large the HTML is with a reader's own links, `message` is all of it as it leaves. `error` says
    why there is no message.
    """

    headers: tuple[tuple[str, str], ...] = ()
    signed: tuple[tuple[str, ...], ...] = ()
    html_bytes: int = 0
    message: bytes = field(default=b"", repr=False)
    error: str = ""


class Prover(Protocol):
    """Makes the proof. It is handed in, because messages are made by a later room."""

    def __call__(
        self,
        newsletter: NewsletterSpec,
        /,
        *,
        number: int,
        subject: str,
        html: str,
        text: str,
        links: Sequence[Link],
        at: datetime,
    ) -> Proof:
        """Returns one message of a rendered mail, dated `at`; what keeps it from being made is the proof's error."""
        ...
