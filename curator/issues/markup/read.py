"""Reads a rendered mail: words with their colours in both schemes, headings, pictures, links, used CSS. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import html as lxml_html
from lxml.etree import LxmlError

from curator.issues.markup.colors import color_in
from curator.issues.markup.css import Declaration, Sheet, declarations, sheet
from curator.issues.markup.selectors import Element, Selector, selector

LIGHT, DARK = "light", "dark"
_HEADING = re.compile(r"h([1-6])")
_PIXELS = re.compile(r"(-?\d+(?:\.\d+)?)px")
_LOOKED_AT = frozenset({"color", "background", "background-color", "font-size", "font-weight", "display", "visibility"})
# No words of it are shown.
_SILENT = frozenset({"script", "style", "head", "title", "template"})
_BOLD = frozenset({"b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"})

Style = dict[str, str]


@dataclass(frozen=True)
class Ink:
    """The colour of words and of what is behind them in one scheme; None where the mail does not say."""

    color: str | None = "#000000"
    ground: str | None = "#ffffff"


@dataclass(frozen=True)
class Run:
    """A piece of words that look alike."""

    words: str
    light: Ink
    dark: Ink
    size: float
    is_bold: bool
    is_spoken: bool

    @property
    def is_large(self) -> bool:
        """Whether less contrast is enough for it (WCAG 2.2, 1.4.3): 24 px, or 18.66 px and bold."""
        return self.size >= 24 or (self.is_bold and self.size >= 18.66)


@dataclass(frozen=True)
class Heading:
    """A heading and its level, 1 to 6."""

    level: int
    words: str


@dataclass(frozen=True)
class Picture:
    """A picture; `alt` is None where it has no such attribute, sizes are empty where they are not said."""

    source: str
    alt: str | None
    width: str
    height: str


@dataclass(frozen=True)
class Anchor:
    """A link with the name by which a screen reader tells it."""

    target: str
    name: str


@dataclass(frozen=True)
class Markup:
    """A rendered mail as it is read; what nobody sees is left out of runs, headings and anchors."""

    runs: tuple[Run, ...] = ()
    headings: tuple[Heading, ...] = ()
    pictures: tuple[Picture, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    style_bytes: int = 0
    properties: frozenset[str] = frozenset()
    at_rules: frozenset[str] = frozenset()
    elements: frozenset[str] = frozenset()
    language: str = ""

    @property
    def words(self) -> str:
        """All words that are seen, one space between them."""
        return " ".join(" ".join(run.words for run in self.runs).split())


def markup(html: str) -> Markup:
    """Returns what a mail's HTML says, as much of it as can be read; it raises nothing."""
    try:
        root = lxml_html.document_fromstring(html.encode("utf-8", "replace"), parser=_parser())
    except (LxmlError, ValueError):
        return Markup()
    elements = [each for each in root.iter() if isinstance(each.tag, str)]
    blocks = [each.text or "" for each in elements if each.tag == "style"]
    styles = sheet("\n".join(blocks))
    looks = _Looks(styles)
    seen = [(each, looks.hidden(each)) for each in elements]
    shown = [each for each, is_hidden in seen if not is_hidden]
    return Markup(
        runs=tuple(_runs(root, looks)),
        headings=tuple(_headings(shown)),
        pictures=tuple(map(_picture, (each for each in elements if each.tag == "img"))),
        anchors=tuple(_anchors(shown)),
        style_bytes=sum(len(each.encode("utf-8", "replace")) for each in blocks),
        properties=frozenset(_properties(elements, styles)),
        at_rules=styles.at_rules,
        elements=frozenset(each.tag for each in elements),
        language=root.get("lang") or "",
    )


@dataclass(frozen=True)
class _Known:
    """One selector of the sheet with what it declares; of equals the one at the later `place` counts."""

    place: int
    selector: Selector
    told: tuple[Declaration, ...]


class _Looks:
    """What the style sheet and style attributes make of each element; each is asked once."""

    def __init__(self, styles: Sheet) -> None:
        self._rules = {scheme: _by_key(styles, scheme) for scheme in (LIGHT, DARK)}
        self._styles: dict[tuple[Element, str], Style] = {}
        self._hidden: dict[Element, bool] = {}

    def style(self, element: Element, scheme: str) -> Style:
        """Returns the properties that count for an element itself, without what it inherits."""
        asked = element, scheme
        if asked not in self._styles:
            self._styles[asked] = self._style(element, scheme)
        return self._styles[asked]

    def hidden(self, element: Element) -> bool:
        """Tells whether nobody sees an element, because of itself or of what it stands in."""
        if element not in self._hidden:
            parent = element.getparent()
            is_inside = parent is not None and self.hidden(parent)
            self._hidden[element] = is_inside or _is_hidden(element, self.style(element, LIGHT))
        return self._hidden[element]

    def _style(self, element: Element, scheme: str) -> Style:
        rules = self._rules[scheme]
        keys = (*(f".{name}" for name in (element.get("class") or "").split()), element.tag, "")
        fitting = [each for key in keys for each in rules.get(key, ()) if each.selector.fits(element)]
        found = [
            ((one.is_important, False, each.selector.weight, each.place), one) for each in fitting for one in each.told
        ]
        own = [one for one in declarations(element.get("style") or "") if one.name in _LOOKED_AT]
        found += [((one.is_important, True, (0, 0, 0), place), one) for place, one in enumerate(own)]
        return {_one_name(one.name): one.value for _, one in sorted(found, key=lambda pair: pair[0])}


def _by_key(styles: Sheet, scheme: str) -> dict[str, list[_Known]]:
    """Returns a scheme's selectors by a class or name that an element must have, "" for those that ask for neither."""
    found: dict[str, list[_Known]] = {}
    counting = (rule for rule in styles.rules if rule.holds_in(scheme))
    pairs = ((rule, selector(text)) for rule in counting for text in rule.selectors)
    for place, (rule, each) in enumerate(pairs):
        told = tuple(one for one in rule.declarations if one.name in _LOOKED_AT)
        if each is not None and told:
            found.setdefault(each.key, []).append(_Known(place, each, told))
    return found


@dataclass(frozen=True)
class _Around:
    """What an element inherits."""

    light: Ink = Ink()
    dark: Ink = Ink()
    size: float = 16.0
    is_bold: bool = False
    is_spoken: bool = True


def _runs(root: Element, looks: _Looks) -> Iterator[Run]:
    """Walks in the order of the page, without recursion: hostile markup nests deeply."""
    waiting: list[tuple[Element | str, _Around]] = [(root, _Around())]
    while waiting:
        what, around = waiting.pop()
        if isinstance(what, str):
            if words := " ".join(what.split()):
                yield Run(words, around.light, around.dark, around.size, around.is_bold, around.is_spoken)
            continue
        if looks.hidden(what) or what.tag in _SILENT:
            continue
        own = _inside(what, around, looks)
        for child in reversed(what):
            waiting.append((child.tail or "", own))
            if isinstance(child.tag, str):
                waiting.append((child, own))
        waiting.append((what.text or "", own))


def _inside(element: Element, around: _Around, looks: _Looks) -> _Around:
    light, dark = looks.style(element, LIGHT), looks.style(element, DARK)
    weight = light.get("font-weight", "bold" if element.tag in _BOLD else "")
    return replace(
        around,
        light=_ink(element, around.light, light),
        dark=_ink(element, around.dark, dark),
        size=_size(light.get("font-size", ""), around.size),
        is_bold=around.is_bold if not weight else weight in ("bold", "bolder", "600", "700", "800", "900"),
        is_spoken=around.is_spoken and element.get("aria-hidden") != "true",
    )


def _ink(element: Element, around: Ink, style: Style) -> Ink:
    color = style.get("color", "")
    ground = style.get("background-color", element.get("bgcolor") or "")
    is_see_through = not ground or ground.lower() in ("none", "transparent", "inherit", "initial")
    return Ink(
        around.color if color.lower() in ("", "inherit") else color_in(color),
        around.ground if is_see_through else color_in(ground),
    )


def _size(value: str, around: float) -> float:
    found = _PIXELS.fullmatch(value.strip())
    return float(found[1]) if found else 0.0 if value.strip() == "0" else around


def _is_hidden(element: Element, style: Style) -> bool:
    return style.get("display") == "none" or style.get("visibility") == "hidden" or element.get("hidden") is not None


def _one_name(name: str) -> str:
    """The short form of a background sets its colour as well."""
    return "background-color" if name == "background" else name


def _headings(shown: Sequence[Element]) -> Iterator[Heading]:
    for element in shown:
        if found := _HEADING.fullmatch(element.tag):
            yield Heading(int(found[1]), _said(element))


def _picture(element: Element) -> Picture:
    size = (element.get("width") or "").strip(), (element.get("height") or "").strip()
    return Picture(element.get("src") or "", element.get("alt"), *size)


def _anchors(shown: Sequence[Element]) -> Iterator[Anchor]:
    for element in shown:
        if element.tag == "a" and element.get("href"):
            alts = " ".join(each.get("alt") or "" for each in element.iter("img"))
            yield Anchor(element.get("href"), (element.get("aria-label") or f"{_said(element)} {alts}").strip())


def _said(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _properties(elements: Sequence[Element], styles: Sheet) -> Iterator[str]:
    for rule in styles.rules:
        yield from map(_used, rule.declarations)
    for element in elements:
        yield from map(_used, declarations(element.get("style") or ""))


def _used(each: Declaration) -> str:
    """A property, with its value where the same property is known in one way and not in another."""
    return f"{each.name}: {each.value.lower()}" if each.name in ("display", "position") else each.name


def _parser() -> lxml_html.HTMLParser:
    return lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
