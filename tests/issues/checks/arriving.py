"""Examples for rules on delivery, accessibility, pictures and targets: faults, and what is near to one and is none."""

from dataclasses import replace

from curator.issues.checks.values import Facts, LinkFate, LinkLook, Mail
from curator.issues.pictured import Standing
from curator.issues.preflight.values import Machine, MailLook, Note, Weight
from curator.issues.proof import Proof
from curator.issues.values import Document, DocumentItem, Link, Placement, link_slot
from curator.pictures.values import Picture, PictureRow, PictureState, Source, Use
from tests.issues import documents
from tests.issues.checks.facts import BLURB, NOW, TITLE, facts, issue, link, mail

WAY_OUT = "<https://news.example.org/u/abc>"
HEADERS = (
    ("From", '"The Wave" <wave@podcast.example>'),
    ("To", "reader@example.org"),
    ("Subject", TITLE),
    ("Date", "Mon, 16 Nov 2026 09:00:00 +0000"),
    ("Message-ID", "<m1.s1.abc@podcast.example>"),
    ("List-Id", "<wave.podcast.example>"),
    ("List-Unsubscribe", WAY_OUT),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
)
SIGNED = ("from", "to", "subject", "date", "list-unsubscribe", "list-unsubscribe-post")
PICTURE = "https://latentwaves.example/art/41.png"


def _proof(*, without: str = "", signed: tuple[str, ...] = SIGNED, **changed: str) -> Facts:
    given = [(name, changed.get(name.replace("-", "_"), value)) for name, value in HEADERS if name != without]
    return facts(proof=Proof(tuple(given), (signed,), 40_000))


def _more(*headers: tuple[str, str]) -> Facts:
    return facts(proof=Proof((*HEADERS, *headers), (SIGNED,), 40_000))


def _shown(body: str = "", **fields: object) -> Facts:
    return facts(mail=mail(body, **fields))  # type: ignore[arg-type]  # a builder's fields are as its test gives them


def _linked(text: str, *, placement: Placement = Placement.TEXT, url: str = "https://example.org/x") -> Facts:
    body = f'<p><a href="{link_slot(1)}">the paper</a></p>'
    return _shown(body, text=text, links=(Link(1, url, placement, 1, "Trends", "the paper"),))


def _named(*pairs: tuple[str, str]) -> Facts:
    """Links by their words and targets."""
    links = tuple(Link(n, url, Placement.TEXT, 1, "Trends", words) for n, (words, url) in enumerate(pairs, start=1))
    body = "".join(f'<p><a href="{link_slot(each.number)}">{each.label}</a></p>' for each in links)
    return _shown(body, text=" ".join(each.url for each in links), links=links)


def _titled(title: str, text: str) -> Facts:
    return facts(issue(documents.entry(title, blurb=BLURB)), mail=mail(text=text))


def _list(*titles: str) -> Document:
    items = tuple(DocumentItem(title, "https://example.org/x") for title in titles)
    return issue(replace(documents.entry(blurb=BLURB), items=items))


def _looks(machine: Machine, *notes: Note, score: float | None = None, error: str = "") -> Facts:
    look = MailLook(1, machine, NOW, notes, 30, score, "4", error)
    return facts(machines=(machine,), mail_looks={machine: look})


def _axe(weight: Weight) -> Facts:
    return _looks(Machine.AXE, Note("color-contrast", "Words must stand out", weight, ("<p>",), ("dark, 320 px",)))


def _picture(*, url: str = PICTURE, look: LinkLook | None = None) -> Facts:
    entry = replace(documents.entry(blurb=BLURB, image_url=url), image_alt="A map of the harbour.")
    return facts(issue(entry), looks={} if look is None else {url: look})


def _kept(weight: int) -> Facts:
    """An issue with a picture that is our own by now."""
    source, kept = Source(PICTURE, Use.WIDE), Picture("a" * 32 + ".png", 528, 300, weight)
    row = PictureRow(1, source, PictureState.STORED, kept, "", 1, None, NOW, NOW)
    entry = replace(documents.entry(blurb=BLURB, image_url=kept.path), image_alt="A map of the harbour.")
    return facts(issue(entry), pictures={entry.block_id: Standing(source, row, is_shown=True)})


def _led(url: str, to: str) -> Facts:
    return facts(links=(link(url),), looks={url: LinkLook(url, LinkFate.THERE, 200, "200 OK", NOW, to)})


def _styled(inline: str, *, style: str = "") -> Facts:
    return _shown(f'<p class="x" style="{inline}">Some words of ours.</p>', style=style)


_DARK = (
    "@media (prefers-color-scheme: dark) { body { background-color: #131d1b !important; color: #e6eeec !important } "
)
_SMALL_MAIL = Mail(
    '<html lang="en"><h1>Wave</h1><img src="x" alt="" width="9">12 Harbour Street, Bristol BS1 4QA', "", 1
)

FAULTS: dict[str, list[Facts]] = {
    "style-size": [_shown(style=".x { color: #000000 } " * 800)],
    "message": [facts(proof=Proof(error="A header of the message would be too long, so it was not made."))],
    "headers": [_proof(without="Date"), _more(("Date", "today")), _more(("Bcc", "all@example.org"))],
    "one-click": [
        _proof(List_Unsubscribe="=?utf-8?q?=3Chttps=3A//news=2Eexample/u/abc=3E?="),
        _proof(List_Unsubscribe="<https://news.example.org/u/\r\n abc>"),
        _proof(List_Unsubscribe="<mailto:leave@example.org>"),
        _proof(List_Unsubscribe_Post="yes"),
        _proof(without="List-Unsubscribe-Post"),
    ],
    "one-click-secure": [_proof(List_Unsubscribe="<http://news.example.org/u/abc>")],
    "signed": [_proof(signed=("from", "subject", "list-unsubscribe")), _proof(signed=())],
    "text-links": [_linked("Nothing of it.")],
    "text-words": [_titled("Another title", ""), facts(_list("One line"))],
    "postal-address-parts": [
        facts(issue(postal_address="1 Other Road")),
        facts(mail=replace(mail(), text="Unsubscribe")),
    ],
    "invisible": [
        _styled("color:#ffffff"),
        _styled("font-size:1px"),
        _styled("color:#131d1b", style=f"{_DARK} }}"),
    ],
    "pictures-only": [
        facts(mail=_SMALL_MAIL),
        _shown("".join(f'<img src="{n}.png" alt="A map" width="9" height="9">' for n in range(20))),
    ],
    "features": [
        _styled("position:absolute"),
        _styled("display:flex"),
        _shown(style="@font-face { font-family: Wave; src: url(wave.woff2) }"),
        _shown("<video></video>"),
        _styled("", style=".x { --own: 1px; animation: spin 1s }"),
    ],
    "readers-jump": [facts(readers=9, readers_before=4_812), facts(readers=4_812, readers_before=2_405)],
    "spam": [_looks(Machine.SPAM, Note("BAD", "Bad words", Weight.NOTE, points=5.0), score=5.0)],
    "spam-points": [_looks(Machine.SPAM, score=0.1), _looks(Machine.SPAM, score=4.9)],
    "spam-failed": [_looks(Machine.SPAM, error="SpamAssassin took longer than 60 s.")],
    "spam-not-asked": [facts(machines=(Machine.SPAM,))],
    "contrast-light": [
        _styled("color:#999999"),
        _styled("color:#949494;font-size:23px"),
        _styled("color:#999;font-size:24px"),
    ],
    "contrast-dark": [
        _styled("color:#14211f", style=f"{_DARK} }}"),
        _styled("color:#14211f", style=f"{_DARK} p.x {{ color: #333333 !important }} }}"),
    ],
    "headings": [
        _shown(heading="<h2>The Weekly Wave</h2>"),
        _shown(heading="<h1>One</h1><h1>Two</h1>"),
        _shown("<h3>Straight down</h3>"),
    ],
    "language": [_shown(lang="")],
    "picture-alt": [_shown('<img src="a.png" width="9" height="9">')],
    "link-same-words": [_named(("the paper", "https://example.org/1"), ("The paper", "https://example.org/2"))],
    "link-nameless": [_named(("", "https://example.org/1"))],
    "axe": [_axe(Weight.SERIOUS)],
    "axe-minor": [_axe(Weight.MINOR)],
    "axe-failed": [_looks(Machine.AXE, error="Chromium took longer than 60 s.")],
    "axe-not-asked": [facts(machines=(Machine.AXE,))],
    "picture-http": [_picture(url="http://latentwaves.example/art/41.png")],
    "picture-gone": [_picture(look=LinkLook(PICTURE, LinkFate.GONE, 404, "404 Not Found", NOW))],
    "picture-heavy": [
        _picture(look=LinkLook(PICTURE, LinkFate.THERE, 206, "206", NOW, bytes=1_000_001)),
        _kept(1_000_001),
    ],
    "picture-size": [
        _shown('<img src="a.png" alt="">'),
        _shown('<img src="a.png" alt="" width="100%" height="9">'),
    ],
    "link-personal": [
        facts(links=(link("https://example.org/x?email=ada%40example.org"),)),
        facts(links=(link("https://example.org/x?to=ada@example.org"),)),
        facts(links=(link("https://example.org/x?subscriber_id=12"),)),
        facts(links=(link("https://example.org/x?page=2&ACCESS_TOKEN=abc"),)),
        facts(links=(link("https://ada:secret@example.org/x"),)),
        facts(links=(link("https://example.org/#id_token=abc"),)),
        facts(links=(link("https://example.org/eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmVk"),)),
    ],
    "link-leads-on": [_led("https://example.org/x", "https://other.example/y")],
    "link-bare": [facts(links=(link("https://example.org/x", words="https://example.org/x"),))],
}
"""Examples of what each rule finds."""

GOOD: dict[str, list[Facts]] = {
    "style-size": [_shown(style=".x { color: #000000 } " * 700)],
    "message": [_proof(), facts(proof=None)],
    "headers": [_proof(), _more(("Feedback-ID", "a:b:c:d"), ("DKIM-Signature", "v=1"))],
    "one-click": [
        _proof(),
        _proof(List_Unsubscribe=f"<https://news.example.org/{'u' * 200}>"),
        _proof(List_Unsubscribe="<https://news.example.org/u/abc>, <mailto:leave@example.org>"),
    ],
    "one-click-secure": [_proof(), _proof(List_Unsubscribe="<http://127.0.0.1:8000/u/abc>")],
    "signed": [_proof(), facts(proof=Proof(HEADERS, (), 1))],
    "text-links": [_linked("The paper (https://example.org/x) says so."), _linked("", placement=Placement.PAGE)],
    "text-words": [
        _titled("A title that is broken into two lines", "* A title that is\n  broken into two lines"),
        _titled("Donaudampfschifffahrt", "Donaudampf\nschifffahrt"),
    ],
    "postal-address-parts": [facts(), facts(issue(postal_address=""))],
    "invisible": [
        _shown('<div style="display:none;color:#ffffff">Plus more</div>'),
        _shown('<p aria-hidden="true" style="color:#ffffff">▁▂▃ a</p>'),
        _shown('<td style="font-size:0px"><p style="font-size:16px">Some words.</p></td>'),
    ],
    "pictures-only": [
        _shown('<img src="a.png" alt="" width="9" height="9">'),
        facts(mail=replace(_SMALL_MAIL, html="")),
    ],
    "features": [_styled("display:inline-block;mso-hide:all;-webkit-text-size-adjust:100%", style=f"{_DARK} }}")],
    "readers-jump": [
        facts(readers=4_812, readers_before=2_406),
        facts(readers=2_406, readers_before=4_812),
        facts(readers=2, readers_before=9),
        facts(readers=4_812, readers_before=None),
    ],
    "spam": [_looks(Machine.SPAM, score=4.9), facts()],
    "spam-points": [_looks(Machine.SPAM, score=0.0), _looks(Machine.SPAM, score=-1.2), facts()],
    "spam-failed": [_looks(Machine.SPAM, score=0.0)],
    "spam-not-asked": [facts(), _looks(Machine.SPAM, score=0.0)],
    "contrast-light": [
        _styled("color:#767676"),
        _styled("color:#949494;font-size:24px"),
        _styled("color:#949494;font-size:19px;font-weight:700"),
        _shown('<p aria-hidden="true" style="color:#eeeeee">▁▂▃</p>'),
        _styled("color:var(--ink)"),
    ],
    "contrast-dark": [
        _styled("color:#14211f", style=f"{_DARK} .x {{ color: #e6eeec !important }} }}"),
        _styled("color:#14211f", style=f"{_DARK} body > p[class=x] {{ color: #e6eeec !important }} }}"),
        _styled("color:#14211f"),
    ],
    "headings": [_shown("<h2>Trends</h2><h3>One</h3><h3>Two</h3><h2>Talks</h2>")],
    "language": [_shown(lang="ar")],
    "picture-alt": [_shown('<img src="a.png" alt="" width="9" height="9">')],
    "link-same-words": [
        _named(("the paper", "https://example.org/1"), ("the paper", "https://example.org/1")),
        _named(("the paper", "https://example.org/1"), ("the talk", "https://example.org/2")),
    ],
    "link-nameless": [
        _named(("the paper", "https://example.org/1")),
        _shown('<a href="https://example.org/x" style="display:none"></a>'),
    ],
    "axe": [_axe(Weight.MINOR), _looks(Machine.AXE)],
    "axe-minor": [_axe(Weight.SERIOUS), _looks(Machine.AXE)],
    "axe-failed": [_looks(Machine.AXE)],
    "axe-not-asked": [facts(), _looks(Machine.AXE)],
    "picture-http": [_picture()],
    "picture-gone": [_picture(look=LinkLook(PICTURE, LinkFate.UNSURE, None, "late", NOW)), _picture()],
    "picture-heavy": [
        _picture(look=LinkLook(PICTURE, LinkFate.THERE, 206, "206", NOW, bytes=1_000_000)),
        _kept(1_000_000),
    ],
    "picture-size": [_shown('<img src="a.png" alt="" width="488">')],
    "link-personal": [
        facts(links=(link("https://example.org/x?id=12&page=2"),)),
        facts(links=(link("mailto:ada@example.org?subject=Hello"),)),
        facts(links=(link("https://example.org/@ada/token/email"),)),
        facts(links=(link("https://[example/?email=1"),)),
    ],
    "link-leads-on": [
        _led("http://www.example.org/x", "https://example.org/x/?utm_source=a"),
        facts(links=(replace(link("https://example.org/x"), is_listen=True),)),
    ],
    "link-bare": [facts(links=(link("https://example.org/x", words="example.org on waves"),))],
}
"""Examples that are near to a fault and none."""
