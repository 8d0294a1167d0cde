"""What a reader's client gets: laws about any issue, and templates that are broken."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import RenderError
from curator.issues import slots
from curator.issues.columns import WIDTH, width
from curator.issues.escape import one_line
from curator.issues.render import MAX_HTML_BYTES, Renderer, _compiled
from curator.issues.values import (
    PREFERENCES_SLOT,
    READER_SLOT,
    UNSUBSCRIBE_SLOT,
    WEB_VERSION_SLOT,
    Document,
    DocumentSection,
    Placement,
    Rendered,
    link_slot,
)
from tests.issues.conftest import TEMPLATES
from tests.issues.documents import document, entry, whole_issue, words
from tests.issues.reading import Page

HOSTILE = [
    "Quotes \" and ' and ` and <b>markup</b> & &amp; ampersands",
    "=?utf-8?q?a=0ABcc:_x@y.z?=",
    "Line\u2028separator\u2029and\r\nbreaks\x85here",
    "Family 👩‍👩‍👧‍👦 flags 🏳️‍🌈 and keys 1️⃣",
    "ดัชนีเวกเตอร์ กำลังถูกลืม",
    "كيف تُنسى الفهارسُ",
    "हिन्दी में क्षितिज की खोज",
    "לחפש עם ניקוד: שָׁלוֹם",
    "日本語の索引、韓国어 색인",
    "{{ document.subject }} {% raw %} %%VAR%% ${x} *|MC|*",
    "&#0; &#x202e; &lt;script&gt; \\u{200d} \\n \\ \\\\",
    "\x00\x01\x1b[31m nul and escape \ud800 half",
    "raw ünïcode > after it, and ]]> and --> and <!--",
    "a" * 400,
]


def _one(title: str, **given: object) -> Document:
    return document(DocumentSection("Trends", (entry(title, **given),)))  # type: ignore[arg-type]  # the test's own words


def _shown(rendered: Rendered) -> Page:
    """The page with its real targets."""
    return Page(slots.filled(rendered.html, rendered.links))


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_comes_back_equal(renderer: Renderer, title: str) -> None:
    page = Page(renderer.render(_one(title)).html)
    assert page.attributes("a", "aria-label") == [f"Read at Latent Waves: {one_line(title)}"]
    assert one_line(title) in page.text
    assert not page.unclosed
    assert not page.stray


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_address_comes_back_equal(renderer: Renderer, title: str) -> None:
    link = "https://site.example/?q=" + one_line(title).replace(" ", "+")
    page = _shown(renderer.render(_one("A title", link=link, image_url=link)))
    assert page.links.count(link) == 2
    assert page.attributes("img", "src") == [link]
    assert page.attributes("img", "alt") == [""]


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_words_come_back_equal(title: str, preheader: str) -> None:
    shown = replace(_one(title), preheader=preheader)
    html = Renderer(TEMPLATES).render(shown).html
    page = Page(html)
    assert html.isascii()
    assert page.attributes("a", "aria-label") == [f"Read at Latent Waves: {one_line(title)}"]
    assert one_line(preheader) in page.text


def test_every_link_and_title_of_the_html_is_in_the_text(renderer: Renderer) -> None:
    shown = whole_issue()
    rendered = renderer.render(shown)
    links = _shown(rendered).links
    assert len(set(links)) == 13
    assert [link for link in links if link not in rendered.text] == []
    unbroken = " ".join(rendered.text.split())
    titles = [each.title for section in shown.sections for each in section.entries]
    assert [title for title in titles if title not in unbroken] == []


def test_the_text_keeps_to_its_columns(renderer: Renderer) -> None:
    long_word = "索引" * 120
    rendered = renderer.render(_one(long_word, blurb="word " * 100 + long_word, source="S" * 300))
    lines = [line for line in rendered.text.splitlines() if "://" not in line]
    assert max(width(line) for line in lines) <= WIDTH
    assert "".join(rendered.text.split()).count("索引" * 120) == 2


def test_both_parts_hold_the_slots_of_the_reader(renderer: Renderer) -> None:
    rendered = renderer.render(whole_issue())
    for slot in (UNSUBSCRIBE_SLOT, READER_SLOT, PREFERENCES_SLOT):
        assert (rendered.html.count(slot), rendered.text.count(slot)) == (1, 1)
    assert (rendered.html.count(WEB_VERSION_SLOT), rendered.text.count(WEB_VERSION_SLOT)) == (2, 1)
    assert rendered.html.count(link_slot(0)) == 1
    assert rendered.text.count("slot.invalid") == 4, "the text leads straight to its targets"


def test_every_link_is_written_down_in_the_order_of_the_page(renderer: Renderer) -> None:
    rendered = renderer.render(whole_issue())
    first, title, go = rendered.links[:3]
    assert (first.placement, first.section, first.label) == (Placement.TEXT, "", "what you would measure")
    assert first.url == "https://latentwaves.example/talk?from=mail&issue=41"
    assert (title.placement, go.placement) == (Placement.TITLE, Placement.GO)
    assert title.url == go.url == "https://latentwaves.example/episodes/41"
    assert title.section == "Highlights from recent episodes"
    assert title.label == "What a vector index forgets"
    found = [link for link in Page(rendered.html).links if link.startswith("https://link-")]
    assert found == [link_slot(link.number) for link in rendered.links] + [link_slot(0)]
    assert [link.number for link in rendered.links] == list(range(1, len(rendered.links) + 1))


def test_a_mail_address_is_no_tracked_link(renderer: Renderer) -> None:
    blurb = words("Write to [the desk](mailto:desk@podcast.example), or [look](https://site.example/).")
    rendered = renderer.render(document(DocumentSection("", (blurb,))))
    assert [link.url for link in rendered.links] == ["https://site.example/"]
    assert "mailto:desk@podcast.example" in Page(rendered.html).links


def test_the_canary_is_a_link_that_no_person_meets(renderer: Renderer) -> None:
    page = Page(renderer.render(whole_issue()).html)
    (canary,) = [given for tag, given in page.tags if tag == "a" and given["href"] == link_slot(0)]
    assert canary == {"href": link_slot(0), "aria-hidden": "true", "tabindex": "-1", "style": "display:none"}


def test_the_size_is_that_of_a_readers_mail(renderer: Renderer) -> None:
    far = Renderer(TEMPLATES, public_url="https://" + "x" * 80 + ".example")
    rendered = far.render(whole_issue())
    tracked = slots.filled(rendered.html, rendered.links, to=lambda _: "https://" + "x" * 80 + ".example/l/" + "t" * 32)
    assert far.size(rendered.html, rendered.links) >= len(tracked) > len(rendered.html) + 60 * len(rendered.links)
    assert renderer.size(rendered.html, rendered.links) < far.size(rendered.html, rendered.links)


def test_thirty_items_stay_under_what_gmail_clips(renderer: Renderer) -> None:
    many = tuple(
        entry(
            f"{number}: what a vector index forgets when nobody asks it anything",
            blurb="A blurb of some forty words, " * 8,
            image_url="https://latentwaves.example/art/41.png",
            is_episode=True,
        )
        for number in range(30)
    )
    rendered = renderer.render(document(DocumentSection("Highlights", many)))
    assert renderer.size(rendered.html, rendered.links) < MAX_HTML_BYTES
    assert rendered.html.count("<img") == 30


def test_one_item_costs_at_most_two_kilobytes(renderer: Renderer) -> None:
    def size(items: int) -> int:
        each = entry(image_url="https://latentwaves.example/art/41.png", is_episode=True, blurb="")
        rendered = renderer.render(document(DocumentSection("Highlights", (each,) * items)))
        return renderer.size(rendered.html, rendered.links)

    assert size(11) - size(10) <= 2000


def test_a_big_issue_is_laid_out_compactly_and_a_bigger_one_refused(renderer: Renderer) -> None:
    def issue(items: int) -> Document:
        each = entry(image_url="https://latentwaves.example/art/41.png", blurb="Words of an editor. " * 20)
        return document(DocumentSection("Recommendations", (each,) * items))

    compact = renderer.render(issue(60))
    assert renderer.size(compact.html, compact.links) <= MAX_HTML_BYTES
    assert "<img" not in compact.html
    assert _shown(compact).links.count("https://latentwaves.example/episodes/41") == 60
    assert [link.placement for link in compact.links] == [Placement.TITLE] * 60, "no number of the first try is left"
    assert "Latent Waves" in compact.html
    with pytest.raises(RenderError, match="take some items out"):
        renderer.render(issue(200))


def test_what_is_nested_too_deeply_is_refused_before_the_compiler_sees_it(renderer: Renderer) -> None:
    deep = replace(words("x"), body_html="<em>" * 20_000)
    with pytest.raises(RenderError):
        renderer.render(document(DocumentSection("", (deep,))))
    nested = replace(words("x"), body_html="<em>" * 200 + "x" + "</em>" * 200)
    with pytest.raises(RenderError, match="nests"):
        renderer.render(document(DocumentSection("", (nested,))))


def test_html_that_is_not_balanced_is_closed(renderer: Renderer) -> None:
    loose = replace(words("x"), body_html="<p>one<br>two <strong>three</p></em> four")
    page = Page(renderer.render(document(DocumentSection("", (loose,)))).html)
    assert not page.unclosed
    assert not page.stray
    assert "three" in page.text
    assert "four" in page.text


def test_an_empty_issue_renders(renderer: Renderer) -> None:
    rendered = renderer.render(replace(document(), tagline="", postal_address="", preheader="", subject=""))
    assert "The Weekly Wave" in rendered.html
    assert "The Weekly Wave" in rendered.text


@pytest.fixture
def own_templates(tmp_path: Path) -> Path:
    shutil.copytree(TEMPLATES / "email", tmp_path / "email")
    return tmp_path


def test_a_changed_template_is_another_version(own_templates: Path) -> None:
    renderer = Renderer(own_templates)
    before = renderer.version
    assert renderer.version == before
    with (own_templates / "email" / "entry.mjml").open("a") as file:
        file.write("\n{# another look #}\n")
    assert renderer.version != before


@pytest.mark.parametrize(
    ("name", "broken", "line"),
    [
        ("issue.mjml", "<mjml>\n{% if %}</mjml>", 2),
        ("issue.mjml", "<mjml>\n\n{{ document.nothing_like_it.at_all }}</mjml>", 3),
        ("entry.mjml", "{% macro section(section, is_last) %}\n{{ section.title.shout() }}\n{% endmacro %}", 2),
        ("issue.txt", "one\n{{ 'x'|nofilter }}", 2),
    ],
)
def test_a_broken_template_is_named_with_its_line(own_templates: Path, name: str, broken: str, line: int) -> None:
    (own_templates / "email" / name).write_text(broken)
    with pytest.raises(RenderError) as caught:
        Renderer(own_templates).render(whole_issue())
    assert (caught.value.template, caught.value.line) == (name, line)


def test_mjml_that_does_not_compile_is_an_error_of_ours(own_templates: Path) -> None:
    (own_templates / "email" / "issue.mjml").write_text("<mjml><mj-body><mj-section>")
    with pytest.raises(RenderError, match="does not compile"):
        Renderer(own_templates).render(document())


def test_a_panic_of_the_compiler_is_an_error_of_ours() -> None:
    # A raw > after a character outside ASCII: what the escaping before the compiler keeps from ever happening.
    panics = "<mjml><mj-body><mj-section><mj-column><mj-text>é > x</mj-text></mj-column></mj-section></mj-body></mjml>"
    with pytest.raises(RenderError, match="failed on this content"):
        _compiled(panics)


def test_a_template_that_calls_itself_is_an_error_of_ours(own_templates: Path) -> None:
    (own_templates / "email" / "issue.mjml").write_text("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}")
    with pytest.raises(RenderError):
        Renderer(own_templates).render(document())
