"""Programs that are not ours are run within a time, and whatever they answer is read or refused in words."""

import json
import stat
import threading
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.issues.preflight import chromium, spam
from curator.issues.preflight.chromium import Chromium
from curator.issues.preflight.programs import said_by
from curator.issues.preflight.spam import SpamAssassin
from curator.issues.preflight.values import NoLookError, Note, Said, Shown, Weight

ANSWER = b"""X-Spam-Checker-Version: SpamAssassin 4.0.1 (2024-03-26) on newsroom
X-Spam-Level: *
X-Spam-Status: No, score=1.3 required=5.0 tests=HTML_MESSAGE,
\tMIME_HTML_MOSTLY,NO_RELAYS autolearn=no autolearn_force=no version=4.0.1
X-Spam-Report:
\t* -0.0 NO_RELAYS Informational: message was not relayed via SMTP
\t*  0.0 HTML_MESSAGE BODY: HTML included in message
\t*  1.3 MIME_HTML_MOSTLY BODY: Multipart message mostly text/html
\t*      MIME
Subject: What a vector index forgets

Hello
"""


def _program(folder: Path, body: str) -> str:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def _dom(told: object) -> str:
    return f'<html><body><pre id="told">{escape(json.dumps(told))}</pre></body></html>'


def _look(name: str, *violations: dict[str, object], passes: int = 30) -> dict[str, object]:
    return {"name": name, "passes": passes, "version": "4.12.1", "violations": list(violations)}


def _violation(rule: str, impact: str, *nodes: str) -> dict[str, object]:
    return {"id": rule, "help": f"{rule} must hold", "impact": impact, "nodes": list(nodes)}


def test_a_spam_filters_score_and_points_are_read() -> None:
    assert spam.read(ANSWER) == Said(
        (
            Note("HTML_MESSAGE", "BODY: HTML included in message", Weight.NOTE, points=0.0),
            Note("MIME_HTML_MOSTLY", "BODY: Multipart message mostly text/html", Weight.NOTE, points=1.3),
        ),
        score=1.3,
        version="4.0.1",
    )


def test_the_spam_filter_is_given_the_message_and_asked_for_no_network(tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(ANSWER)
    path = _program(tmp_path, f'echo "$@" > {tmp_path}/asked; cat > {tmp_path}/given; cat {tmp_path}/answer')
    assert SpamAssassin(path).look(Shown("", b"Subject: Hello\r\n\r\n")).score == 1.3
    assert "--local" in (tmp_path / "asked").read_text().split()
    assert (tmp_path / "given").read_bytes() == b"Subject: Hello\r\n\r\n"


def test_a_mail_of_which_no_message_can_be_made_is_not_asked_about(tmp_path: Path) -> None:
    with pytest.raises(NoLookError, match="No message"):
        SpamAssassin(_program(tmp_path, "exit 0")).look(Shown("<p>"))


@given(st.binary(max_size=300))
def test_an_answer_without_a_score_is_refused_whatever_it_is(answer: bytes) -> None:
    if b"X-Spam-Status" in answer:
        return
    with pytest.raises(NoLookError, match="no score"):
        spam.read(answer)


def test_a_program_that_fails_or_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(NoLookError, match="ended with status 3"):
        said_by([_program(tmp_path, "exit 3")], name="It", within_s=20)
    with pytest.raises(NoLookError, match="cannot be started"):
        said_by([str(tmp_path / "none")], name="It", within_s=20)


def test_a_program_that_takes_too_long_ends_with_all_that_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    path = _program(tmp_path, f"sleep 600 & echo $! > {pid}; wait")
    with pytest.raises(NoLookError, match="took longer than 2 s"):
        said_by([path], name="It", within_s=2)
    assert _comes_to_an_end(int(pid.read_text()))


def _comes_to_an_end(pid: int, *, within_s: float = 60) -> bool:
    """Tells whether a process that was told to end is gone, or only kept for its parent to read."""
    state, patience = Path(f"/proc/{pid}/stat"), threading.Event()
    for _ in range(int(within_s * 20)):
        try:
            if state.read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        patience.wait(0.05)
    return False


def test_what_axe_found_in_several_settings_is_one_note_a_rule() -> None:
    contrast = _violation("color-contrast", "serious", "<p>pale</p>")
    order = _violation("heading-order", "moderate", "<h4>x</h4>")
    looks = [
        _look("light, 640 px"),
        _look("light, 320 px", order, passes=28),
        _look("dark, 640 px", contrast),
        _look("dark, 320 px", contrast, order),
    ]
    said = chromium.read(_dom(looks))
    assert (said.passed, said.version) == (28, "4.12.1")
    assert said.notes == (
        Note(
            "heading-order",
            "heading-order must hold",
            Weight.MINOR,
            ("<h4>x</h4>",),
            ("light, 320 px", "dark, 320 px"),
        ),
        Note(
            "color-contrast",
            "color-contrast must hold",
            Weight.SERIOUS,
            ("<p>pale</p>",),
            ("dark, 640 px", "dark, 320 px"),
        ),
    )


@pytest.mark.parametrize("dom", ["", "<pre id='told'></pre>", _dom({"error": "x"}), _dom([]), _dom(3)])
def test_a_page_in_which_axe_came_to_no_end_is_refused(dom: str) -> None:
    with pytest.raises(NoLookError, match="no end"):
        chromium.read(dom)


def test_the_page_for_chromium_holds_the_mail_as_words_and_asks_nobody_for_anything(tmp_path: Path) -> None:
    path = _program(
        tmp_path, f'for last; do :; done; cat "${{last#file://}}" > {tmp_path}/page; echo "$@" > {tmp_path}/asked'
    )
    with pytest.raises(NoLookError):
        Chromium(path).look(Shown("</script><script>alert(1)</script>"))
    page, asked = (tmp_path / "page").read_text(), (tmp_path / "asked").read_text()
    assert "<script>alert" not in page
    assert "default-src 'none'" in page
    assert "--proxy-server=127.0.0.1:9" in asked
    assert "--user-data-dir=" in asked
    assert not Path(asked.partition("--user-data-dir=")[2].split()[0]).exists(), "nothing is left"
