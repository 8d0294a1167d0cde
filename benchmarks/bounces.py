"""How often bounces are judged right, beside a judge that learns, flufl.bounce alone and listmonk's rule.

Our rules learn nothing, so folds only show the spread. What was seen while they were written is told apart from what
was not: `part` is "seen" or "held out". The judge that learns (`bounce_learned`) is measured by cross-validation. Needs
a folder of mails with verdicts (verdicts.jsonl); it is no part of the project.
"""

import argparse
import email
import json
import random
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from flufl.bounce import all_failures  # noqa: E402 - the checkout's own code is found first

from benchmarks import bounce_learned  # noqa: E402 - the same
from benchmarks.figures import say  # noqa: E402 - the same
from curator.events import dsn  # noqa: E402 - the same
from curator.events.bounces import wording  # noqa: E402 - the same
from curator.events.bounces.read import findings  # noqa: E402 - the same
from curator.events.bounces.values import Kind  # noqa: E402 - the same

DATA = ROOT.parent / "shared/data/bounces"
FOLDS = 5
# listmonk 5 (internal/bounce/mailbox): a status of 5 in a line of its own is hard, one of 4 soft; then these words.
_STATUS = re.compile(rb"^Status:\s*(?:\d{3}\s+)?([45])\.\d+\.\d+", re.IGNORECASE | re.MULTILINE)
_HARD = re.compile(
    rb"NXDOMAIN|user unknown|address not found|mailbox not found|address.{0,200}reject|does not exist|invalid recipient"
    rb"|no such user|recipient.{0,200}invalid|undeliverable|permanent.{0,200}(?:failure|error)|bad.{0,200}address"
    rb"|unknown.{0,200}user|(?:account|address).{0,200}disabled",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Judged:
    """A mail, whether somebody judged it hard, and whom it names."""

    content: bytes
    is_hard: bool
    recipients: frozenset[str]
    hard: frozenset[str]
    family: str


def main() -> None:
    """Prints a JSON line for each method and part, and one a fold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=DATA, help="mails and verdicts.jsonl")
    folder = parser.parse_args().folder
    if not (folder / "verdicts.jsonl").is_file():
        say(skipped=f"no mails with verdicts: {folder / 'verdicts.jsonl'} is not there")
        return
    mails = _mails(folder)
    order = list(range(len(mails)))
    random.Random(10).shuffle(order)  # noqa: S311 - a seed has to repeat it
    half = [mails[place] for place in sorted(order[: len(mails) // 2])]
    rest = [mails[place] for place in sorted(order[len(mails) // 2 :])]
    last = _second_half(_second_half(rest, seed=11), seed=12)
    held_out = {id(each) for each in last}
    seen = [*half, *(each for each in rest if id(each) not in held_out)]
    methods = {"curator": _ours, "flufl.bounce": _flufl, "listmonk's rule": _listmonk}
    for name, method in methods.items():
        for part, some in {"all": mails, "seen": seen, "held out": last}.items():
            say(method=name, part=part, **_figures(method, some))
        for fold in range(FOLDS):
            say(method=name, fold=fold + 1, **_figures(method, [mails[place] for place in order[fold::FOLDS]]))
    _say_learned([each for each in mails if each.recipients], held_out=held_out)


def _say_learned(mails: list[Judged], *, held_out: set[int]) -> None:
    """Tells what a judge that learns comes to, alone and where our rules agree with it; and how far verdicts agree."""
    cases = [_learnable(each) for each in mails]
    ruled = [_ours(each.content)[0] for each in mails]
    parts = {
        "all": list(range(len(mails))),
        "held out": [place for place, each in enumerate(mails) if id(each) in held_out],
    }
    for apart in (False, True):
        learned = list(bounce_learned.predicted(cases, apart=apart))
        agreed = [[one and other for one, other in zip(called, ruled, strict=True)] for called in learned]
        for name, seeds in {"learned": learned, "learned and curator agree": agreed}.items():
            for part, places in parts.items():
                some = [mails[place] for place in places]
                rows = [_counted(some, [called[place] for place in places]) for called in seeds]
                say(method=name, part=part, folds="hosts apart" if apart else "any", **_spread(rows))
    for verdicts, with_status in {"the same words and status": True, "the same words": False}.items():
        say(verdicts=verdicts, **bounce_learned.contradictions(cases, with_status=with_status))


def _spread(rows: list[dict[str, object]]) -> dict[str, object]:
    """Returns the mean and the range of what the seeds came to."""
    figures: dict[str, object] = {"seeds": len(rows)}
    for name in ("precision", "recall"):
        values = [value for each in rows if isinstance(value := each[name], float)]
        figures[name] = round(sum(values) / len(values), 3) if values else None
        figures[f"{name}_range"] = [min(values), max(values)] if values else None
    return figures


def _learnable(mail: Judged) -> bounce_learned.Mail:
    _, parts = dsn.opened(mail.content)
    text = wording.text_of(parts, returned=dsn.RETURNED)
    cases = []
    for found in findings(mail.content):
        names = {found.recipient.lower(), found.original.lower()}
        is_hard = bool(names & mail.hard) if names & mail.recipients else mail.is_hard
        if found.kind.is_bounce:
            cases.append(bounce_learned.Case(found.status, found.words, text, is_hard))
    return bounce_learned.Mail(tuple(cases), mail.is_hard, mail.family)


def _mails(folder: Path) -> list[Judged]:
    rows = [json.loads(line) for line in (folder / "verdicts.jsonl").read_text().splitlines()]
    return [
        Judged(
            (folder / row["file"]).read_bytes(),
            any(each["hard"] for each in row["verdicts"]),
            frozenset(each["recipient"].lower() for each in row["verdicts"]),
            frozenset(each["recipient"].lower() for each in row["verdicts"] if each["hard"]),
            row["file"].rpartition("-")[0],
        )
        for row in sorted(rows, key=lambda row: row["file"])
    ]


def _second_half(mails: list[Judged], *, seed: int) -> list[Judged]:
    order = list(range(len(mails)))
    random.Random(seed).shuffle(order)  # noqa: S311 - a seed has to repeat it
    return [mails[place] for place in sorted(order[len(mails) // 2 :])]


def _figures(method: Callable[[bytes], tuple[bool, set[str]]], mails: list[Judged]) -> dict[str, object]:
    """Counts mails that somebody judged: of a few the judge made nothing, which says neither hard nor soft."""
    judged = [each for each in mails if each.recipients]
    found = [method(each.content) for each in judged]
    named = sum(bool(each.recipients & names) for each, (_, names) in zip(judged, found, strict=True))
    counted = _counted(judged, [is_hard for is_hard, _ in found])
    return counted | {"right_recipient": round(named / len(judged), 3)}


def _counted(mails: list[Judged], verdicts: list[bool]) -> dict[str, object]:
    right = sum(each.is_hard and is_hard for each, is_hard in zip(mails, verdicts, strict=True))
    called, hard = sum(verdicts), sum(each.is_hard for each in mails)
    return {
        "mails": len(mails),
        "hard": hard,
        "precision": round(right / called, 3) if called else None,
        "recall": round(right / hard, 3) if hard else None,
    }


def _ours(content: bytes) -> tuple[bool, set[str]]:
    found = findings(content)
    names = {name.lower() for each in found for name in (each.recipient, each.original) if name}
    return any(each.kind is Kind.HARD for each in found), names


def _flufl(content: bytes) -> tuple[bool, set[str]]:
    temporary, permanent = all_failures(email.message_from_bytes(content))
    return bool(permanent), {each.decode("utf-8", "replace").lower() for each in {*temporary, *permanent}}


def _listmonk(content: bytes) -> tuple[bool, set[str]]:
    """It takes the recipient from a header of its own messages, which these mails never had."""
    status = _STATUS.search(content)
    return (status.group(1) == b"5" if status else bool(_HARD.search(content))), set()


if __name__ == "__main__":
    main()
