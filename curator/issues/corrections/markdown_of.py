"""A document's small HTML as the Markdown that makes it: what an editor corrects is not kept as it was typed. Pure."""

import re
from html.parser import HTMLParser

# Whatever could begin something in Markdown; a backslash before any of them is only that sign.
_SIGNS = re.compile(r"([\\`*_\[\]<>&])")
_MARKS = {"strong": "**", "em": "*"}


def markdown_of(html: str) -> str:
    """Returns Markdown that `issues.markdown.html` makes the same words and links of."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "\n\n".join(paragraph for each in reader.paragraphs if (paragraph := each.strip()))


class _Reader(HTMLParser):
    """Writes p, strong, em, a, code and br as Markdown, and everything else as its words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs = [""]
        self._targets: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag:
            case "p":
                self.paragraphs.append("")
            case "br":
                self._write("\n")
            case "a":
                self._targets.append(dict(attrs).get("href") or "")
                self._write("[")
            case "code":
                self._is_code = True
                self._write("`")
            case _:
                self._write(_MARKS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "a":
                target = self._targets.pop() if self._targets else ""
                self._write(f"](<{target}>)")
            case "code":
                self._is_code = False
                self._write("`")
            case _:
                self._write(_MARKS.get(tag, ""))

    def handle_data(self, data: str) -> None:
        # A line's end stands in the HTML behind each br, which has written it already.
        bare = data.replace("\n", "")
        self._write(bare if self._is_code else _SIGNS.sub(r"\\\1", bare))

    def _write(self, words: str) -> None:
        self.paragraphs[-1] += words
