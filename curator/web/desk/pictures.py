"""A mail's pictures as the preview shows them: a grey field for each, or only their words. No other site is asked."""

import re
from base64 import b64encode
from html import escape, unescape

_IMAGE = re.compile(r"<img\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_FIELD = b64encode(
    b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64' preserveAspectRatio='xMidYMid slice'>"
    b"<rect width='64' height='64' fill='#b9b4a8'/><path d='M4 56 24 30l12 14 8-10 16 22z' fill='#8d877a'/>"
    b"<circle cx='46' cy='18' r='6' fill='#8d877a'/></svg>"
).decode()


def ours(html: str, public_url: str) -> str:
    """Returns a mail with our own pictures from where the page comes from: the desk may have another host."""
    return _IMAGE.sub(lambda found: found.group().replace(f'"{public_url}/', '"/', 1), html)


def remote(html: str) -> int:
    """Returns how many pictures of other sites are in a mail."""
    return sum(_source(found.group()).startswith(("http:", "https:")) for found in _IMAGE.finditer(html))


def with_fields(html: str) -> str:
    """Returns a mail's HTML with a grey field in place of every picture of another site, as large and as described."""

    def shown(found: re.Match[str]) -> str:
        tag, source = found.group(), _source(found.group())
        if not source.startswith(("http:", "https:")):
            return tag
        raw = next((raw for raw in (source, escape(source)) if raw in tag), "")
        return tag.replace(raw, f"data:image/svg+xml;base64,{_FIELD}", 1) if raw else _words(tag)

    return _IMAGE.sub(shown, html)


def without(html: str) -> str:
    """Returns a mail's HTML as programs show it that load no pictures: a frame, and the picture's words in it."""
    return _IMAGE.sub(lambda found: _words(found.group()), html)


def _words(tag: str) -> str:
    attributes = _attributes(tag)
    size = "".join(
        f"{name}:{value}px;" for name in ("width", "height") if (value := attributes.get(name, "")).isdigit()
    )
    look = "display:inline-block;box-sizing:border-box;border:1px dashed #767676;overflow:hidden;font-size:12px;"
    return f'<span style="{look}{size}">{escape(attributes.get("alt", ""))}</span>'


def _source(tag: str) -> str:
    return _attributes(tag).get("src", "")


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): unescape(double or single or bare) for name, double, single, bare in _ATTRIBUTE.findall(tag)}
