"""The twins of programs that look at mails, and of who makes a message of one: they answer what they were told to."""

from dataclasses import dataclass, field

from curator.issues.preflight.values import Machine, NoLookError, Said, Shown
from curator.issues.proof import Proof
from curator.newsletters.values import NewsletterSpec


@dataclass
class MemoryLooker:
    """Answers `said`, or fails with the words in `trouble`; `seen` has every mail that it looked at."""

    machine: Machine
    said: Said = field(default_factory=Said)
    trouble: str = ""
    seen: list[Shown] = field(default_factory=list)

    def look(self, mail: Shown) -> Said:
        """Returns what it was told to say. Raises NoLookError where there is trouble."""
        self.seen.append(mail)
        if self.trouble:
            raise NoLookError(self.trouble)
        return self.said


@dataclass(frozen=True)
class FixedProver:
    """Has one proof for every mail."""

    proof: Proof

    def __call__(self, _newsletter: NewsletterSpec, /, **_mail: object) -> Proof:
        """Returns it."""
        return self.proof
