"""A message's content as SMTP carries it after DATA. Pure."""

import re

_LINE_END = re.compile(rb"\r\n|\r|\n")


def whole_lines(content: bytes) -> bytes:
    """Returns the content with every line ended by CRLF, the last one too.

    A bare CR or LF becomes a line end: relays differ in what they take it for, and one that reads "LF dot LF" as the
    end of a message would take what follows for commands.
    """
    ends = content.count(b"\r\n")
    if not content.count(b"\n") == ends == content.count(b"\r"):
        content = _LINE_END.sub(b"\r\n", content)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def as_data(content: bytes) -> bytes:
    """Returns the content as it follows DATA, without the final dot: whole lines, dots doubled (RFC 5321 4.5.2)."""
    stuffed = whole_lines(content).replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed
