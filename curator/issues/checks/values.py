"""What crosses the checks' border: findings, ticks, a report, and the facts that rules look at."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from curator.issues.markup.read import Markup
from curator.issues.markup.read import markup as read_markup
from curator.issues.pictured import Standing
from curator.issues.preflight.values import Machine, MailLook
from curator.issues.proof import Proof
from curator.issues.values import BlockKind, Document, Link
from curator.newsletters.values import NewsletterSpec


class Level(StrEnum):
    """How much a finding matters: it keeps the issue from leaving, somebody should look, or all is well."""

    BLOCKS = "blocks"
    WARNS = "warns"
    FINE = "fine"


class Group(StrEnum):
    """What a rule looks at, as the list is divided."""

    SUBJECT = "Subject"
    WORDS = "Words"
    LINKS = "Links"
    PICTURES = "Pictures"
    DELIVERY = "Delivery"
    ACCESSIBILITY = "Accessibility"
    WHOLE = "The whole"


class Page(StrEnum):
    """Where something is mended that does not stand on the board."""

    SETTINGS = "settings"
    READERS = "readers"
    INBOX = "inbox"
    LINKS = "links"
    LOOKS = "looks"


@dataclass(frozen=True)
class Spot:
    """One thing that a rule found: what and where in a sentence, what to do, and the place to jump to.

    `about` names the thing itself and `seen` is what of it was looked at: a tick holds for both. `is_cleanable`: the
    machine can mend it when somebody presses a button.
    """

    words: str
    todo: str = ""
    where: str = ""
    block_id: int | None = None
    field: str = ""
    page: Page | None = None
    episode_id: int | None = None
    about: str = ""
    seen: str = ""
    is_cleanable: bool = False


@dataclass(frozen=True)
class Tick:
    """That somebody looked at a finding and said it may stand; `content` is the key of what they saw."""

    code: str
    about: str
    content: str
    by: int | None
    by_name: str
    at: datetime


@dataclass(frozen=True)
class Finding:
    """What one rule says; `tick` is there where somebody checked it by hand, as it stands."""

    code: str
    group: Group
    level: Level
    words: str
    todo: str = ""
    where: str = ""
    block_id: int | None = None
    field: str = ""
    page: Page | None = None
    episode_id: int | None = None
    is_tickable: bool = False
    about: str = ""
    content: str = ""
    tick: Tick | None = None
    is_cleanable: bool = False


@dataclass(frozen=True)
class Report:
    """Everything that was looked at in an issue's present content, in the order of the list."""

    issue_id: int
    content_hash: str
    findings: tuple[Finding, ...]

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What keeps the issue from being approved."""
        return self._open(Level.BLOCKS)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What somebody should look at; it keeps nothing from leaving."""
        return self._open(Level.WARNS)

    @property
    def ticked(self) -> tuple[Finding, ...]:
        """What was checked by hand."""
        return tuple(each for each in self.findings if each.tick is not None)

    @property
    def fine(self) -> tuple[Finding, ...]:
        """What is well."""
        return tuple(each for each in self.findings if each.level is Level.FINE)

    @property
    def is_clear(self) -> bool:
        """Whether nothing blocks; there may be warnings."""
        return not self.blocking

    def _open(self, level: Level) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.level is level and each.tick is None)


class LinkFate(StrEnum):
    """What asking a link's target came to. UNSURE: its site lets no program look, or did not answer in time."""

    THERE = "there"
    GONE = "gone"
    UNSURE = "unsure"


@dataclass(frozen=True)
class LinkLook:
    """What a worker found at a URL, and when; `status` is None where nobody answered.

    `leads_to` is where redirects ended, empty without any; `bytes` is how heavy it is, None where its site did not say.
    """

    url: str
    fate: LinkFate
    status: int | None
    note: str
    at: datetime
    leads_to: str = ""
    bytes: int | None = None


@dataclass(frozen=True)
class LinkRound:
    """How far a worker is with an issue's links."""

    total: int
    done: int
    asked_at: datetime
    beat_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class LinkFacts:
    """A link of the issue with the words that it stands on.

    `is_text` where an editor wrote it into a text, `is_listen` where it leads to a show at a place to listen.
    """

    url: str
    words: str
    where: str
    block_id: int
    is_text: bool = False
    is_listen: bool = False


@dataclass(frozen=True)
class BlockFacts:
    """A block with what the document does not tell of it. Its promotion, where it has one, is another room's value.

    `draft` is a blurb that nobody wrote, edited or accepted.
    """

    block_id: int
    kind: BlockKind
    name: str
    has_blurb: bool = True
    draft: str = ""
    source: str = ""
    at: datetime | None = None
    canonical_url: str | None = None
    ran_in: int | None = None
    promotion: object | None = None


@dataclass(frozen=True)
class SectionFacts:
    """A section of the newsletter and how many picks stand in it."""

    title: str
    blocks: int
    picks: int
    budget: int


@dataclass(frozen=True)
class Mail:
    """The rendered mail: its two parts, how large its HTML is at most, and where the links in its slots lead."""

    html: str
    text: str
    bytes: int
    links: tuple[Link, ...] = ()

    @cached_property
    def markup(self) -> Markup:
        """The HTML as it is read by whoever shows it; read once for all rules."""
        return read_markup(self.html)


@dataclass(frozen=True)
class Facts:
    """All that rules look at. `mail` is None, and `error` says why, where the issue does not render.

    `old_before` is when the last issue but one went out: what is older was news in an earlier issue. `readers_before`
    is how many readers there were when the last one did; None while there was none. `proof` is one message of the mail,
    made as the sender makes it; None where nobody can. `machines` are the programs that this installation has look at
    mails, and `mail_looks` what they said of this one.
    """

    issue_id: int
    content_hash: str
    document: Document
    newsletter: NewsletterSpec
    now: datetime
    sections: tuple[SectionFacts, ...] = ()
    blocks: tuple[BlockFacts, ...] = ()
    links: tuple[LinkFacts, ...] = ()
    looks: Mapping[str, LinkLook] = field(default_factory=dict)
    old_before: datetime | None = None
    readers: int = 0
    mail: Mail | None = None
    error: str = ""
    readers_before: int | None = None
    proof: Proof | None = None
    machines: tuple[Machine, ...] = ()
    mail_looks: Mapping[Machine, MailLook] = field(default_factory=dict)
    # How it stands with the pictures that blocks are to show, by block.
    pictures: Mapping[int, Standing] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One check: it finds spots, or else says that all is well (`fine`). It raises nothing, whatever the text.

    `is_tickable`: a machine cannot know, so a person may say that it is meant.
    """

    code: str
    group: Group
    level: Level
    fine: str
    look: Callable[[Facts], Iterable[Spot]]
    is_tickable: bool = True


def fingerprint(text: str) -> str:
    """Returns a short name for a text: SHA-256, 32 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True)
class SentTestRow:
    """Who was sent which revision as a test, and the key of the letter that carried it."""

    revision_id: int
    revision: int
    name: str
    address: str
    letter_key: str
    at: datetime
