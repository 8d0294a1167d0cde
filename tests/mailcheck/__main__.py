"""Holds every golden mail to what npm's checkers and a browser say, and prints a table: `make check-mail`."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curator.issues.render import MAX_HTML_BYTES
from tests.issues import goldens
from tests.mailcheck import window
from tests.mailcheck.mails import Mail, golden_mails

HERE = Path(__file__).parent
MAX_STYLE_BYTES = 16_000  # Gmail drops a style sheet past 16 KB, and with it the dark colours
MAX_OTHER_PIXELS = 0.001
MAX_SPAM = 0.0
WIDTHS = (600, 320)
# An npm that hangs must not hold up CI.
LIMIT_S = 300


@dataclass(frozen=True)
class Found:
    """What is known of one mail once everybody was asked. `spam` is None where SpamAssassin is not installed."""

    mail: Mail
    npm: dict[str, Any]
    other_pixels: tuple[float, ...]
    spam: float | None

    def faults(self, exceptions: dict[str, str]) -> list[str]:
        """Returns in words what is beyond its bar."""
        said = [f"MJML: {words}" for words in self.npm["invalid"]]
        said += [f"html-validate: {words}" for words in self.npm["faults"]]
        said += [f"caniemail: {name} is not listed" for name in self.npm["features"] if name not in exceptions]
        for width, share in zip(WIDTHS, self.other_pixels, strict=False):
            if share > MAX_OTHER_PIXELS:
                said.append(f"{share:.2%} of the pixels differ from npm mjml at {width} px")
        if self.mail.size > MAX_HTML_BYTES:
            said.append(f"{self.mail.size} bytes of HTML")
        if self.mail.style_bytes >= MAX_STYLE_BYTES:
            said.append(f"{self.mail.style_bytes} bytes of style sheets")
        if self.spam is not None and self.spam > MAX_SPAM:
            said.append(f"{self.spam} points from SpamAssassin")
        return [f"{self.mail.name}: {words}" for words in said]

    def row(self) -> tuple[str, ...]:
        """Returns the mail's line of the table."""
        pixels = " / ".join(f"{share:.3%}" for share in self.other_pixels) or "-"
        counts = (len(self.npm[kind]) for kind in ("invalid", "faults", "features"))
        spam = "-" if self.spam is None else f"{self.spam:.1f}"
        return (self.mail.name, *map(str, counts), pixels, str(self.mail.size), str(self.mail.style_bytes), spam)


HEADS = ("mail", "MJML", "html-validate", "caniemail", "other pixels 600 / 320", "bytes", "style", "spam")


def main() -> int:
    mails = golden_mails()
    npm = _npm(mails)
    pixels = _other_pixels(mails, npm)
    found = [Found(mail, npm[mail.name], pixels.get(mail.name, ()), _spam(mail.message)) for mail in mails]
    exceptions = json.loads((HERE / "exceptions.json").read_text(encoding="utf-8"))
    faults = [fault for each in found for fault in each.faults(exceptions)]
    used = {name for each in found for name in each.npm["features"]}
    faults += [f"exceptions.json: no mail uses {name} any more" for name in exceptions if name not in used]
    _print([HEADS, *(each.row() for each in found)])
    print(f"{len(used)} features beyond the MJML skeleton, each with its reason in tests/mailcheck/exceptions.json")
    if not shutil.which("spamassassin"):
        print("SpamAssassin is not installed, so no mail was given points.")
    print("\n".join(faults) or "Everything holds.")
    return 1 if faults else 0


def _npm(mails: list[Mail]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        for mail in mails:
            (Path(folder) / f"{mail.name}.mjml").write_text(mail.source, encoding="utf-8")
            (Path(folder) / f"{mail.name}.html").write_text(mail.html, encoding="utf-8")
        told = subprocess.run(["node", HERE / "check.mjs", folder], check=True, capture_output=True, timeout=LIMIT_S)
    return dict(json.loads(told.stdout))


def _other_pixels(mails: list[Mail], npm: dict[str, Any]) -> dict[str, tuple[float, ...]]:
    """Compares what mrml made with what npm mjml makes of the same source; the large one shows nothing new."""
    shares: dict[str, tuple[float, ...]] = {}
    with window.window() as page:
        for mail in (mail for mail in mails if mail.name not in goldens.LARGE):
            # Both get their links filled in the same way: slots do not show.
            pairs = [
                [window.picture(page, html, width=width) for html in (mail.html, npm[mail.name]["html"])]
                for width in WIDTHS
            ]
            shares[mail.name] = tuple(window.share_of_other_pixels(*pair) for pair in pairs)
    return shares


def _spam(message: bytes) -> float | None:
    if not (program := shutil.which("spamassassin")):
        return None
    told = subprocess.run([program, "-L", "-t"], input=message, capture_output=True, timeout=LIMIT_S, check=True)
    points = re.search(rb"score=(-?[\d.]+)", told.stdout)
    return float(points.group(1)) if points else None


def _print(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
