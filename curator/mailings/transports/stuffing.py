"""A message's content as SMTP carries it after DATA. Pure."""

import re


def as_data(content: bytes) -> bytes:
    """Returns the content as it follows DATA, without the final dot: whole CRLF lines, dots doubled (RFC 5321 4.5.2).

    A bare CR or LF becomes a line end: relays differ in what they take it for, and one that reads "LF dot LF" as the
    end would take what follows for commands.
    """
    ends = content.count(b"\r\n")
    if not content.count(b"\n") == ends == content.count(b"\r"):
        content = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed
