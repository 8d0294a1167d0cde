"""Rules about the subject and the preheader: the two lines by which an inbox is read."""

import re
from collections.abc import Iterator
from functools import partial

from curator.issues.checks.values import Facts, Group, Level, Rule, Spot

# What phones show at least, and what mail programs show at most before they cut.
_SHORTEST, _LONGEST = 10, 78
_LONGEST_PREHEADER = 140
_SPAM = (
    *("100% free", "act now", "apply now", "as seen on", "be your own boss", "buy now", "call now", "cash bonus"),
    *("click here", "congratulations", "double your", "earn extra", "extra income", "fast cash", "free gift"),
    *("free money", "free trial", "get rich", "guaranteed", "limited time", "lowest price", "miracle", "no catch"),
    *("no obligation", "once in a lifetime", "order now", "prize", "risk-free", "risk free", "satisfaction guaranteed"),
    *("this is not spam", "urgent", "while supplies last", "winner", "you have been selected", "you're a winner"),
)
_SPAM_PHRASE = re.compile(r"\b(?:" + "|".join(map(re.escape, _SPAM)) + r")(?!\w)", re.IGNORECASE)


def _missing(facts: Facts) -> Iterator[Spot]:
    if not facts.document.subject.strip():
        yield Spot("The issue has no subject; write one first.", where="the subject", field="subject")


def _length(facts: Facts) -> Iterator[Spot]:
    subject = facts.document.subject.strip()
    spot = partial(Spot, field="subject", about="subject", seen=subject)
    if subject and len(subject) < _SHORTEST:
        words = f"The subject has {len(subject)} characters: too few to say what the issue is about."
        yield spot(words, f"Write {_SHORTEST} or more.")
    if len(subject) > _LONGEST:
        words = f"The subject has {len(subject)} characters, and inboxes cut it after about {_LONGEST}."
        yield spot(words, "Shorten it, or put what counts first.")


def _loud(facts: Facts) -> Iterator[Spot]:
    subject = facts.document.subject
    letters = [letter for letter in subject if letter.isalpha()]
    shouted = sum(letter.isupper() for letter in letters)
    spot = partial(Spot, field="subject", seen=subject)
    if len(letters) >= 8 and shouted > 0.7 * len(letters):
        yield spot("The subject is written in capitals.", "Write it as a sentence.", about="capitals")
    if "!!" in subject or subject.count("!") >= 3:
        yield spot("The subject has many exclamation marks.", "One is enough.", about="marks")
    for phrase in {found.casefold() for found in _SPAM_PHRASE.findall(subject)}:
        words = f"Spam filters know “{phrase}”, which stands in the subject."
        yield spot(words, "Say it in other words.", about=f"phrase {phrase}")


def _no_preheader(facts: Facts) -> Iterator[Spot]:
    if not facts.document.preheader.strip():
        words = "There is no preheader: inboxes show the beginning of the mail instead."
        yield Spot(words, "Say in a line what else is in the issue.", field="preheader", about="preheader")


def _poor_preheader(facts: Facts) -> Iterator[Spot]:
    preheader = facts.document.preheader.strip()
    spot = partial(Spot, field="preheader", about="preheader", seen=preheader)
    if preheader and preheader.casefold() == facts.document.subject.strip().casefold():
        yield spot("The preheader says the same as the subject.", "Say what else is in the issue.")
    elif len(preheader) > _LONGEST_PREHEADER:
        words = f"The preheader has {len(preheader)} characters, and inboxes show at most {_LONGEST_PREHEADER}."
        yield spot(words, "Shorten it.")


RULES = (
    Rule("subject-missing", Group.SUBJECT, Level.BLOCKS, "There is a subject.", _missing, is_tickable=False),
    Rule("subject-length", Group.SUBJECT, Level.WARNS, "The subject has a good length.", _length),
    Rule("subject-loud", Group.SUBJECT, Level.WARNS, "The subject does not shout.", _loud),
    Rule("preheader-missing", Group.SUBJECT, Level.WARNS, "There is a preheader.", _no_preheader),
    Rule("preheader-poor", Group.SUBJECT, Level.WARNS, "The preheader adds to the subject.", _poor_preheader),
)
"""In the order of the list."""
