"""Runs axe's rules over a mail in Chromium: light and dark, wide and narrow, with no way to any network."""

import html as entities
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curator.issues.markup.schemes import in_scheme
from curator.issues.preflight.programs import said_by
from curator.issues.preflight.values import Machine, NoLookError, Note, Said, Shown, Weight

HERE = Path(__file__).parent
WIDTHS, SCHEMES = (640, 320), ("light", "dark")

_WITHIN_S = 60.0
_OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
    # They hold for a page, and a mail is always shown inside another.
    "rules": {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}},
}
# Nothing is ever asked for: no name is known, and the only proxy is a port at which nobody listens.
_FLAGS = (
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-pings", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>"),
    *("--window-size=720,1300", "--virtual-time-budget=30000", "--dump-dom"),
)
_TOLD = re.compile(r'<pre id="told">(.*?)</pre>', re.DOTALL)
_SHOWN = 5
_IMPACTS = {"critical": Weight.SERIOUS, "serious": Weight.SERIOUS}


@dataclass(frozen=True)
class Chromium:
    """The browser at a path; a run of it starts with nothing and leaves nothing."""

    path: str
    within_s: float = _WITHIN_S

    @property
    def machine(self) -> Machine:
        """Which program it is."""
        return Machine.AXE

    def look(self, mail: Shown) -> Said:
        """Returns what axe found in every width and scheme. Raises NoLookError."""
        with tempfile.TemporaryDirectory(prefix="curator-axe-", ignore_cleanup_errors=True) as folder:
            page = Path(folder) / "page.html"
            page.write_text(_page(mail.html), encoding="utf-8")
            # As root it has no sandbox to offer; what it shows is our own mail, and none of its scripts may run.
            sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
            command = (self.path, *_FLAGS, *sandbox, f"--user-data-dir={folder}/profile", page.as_uri())
            environ = {"PATH": os.defpath, "HOME": folder, "LANG": "C.UTF-8"}
            told = said_by(command, name="Chromium", within_s=self.within_s, environ=environ)
        return read(told.decode("utf-8", "replace"))


def read(dom: str) -> Said:
    """Returns what the page says that axe found. Raises NoLookError where it says nothing."""
    found = _TOLD.search(dom)
    try:
        looks = json.loads(entities.unescape(found[1])) if found else None
    except ValueError:
        looks = None
    if not isinstance(looks, list) or len(looks) != len(WIDTHS) * len(SCHEMES):
        raise NoLookError("Chromium showed the mail, and axe came to no end in it.")
    passed = min(int(look["passes"]) for look in looks)
    return Said(tuple(_notes(looks)), passed, version=str(looks[0]["version"]))


def _notes(looks: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    """One note for each rule, whatever the number of settings that it was broken in."""
    by_rule: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for look in looks:
        for violation in look["violations"]:
            by_rule.setdefault(str(violation["id"]), []).append((str(look["name"]), violation))
    for rule, found in by_rule.items():
        first = found[0][1]
        where = dict.fromkeys(str(node) for _, violation in found for node in violation["nodes"])
        weight = _IMPACTS.get(str(first["impact"]), Weight.MINOR)
        yield Note(rule, str(first["help"]), weight, tuple(where)[:_SHOWN], tuple(name for name, _ in found))


def _page(mail: str) -> str:
    nonce = secrets.token_urlsafe(16)
    settings = [
        {"name": f"{scheme}, {width} px", "width": width, "html": in_scheme(mail, scheme)}
        for scheme in SCHEMES
        for width in WIDTHS
    ]
    # Nothing in JSON needs a "<" as it is, and one would end the element.
    asked = json.dumps({"settings": settings, "options": _OPTIONS}).replace("<", "\\u003c")
    axe, run = (HERE / "vendor" / "axe.min.js").read_text(), (HERE / "run_axe.js").read_text()
    policy = f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>axe</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"></head><body><pre id="told"></pre>'
        f'<script type="application/json" id="asked">{asked}</script>'
        f'<script nonce="{nonce}" id="axe">{axe}</script><script nonce="{nonce}">{run}</script></body></html>'
    )
