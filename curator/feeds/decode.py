"""Bytes to text: which encoding a feed document is really written in."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML 1.0 appendix F: the first "<?" tells wide encodings apart.
_WIDE = (
    (b"<\0\0\0?\0\0\0", "utf-32-le"),
    (b"\0\0\0<\0\0\0?", "utf-32-be"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,500}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
# What servers call Latin-1 is Windows-1252, and GB2312 is GB18030 (WHATWG Encoding Standard).
_REALLY = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}
# Python calls these text encodings too; punycode takes quadratic time (1.5 s for 80 kB).
_REFUSED = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})


def text_of(body: bytes, *, content_type: str) -> str:
    """Returns the document's text; bytes that fit nothing become U+FFFD, so nothing is raised.

    A byte order mark wins. Then UTF-8, when the bytes are that and more than ASCII: whatever else is declared is
    wrong, other encodings do not look like it by chance. Then the header's charset, then the document's own.
    """
    for start, encoding in _BOMS:
        if body.startswith(start):
            return body[len(start) :].decode(encoding, "replace")
    for start, encoding in _WIDE:
        if body.startswith(start):
            return body.decode(encoding, "replace")
    declared = _declared(body, content_type)
    for encoding in (*(() if body.isascii() else ("utf-8",)), *declared):
        try:
            return body.decode(encoding)
        except UnicodeError:
            continue
    return _repaired(body)


def _declared(body: bytes, content_type: str) -> list[str]:
    in_header = _HTTP_CHARSET.search(content_type)
    in_document = _XML_CHARSET.search(body[:1000])
    names = [in_header[1] if in_header else "", in_document[1].decode("ascii", "replace") if in_document else ""]
    return [encoding for name in names if (encoding := _usable(name))]


def _usable(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name if name else ""
        b"".decode(found or "ascii")  # codecs that are none of text (zip, rot13) are a LookupError here
    except (LookupError, UnicodeError):
        return None
    return None if found in _REFUSED or not found else _REALLY.get(found, found)


def _repaired(body: bytes) -> str:
    """Takes UTF-8 with some damage for UTF-8; what has more damage than letters is Windows-1252."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    letters = sum(1 for character in text if character > "\x7f") - bad
    return text if letters > bad else body.decode("cp1252", "replace")
