"""What programs that look at mails have said of this one, or have still to say. Pure."""

from collections.abc import Iterator

from curator.issues.checks.values import Facts, Page, Spot
from curator.issues.preflight.values import Machine, MailLook


def look_of(facts: Facts, machine: Machine) -> MailLook | None:
    """Returns what a program said of the mail; None where it has not looked, or could not."""
    look = facts.mail_looks.get(machine)
    return None if look is None or look.error else look


def not_asked(facts: Facts, *, machine: Machine, words: str) -> Iterator[Spot]:
    """Says in these words that a program is there and has not looked at the mail as it is now."""
    if machine in facts.machines and machine not in facts.mail_looks:
        yield Spot(words, "Have it looked at.", page=Page.LOOKS, about=machine, seen=facts.content_hash)


def failed(facts: Facts, *, machine: Machine, words: str) -> Iterator[Spot]:
    """Says in these words, with the reason, that a program could not look."""
    if (look := facts.mail_looks.get(machine)) is not None and look.error:
        yield Spot(
            f"{words}: {look.error}", "Have it looked at again.", page=Page.LOOKS, about=machine, seen=look.error
        )
