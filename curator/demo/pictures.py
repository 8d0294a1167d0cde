"""Shows a mail's pictures as mail programs do: left out with their words in their place, or kept within the page."""

import re
from base64 import b64encode
from collections.abc import Callable
from html import escape, unescape

_IMAGE = re.compile(r"<img\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_STARTS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))
# A mail with more pictures, or larger ones, shows what is left as if it was off: the page must not grow without end.
_MOST = 24
_MOST_BYTES = 300_000


def without_pictures(html: str) -> str:
    """Returns a mail's HTML with a frame in place of each picture, and in it the picture's words."""
    return _IMAGE.sub(lambda found: _placeholder(_attributes(found.group())), html)


def with_pictures(html: str, picture: Callable[[str], bytes | None]) -> str:
    """Returns a mail's HTML with its pictures within it, so that looking at it asks no other server.

    `picture` returns the bytes at an address, None when there are none; a picture that is none reads as left out.
    """
    kept: dict[str, str] = {}

    def shown(found: re.Match[str]) -> str:
        attributes = _attributes(found.group())
        url = attributes.get("src", "")
        if url.startswith("data:"):
            return found.group()
        if url not in kept and len(kept) < _MOST:
            kept[url] = _within(picture(url) or b"")
        if not kept.get(url):
            return _placeholder(attributes)
        return found.group().replace(escape(url), kept[url]).replace(url, kept[url])

    return _IMAGE.sub(shown, html)


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): unescape(double or single or bare) for name, double, single, bare in _ATTRIBUTE.findall(tag)}


def _within(content: bytes) -> str:
    kind = next((kind for start, kind in _STARTS if content.startswith(start)), None)
    if kind is None or len(content) > _MOST_BYTES:
        return ""
    return f"data:{kind};base64,{b64encode(content).decode()}"


def _placeholder(attributes: dict[str, str]) -> str:
    size = "".join(
        f"{name}:{value}px;" for name in ("width", "height") if (value := attributes.get(name, "")).isdigit()
    )
    look = "display:inline-block;box-sizing:border-box;border:1px dashed #767676;overflow:hidden;font-size:12px;"
    return f'<span style="{look}{size}">{escape(attributes.get("alt", ""))}</span>'
