"""A judge of bounces that learns its weights: what a small one comes to on mails that it did not learn from.

Logistic regression over a bounce's status, code, command and words, each word also as what it speaks of. All that is
learned, the vocabulary included, comes from the folds that are not judged, and from `refusals.tsv`: refusals of our own
wording, as mail servers phrase theirs.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

FOLDS, SEEDS = 10, 5
_REFUSALS = Path(__file__).parent / "refusals.tsv"
_LONGEST, _MOST_WORDS = 200, 60
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45])(\d\d)(?![\d.])")
_ANSWER = re.compile(r"(?<![\d.])[45]\d\d[ -]")
_FIRST_ADDRESS = re.compile(r"^\S{0,254}@\S{1,254}[\s:>]*")
# In the order in which they are believed: a text names RCPT now and then where it tells what came before.
_COMMANDS = {
    "data": re.compile(r"(?:in reply to|after|>>>) ?(?:the )?(?:end of )?data\b", re.IGNORECASE),
    "mail": re.compile(r"(?:in reply to|after|>>>) ?(?:the )?mail from", re.IGNORECASE),
    "rcpt": re.compile(r"(?:in reply to|after|>>>|our|smtp:) ?(?:the )?rcpt|recipient address rejected", re.IGNORECASE),
}
_FOLDED = (
    (re.compile(r"https?://\S{1,500}"), " "),
    (re.compile(r"<?[^\s<>]{1,254}@[^\s<>]{1,254}>?"), " "),
    (re.compile(r"\b[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}\b"), " "),
    (re.compile(r"(?<=\w)n['’]t\b"), " not"),
)
_WORD = re.compile(r"[^\W\d_]{2,20}")
_SAYS_NOTHING = {"0.0", "1.0", "2.0", "3.0", "5.0"}
# RFC 3463: of an address that is not there, and of what is about us.
_DEAD = {"1.1", "1.2", "1.3", "1.6", "1.10"}
_OURS = re.compile(r"7\.|1\.[78]$")
_SPEAKS_OF = {
    word: idea
    for idea, words in {
        "who": "user users mailbox recipient recipients account address addressee person member subscriber customer"
        " utilisateur destinataire adresse benutzer usuario utente",
        "unknown": "unknown invalid illegal nonexistent incorrect unrecognized inconnu inconnue unbekannt desconocido"
        " sconosciuto",
        "not": "not no cannot unable non",
        "exist": "exist exists existing found find valid known recognized listed available registered resolve existe",
        "place": "host domain hostname server site nameserver dns mx exchanger",
        "full": "full quota storage space exceeded exceeds",
        "spam": "spam junk unsolicited bulk virus malware phishing suspicious abuse spamhaus rbl dnsbl blacklist"
        " blacklisted blocklist reputation blocked block blocking listed banned",
        "policy": "policy policies spf dkim dmarc authentication authenticated unauthenticated authorized permission"
        " permitted prohibited denied refused relay relaying restricted ptr reverse helo ehlo preferences security",
        "off": "disabled inactive suspended deactivated locked discontinued",
        "size": "size large big length",
        "late": "timeout timed expired retry deferred delayed temporarily temporary later days hours attempts queue"
        " loop hops unreachable reset lost connection",
        "us": "sender from client ip",
    }.items()
    for word in words.split()
}
_GONE = {"unknown who", "who unknown", "not who", "who not", "not exist"}
_NOWHERE = {"unknown place", "place unknown", "not place", "place not"}


@dataclass(frozen=True)
class Case:
    """What a mail says of one recipient: its status, "" without one, its words, and the mail's whole text."""

    status: str
    words: str
    text: str
    is_hard: bool


@dataclass(frozen=True)
class Mail:
    """A mail, hard where one of its recipients is; `family` is shared by mails of one kind of host."""

    cases: tuple[Case, ...]
    is_hard: bool
    family: str


def predicted(mails: Sequence[Mail], *, apart: bool) -> Iterator[list[bool]]:
    """Yields, for each seed, whether each mail is called hard by a judge that learned from other folds only.

    `apart` keeps mails of one family in one fold.
    """
    own = [(_features(each), each.is_hard) for each in _refusals()]
    features = [[_features(case) for case in mail.cases] for mail in mails]
    truth = np.array([mail.is_hard for mail in mails])
    families = np.array([mail.family for mail in mails]) if apart else None
    kind = StratifiedGroupKFold if apart else StratifiedKFold
    for seed in range(SEEDS):
        called = [False] * len(mails)
        for others, judged in kind(FOLDS, shuffle=True, random_state=seed).split(truth, truth, families):
            known = [
                (row, case.is_hard)
                for place in others
                for row, case in zip(features[place], mails[place].cases, strict=True)
            ]
            rows, hard = zip(*known, *own, strict=True)
            vocabulary = CountVectorizer(analyzer=list, binary=True, min_df=2)
            model = LogisticRegression(C=3, max_iter=3_000).fit(vocabulary.fit_transform(rows), hard)
            for place in judged:
                if features[place]:
                    called[place] = bool(model.predict(vocabulary.transform(features[place])).any())
        yield called


def contradictions(mails: Sequence[Mail], *, with_status: bool) -> dict[str, int]:
    """Counts recipients of whom the same words were judged both ways; where asked for, with the same status."""
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for case in (case for mail in mails for case in mail.cases):
        status = (case.status or _first_status(case.words)) if with_status else ""
        found[status, " ".join(_words(_answer(case)))][case.is_hard] += 1
    both = [(soft, hard) for soft, hard in found.values() if soft and hard]
    return {
        "both_ways": len(both),
        "pairs": sum(soft * hard for soft, hard in both),
        "recipients": sum(soft + hard for soft, hard in both),
        "wrong_at_least": sum(min(each) for each in both),
    }


def _refusals() -> list[Case]:
    rows = [line.split("\t") for line in _REFUSALS.read_text().splitlines()]
    return [Case(status, words, "", verdict == "hard") for verdict, status, words in rows]


def _features(case: Case) -> list[str]:
    answer = _answer(case)
    statuses = [each.groups() for each in _STATUS.finditer(f"{case.status} {answer}")]
    named = {number for _, number in statuses} - _SAYS_NOTHING
    words = _words(answer)
    ideas = [_SPEAKS_OF[word] for word in words if word in _SPEAKS_OF]
    mixed = [_SPEAKS_OF.get(word, word) for word in words]
    command = _command(case)
    standing, about = _standing(named), _about(ideas)
    return sorted(
        {f"class {first}" for first, _ in statuses}
        | {f"subject {number.partition('.')[0]}" for _, number in statuses}
        | {f"status {number}" for _, number in statuses}
        | {f"code {each.group()}" for each in _CODE.finditer(answer)}
        | {f"code {each.group(1)}" for each in _CODE.finditer(answer)}
        | {f"word {word}" for word in words}
        | {f"idea {idea}" for idea in ideas}
        | {f"words {one} {two}" for one, two in pairwise(mixed)}
        | {f"ideas {one} {two}" for one, two in pairwise(ideas)}
        | {f"at {command}", f"standing {standing}", f"about {about}", f"about {about} at {command}"}
        | {f"about {about} standing {standing}", f"about {about} standing {standing} at {command}"}
    )


def _standing(named: set[str]) -> str:
    if not named:
        return "undefined"
    if named <= _DEAD:
        return "dead"
    return "ours" if any(_OURS.match(each) for each in named) else "other"


def _about(ideas: list[str]) -> str:
    pairs = {f"{one} {two}" for one, two in pairwise(ideas)}
    if {"spam", "policy"} & set(ideas):
        return "us"
    for idea in ("full", "off"):
        if idea in ideas:
            return idea
    if pairs & _NOWHERE:
        return "nowhere"
    return "gone" if pairs & _GONE else "nothing"


def _command(case: Case) -> str:
    for told in (case.words, case.text):
        plain = " ".join(told.split())
        for command, pattern in _COMMANDS.items():
            if pattern.search(plain):
                return command
    return "none"


def _answer(case: Case) -> str:
    """Returns the server's words; where none of them means anything, those of the text."""
    said = _from_code(_FIRST_ADDRESS.sub("", case.words))
    if any(word in _SPEAKS_OF for word in _words(said)):
        return said
    found = _ANSWER.search(case.text)
    return case.text[found.start() :][:_LONGEST] if found else f"{said} {case.text[: 3 * _LONGEST]}"


def _from_code(words: str) -> str:
    found = _ANSWER.search(words)
    return words[found.start() if found else 0 :][:_LONGEST]


def _words(said: str) -> list[str]:
    plain = said.lower()
    for pattern, instead in _FOLDED:
        plain = pattern.sub(instead, plain)
    return _WORD.findall(plain)[:_MOST_WORDS]


def _first_status(words: str) -> str:
    found = _STATUS.search(words)
    return found.group() if found else ""
