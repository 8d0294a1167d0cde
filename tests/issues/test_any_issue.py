"""Laws about any issue whatever: whole issues made of hostile words come out as a mail that is still right."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.errors import RenderError
from curator.issues import compose
from curator.issues.columns import WIDTH, width
from curator.issues.escape import one_line
from curator.issues.render import Renderer
from curator.issues.slots import filled
from curator.issues.values import BlockKind, Document, DocumentEntry, DocumentItem, DocumentLink, DocumentSection
from tests.issues.conftest import TEMPLATES
from tests.issues.documents import document, entry, words
from tests.issues.reading import Page
from tests.mailings.test_mime import NAMES, built, parsed

RENDERER = Renderer(TEMPLATES)

SCRIPTS = (
    "What an index forgets",
    "Was ein Index vergißt – über Maße",
    "Что забывает индекс",
    "Τι ξεχνά ένα ευρετήριο",
    "كيف تُنسى الفهارسُ",
    "לחפש עם ניקוד: שָׁלוֹם",
    "हिन्दी में क्षितिज",
    "ดัชนีเวกเตอร์ กำลังถูกลืม",
    "日本語の索引",
    "색인이 잊는 것",
    "索引忘记了什么",
    "የመረጃ ጠቋሚ",
)
TRAPS = (
    "Family 👩‍👩‍👧‍👦 flags 🏳️‍🌈 keys 1️⃣",
    "a" * 300,
    "索" * 300,
    "=?utf-8?q?a=0D=0ABcc:_x@y.z?=",
    "Line\u2028separator\u2029and\r\nBcc: x@y.z",
    "<b><i><u><table><td>nested &amp; </td></mjml>",
    "<em>" * 60,
    "{{ document.subject }} {% raw %} %%VAR%%",
    "https://unsubscribe.slot.invalid/ reader@slot.invalid",
    "https://link-1.slot.invalid/",
    "\\u{200d} \\n \" ' ` ]]> --> <!-- > é >",
    "\x00\x1b[31m \ud800 \ufeff \u202e",
    "",
)
raw = st.one_of(
    st.sampled_from(SCRIPTS + TRAPS),
    st.text(max_size=40),
    st.tuples(st.sampled_from(SCRIPTS), st.sampled_from(TRAPS)).map(" ".join),
)
# Whatever stands in a document has come through here: where a newsletter, a feed or an editor becomes one.
text = raw.map(compose._words)
paths = st.one_of(
    st.from_regex(r"[a-z0-9]{1,12}(\?a=[0-9]&b=[0-9])?", fullmatch=True),
    st.sampled_from(["แผนที่", "a'b(c)", "x%20y", "a`{}b", "q?x=%22&amp;", "索" * 80]),
)
targets = paths.map("https://site.example/{}".format)


@st.composite
def blurbs(draw: st.DrawFn) -> str:
    target = draw(targets.filter(lambda url: not set(url) & set("()` ")))
    return f"{draw(raw)}\n\n- {draw(raw)}\n\n[{draw(st.sampled_from(SCRIPTS))}](<{target}>)"


@st.composite
def entries(draw: st.DrawFn) -> DocumentEntry:
    """One block of any kind, with the fields that its kind has."""
    kind = draw(st.sampled_from(BlockKind))
    body_html, body_text = compose._body(draw(blurbs() | raw))
    if kind is BlockKind.TEXT:
        return replace(words(""), body_html=body_html, body_text=body_text)
    link = draw(targets) if kind not in (BlockKind.TREND, BlockKind.LIST) else None
    image = draw(st.none() | targets) if kind in (BlockKind.PICK, BlockKind.PROMOTION) else None
    made = entry(draw(text), link=link, source=draw(text), facts=draw(text), image_url=image)
    items = tuple(draw(st.lists(st.builds(DocumentItem, text, targets, text), max_size=3)))
    listen = tuple(draw(st.lists(st.builds(DocumentLink, st.just("apple"), text, text, targets), max_size=2)))
    return replace(
        made,
        kind=kind,
        body_html=body_html,
        body_text=body_text,
        is_episode=draw(st.booleans()),
        people=draw(text),
        image_alt=draw(text),
        label=draw(text),
        listen=listen if kind is BlockKind.PICK else (),
        items=items if kind in (BlockKind.TREND, BlockKind.LIST) else (),
        chart=(1, 2, 3) if kind is BlockKind.TREND else (),
    )


@st.composite
def issues(draw: st.DrawFn) -> Document:
    sections = draw(st.lists(st.builds(DocumentSection, text, st.lists(entries(), max_size=3).map(tuple)), max_size=3))
    made = replace(
        document(*sections, subject=draw(text), preheader=draw(text)),
        newsletter_name=draw(st.sampled_from(SCRIPTS)),
        tagline=draw(text),
        postal_address=draw(text),
        language=draw(st.sampled_from(["en", "de", "ar", "he", "ja", "xx", ""])),
    )
    return replace(made, is_compact=draw(st.booleans()))


some_issues = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


@given(issues())
@some_issues
def test_any_issue_is_a_mail_that_is_right_or_is_refused(made: Document) -> None:
    try:
        rendered = RENDERER.render(made)
    except RenderError:
        return
    page = Page(filled(rendered.html, rendered.links))
    assert rendered.html.isascii()
    assert not page.unclosed
    assert not page.stray
    shown = [each for section in made.sections for each in section.entries]
    for url in _targets(made):
        assert url in page.links, "a link of the issue is missing from the HTML"
    for link in rendered.links:
        assert link.url in rendered.text, "a link of the HTML is missing from the text"
    for each in shown:
        if each.title.strip():
            assert one_line(each.title) in page.text
    lines = [line for line in rendered.text.splitlines() if "://" not in line]
    assert max(map(width, lines)) <= WIDTH
    images = [one_line(each.image_alt) for each in shown if not made.is_compact and (each.image_url or each.chart)]
    assert page.attributes("img", "alt") == images
    message = parsed(built(subject=made.subject, html=rendered.html, text=rendered.text, links=rendered.links))
    assert message.keys() == NAMES


def _targets(made: Document) -> list[str]:
    found = [each.link for section in made.sections for each in section.entries if each.link]
    return found + [item.url for section in made.sections for each in section.entries for item in each.items]
