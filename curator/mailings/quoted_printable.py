"""Text as quoted-printable lines that no relay has to change (RFC 2045 6.7). Pure."""

import binascii

SOFT_BREAK = b"=\r\n"
"""Ends a line without ending the text's own."""

LINE = 76
"""What a line has at most, the sign of a soft break included."""

_DOT = b"=2E"
# A blank at a line's end is written as "=20" or "=09".
_BLANK = 3


def quoted_printable(text: str) -> bytes:
    """Returns a text as lines of at most 76 characters, ended by CRLF, none of which begins with a dot.

    SMTP doubles a dot at the beginning of a line (RFC 5321 4.5.2); where there is none, nobody has to look for it.
    """
    raw = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    encoded: bytes = binascii.b2a_qp(raw, istext=True)
    lines = encoded.replace(b"\r\n", b"\n").split(b"\n")
    if any(len(line) > LINE for line in lines):
        lines = [part for line in lines for part in _folded(line)]
    return b"\r\n".join(_undotted(line) if line.startswith(b".") else line for line in lines)


def _folded(line: bytes) -> list[bytes]:
    """Returns a line that the library left too long as two: it folds first, and writes a blank at the end longer."""
    return [line] if len(line) <= LINE else [line[:-_BLANK] + b"=", line[-_BLANK:]]


def _undotted(line: bytes) -> bytes:
    """Returns a line that begins with dots as lines that do not."""
    done: list[bytes] = []
    while line.startswith(b"."):
        if len(line) + len(_DOT) - 1 <= LINE:
            return b"".join((*done, _DOT, line[1:]))
        done.append(_DOT + SOFT_BREAK)
        line = line[1:]
    return b"".join((*done, line))
