"""What becomes of a letter once it is read: it leaves as this, or it stays and says why."""

from dataclasses import dataclass

from curator.issues.values import Rendered
from curator.letters.values import LetterState, LetterText
from curator.mailings.mime import Header
from curator.mailings.values import Sender
from curator.newsletters.values import NewsletterSpec


@dataclass(frozen=True)
class Ready:
    """A letter that may leave. A body of words is still to be rendered; a revision is rendered already."""

    subject: str
    sender: Sender
    to_name: str
    body: LetterText | Rendered
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True)
class Kept:
    """A letter that does not leave: it is held, or there is no reason left to send it."""

    state: LetterState
    reason: str


def sender_of(newsletter: NewsletterSpec) -> Sender:
    """Returns whose letter it is."""
    return Sender(newsletter.sender_name, newsletter.sender_address, newsletter.reply_to)


def dropped(reason: str) -> Kept:
    """Returns that a letter never leaves, and why."""
    return Kept(LetterState.DROPPED, reason)
