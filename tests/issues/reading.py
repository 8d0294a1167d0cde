"""HTML as a mail client's parser sees it: links, attributes, words, and whether every element is closed."""

from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "meta", "wbr", "input", "link"}


class Page(HTMLParser):
    """Reads a page; `tags` lists (name, attributes), `words` every piece of text outside head."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.unclosed: list[str] = []
        self.stray: list[str] = []
        self.feed(html)
        self.close()

    @property
    def links(self) -> list[str]:
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def attributes(self, tag: str, name: str) -> list[str]:
        return [attributes[name] for found, attributes in self.tags if found == tag and name in attributes]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if self.unclosed and self.unclosed[-1] == tag:
            self.unclosed.pop()
        else:
            self.stray.append(tag)

    def handle_data(self, data: str) -> None:
        if not {"head", "style", "script"} & set(self.unclosed):
            self.words.append(data)
