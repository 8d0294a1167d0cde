"""`curator events ...`: what became of mail that left."""

import json
from pathlib import Path

import click

from curator.errors import CuratorError
from curator.events.bounces.read import findings
from curator.events.bounces.values import Finding, Kind
from curator.events.parts import MAX_BYTES


class UnreadableError(CuratorError):
    """A file cannot be read."""


@click.group()
def events() -> None:
    """What became of mail that left."""


@events.command("classify")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
def classify(*, files: tuple[Path, ...]) -> None:
    """Say what mails that came back are about: JSON, a line a file.

    Each FILE holds one mail as it came (.eml, or a file of a Maildir). Nothing is written down.
    `kind` is hard, soft, complaint or none, the gravest of the mail's recipients; `findings` tells of each. A file that
    cannot be read ends the command after the others, with exit code 1.
    """
    failed: list[str] = []
    for file in files:
        try:
            click.echo(json.dumps(told(file), ensure_ascii=False))
        except OSError as error:
            failed.append(f"{file}: {error.strerror or error}")
    if failed:
        raise UnreadableError("; ".join(failed) + ". Name files that hold one mail each.")


def told(file: Path) -> dict[str, object]:
    """Returns what one file says. Raises OSError."""
    with file.open("rb") as mail:
        found = findings(mail.read(MAX_BYTES))
    gravest = min(found, key=lambda each: _GRAVITY.index(_kind(each)))
    return {
        "file": str(file),
        "recipients": [each.recipient for each in found if each.recipient],
        "kind": _kind(gravest),
        "reason": gravest.reason.value,
        "status": gravest.status,
        "words": gravest.words,
        "findings": [
            {
                "recipient": each.recipient,
                "original": each.original,
                "kind": each.kind.value,
                "reason": each.reason.value,
                "status": each.status,
                "words": each.words,
            }
            for each in found
        ],
    }


_GRAVITY = ("hard", "complaint", "soft", "none")


def _kind(finding: Finding) -> str:
    return finding.kind.value if finding.kind in (Kind.HARD, Kind.SOFT, Kind.COMPLAINT) else "none"
