"""Which CSS and HTML every mail program of weight knows, and what a mail uses beyond that (caniemail.com). Pure."""

from curator.issues.markup.read import Markup

_SIDES = ("", "-top", "-right", "-bottom", "-left")
_PROPERTIES = frozenset(
    {
        *(f"{name}{side}" for name in ("margin", "padding", "border") for side in _SIDES),
        *(f"border{side}-{what}" for side in _SIDES for what in ("color", "style", "width")),
        *("background", "background-color", "border-collapse", "border-radius", "border-spacing", "color", "direction"),
        *("font", "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing", "line-height"),
        *(
            "list-style",
            "list-style-type",
            "max-height",
            "max-width",
            "min-width",
            "outline",
            "overflow",
            "table-layout",
        ),
        *("text-align", "text-decoration", "text-transform", "unicode-bidi", "vertical-align", "visibility", "width"),
        *("white-space", "word-break", "word-spacing", "word-wrap", "overflow-wrap", "color-scheme"),
        *("supported-color-schemes", "display: block", "display: inline", "display: inline-block", "display: none"),
        *("display: table", "display: table-cell", "display: table-row"),
    }
)
"""What the skeleton uses, and its like: known to Gmail, Apple, Outlook and Yahoo, or of no harm where it is not."""

_OWN = ("mso-", "-webkit-", "-ms-", "-moz-")
_AT_RULES = frozenset({"media"})
_ELEMENTS = frozenset(
    {
        *(
            "a",
            "abbr",
            "b",
            "blockquote",
            "body",
            "br",
            "cite",
            "code",
            "div",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
        ),
        *("head", "hr", "html", "i", "img", "li", "meta", "ol", "p", "small", "span", "strong", "style", "sub", "sup"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "u", "ul", "q", "s", "bdi", "bdo", "base"),
    }
)


def beyond(markup: Markup) -> list[str]:
    """Returns in words what a mail uses beyond the baseline, in alphabetical order."""
    properties = {each for each in markup.properties - _PROPERTIES if not each.startswith((*_OWN, "--"))}
    own = {f"the variable {each}" for each in markup.properties if each.startswith("--")}
    at_rules = {f"@{each}" for each in markup.at_rules - _AT_RULES}
    elements = {f"<{each}>" for each in markup.elements - _ELEMENTS}
    return sorted(properties | own | at_rules | elements)
