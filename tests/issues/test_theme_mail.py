"""A theme in the mail, its sides in languages from right to left, and the layout that fits."""

import itertools
import re
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import RenderError
from curator.issues import compose
from curator.issues.render import MAX_HTML_BYTES, Renderer
from curator.issues.sample import sample
from curator.issues.values import BlockKind, Document, DocumentEntry, DocumentLink, DocumentSection
from curator.newsletters.palette import HOUSE as HOUSE_COLORS
from curator.newsletters.theme import HOUSE, STACKS, Density, Face, Theme, WhenLarge
from tests.issues.conftest import TEMPLATES
from tests.issues.documents import document, entry
from tests.issues.reading import Page

PAPER = Theme(page="#f3ece0", sheet="#fffaf0", headings=Face.GEOMETRIC, words=Face.CLASSIC, corner=0)
LISTEN = tuple(
    DocumentLink(name.lower(), name, "Listen on", f"https://{name.lower()}.example/the-show/episode/123456789")
    for name in ("Apple", "Spotify", "Pocketcasts", "RSS")
)


def _episode(number: int) -> DocumentEntry:
    """An own show's episode with all that may stand in its card."""
    shown = entry(
        f"{number}: what a vector index forgets when nobody asks it anything",
        blurb="Nadia Okafor rebuilt a billion-vector index while it was being read. The surprise is how little was "
        "lost, and how long nobody noticed. Start at 12:40 if you only have ten minutes.",
        link=f"https://latentwaves.example/episodes/{number}",
        image_url="https://news.example/pictures/0123456789abcdef0123456789abcdef.jpg",
        is_episode=True,
        block_id=number,
    )
    told = {"people": "Nadia Okafor (database researcher) and Jo Park", "topics": "Vector indexes · Loss · Planning"}
    return replace(shown, episode_id=number, listen=LISTEN, image_alt="A drawer of cards", **told)  # type: ignore[arg-type]  # the test's own words


def _article(number: int) -> DocumentEntry:
    shown = entry(
        f"{number}: the librarian who taught a model to say that it does not know",
        blurb="A reference desk has ninety years of practice at declining to guess. This is how it was written down as "
        "1,200 rules, and which twelve of them did all the work.",
        link=f"https://stacks.example/articles/{number}",
        image_url="https://news.example/pictures/0123456789abcdef0123456789abcdef.jpg",
        block_id=number,
    )
    return replace(shown, image_width=528, image_height=297, image_alt="A reading room, seen from the gallery")


def _issue(episodes: int, articles: int, *, theme: Theme = HOUSE) -> Document:
    numbers = range(episodes + 1, episodes + articles + 1)
    return replace(
        document(
            DocumentSection("Highlights from recent episodes", tuple(map(_episode, range(1, episodes + 1)))),
            DocumentSection("Recommendations", tuple(map(_article, numbers))),
        ),
        theme=theme,
    )


def test_a_theme_is_all_over_the_mail_and_nothing_of_the_house_is_left(renderer: Renderer) -> None:
    html = renderer.render(sample("The Week", "", accent="#7a1f5c", theme=PAPER)).html
    for value in ("#f3ece0", "#fffaf0", STACKS[Face.GEOMETRIC], STACKS[Face.CLASSIC], "border-radius:0px"):
        assert value in html
    light, dark = HOUSE_COLORS.light, HOUSE_COLORS.dark
    for house in (light.page, light.accent, light.band, light.rule, light.wash, dark.page, dark.sheet, dark.accent):
        assert house not in html
    assert "border-radius:6px" not in html


def test_density_is_room(renderer: Renderer) -> None:
    tight, roomy = (renderer.render(sample("W", "", theme=Theme(density=each))).html for each in ("tight", "roomy"))
    assert "padding:18px 36px 0" in tight
    assert "padding:34px 36px 0" in roomy


def test_another_theme_is_another_content() -> None:
    plain = document()
    others = [replace(plain, theme=PAPER), replace(plain, is_compact=True), plain]
    assert len({compose.content_hash(each, "1") for each in others}) == 3


def test_a_logo_stands_in_place_of_the_wave(renderer: Renderer) -> None:
    theme = Theme(logo_url="https://news.example/logo.png", logo_alt="The Week", logo_width=160, logo_height=48)
    html = renderer.render(sample("The Week", "", theme=theme)).html
    (logo,) = [given for tag, given in Page(html).tags if tag == "img" and given["alt"] == "The Week"]
    assert (logo["src"], logo["width"], logo["height"]) == (theme.logo_url, "160", "48")
    assert "▃" not in Page(html).text
    assert "▃" in Page(renderer.render(sample("The Week", "")).html).text


@pytest.mark.parametrize(("language", "start", "end"), [("en", "left", "right"), ("ar", "right", "left")])
def test_sides_follow_the_language(renderer: Renderer, language: str, start: str, end: str) -> None:
    shown = sample("الأسبوع", "", language=language)
    episode = replace(_episode(1), title="ما ينساه الفهرس")
    shown = replace(shown, sections=(*shown.sections, DocumentSection("حلقات", (episode,))))
    html = renderer.render(shown).html
    page = Page(html)
    assert page.attributes("html", "dir") == ["rtl" if start == "right" else "ltr"]
    assert f"text-align:{start};color" in html
    assert f"text-align:{end};color" not in html
    assert f"border-{start}:3px solid" in html
    assert f"border-{end}:3px solid" not in html
    gap = "2px 16px 10px 0" if start == "left" else "2px 0 10px 16px"
    assert f"padding:{gap}" in html, "the picture's room lies towards the words"
    assert not page.unclosed


def test_a_wide_picture_has_its_size_and_is_never_wider_than_it_is(renderer: Renderer) -> None:
    small = replace(_article(2), image_width=300, image_height=100)
    large = replace(_article(3), image_width=1056, image_height=594)
    html = renderer.render(document(DocumentSection("", (_article(1), small, large)))).html
    sizes = [(given["width"], given["height"]) for tag, given in Page(html).tags if tag == "img"]
    assert sizes == [("528", "297"), ("300", "100"), ("528", "297")]
    assert "height:auto" in html


def test_in_the_intro_headings_stand_one_level_higher(renderer: Renderer) -> None:
    html = renderer.render(
        document(DocumentSection("", (_article(1),)), DocumentSection("Trends", (_article(2),)))
    ).html
    assert re.findall(r"<(h[1-6])\b", html) == ["h1", "h2", "h2", "h3"]


def test_the_time_of_a_quote_is_a_link_of_its_own(renderer: Renderer) -> None:
    rendered = renderer.render(sample("The Week", ""))
    names = Page(rendered.html).attributes("a", "aria-label")
    assert "Listen at 12:40: What a vector index forgets" in names
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("episodes", "articles"), [(5, 20), (25, 0)])
def test_twenty_five_full_items_fit_with_every_tracked_link(renderer: Renderer, episodes: int, articles: int) -> None:
    rendered = renderer.render(_issue(episodes, articles, theme=Theme(when_large=WhenLarge.OFFER)))
    size = renderer.size(rendered.html, rendered.links)
    assert size < MAX_HTML_BYTES, size
    assert not rendered.is_compact
    assert rendered.html.count("<img") == 25


def test_sixty_items_fit_compactly(renderer: Renderer) -> None:
    shown = _issue(20, 40)
    rendered = renderer.render(shown)
    assert rendered.is_compact, "taken, because the theme allows it"
    assert renderer.size(rendered.html, rendered.links) < MAX_HTML_BYTES
    assert renderer.render(replace(shown, is_compact=True, theme=Theme(when_large=WhenLarge.OFFER))).is_compact
    titles = [each.title for section in shown.sections for each in section.entries]
    assert [title for title in titles if title not in Page(rendered.html).text] == []


def test_where_the_theme_only_offers_it_a_large_issue_is_refused_with_the_way_out(renderer: Renderer) -> None:
    large = _issue(20, 40, theme=Theme(when_large=WhenLarge.OFFER))
    with pytest.raises(RenderError, match="choose the compact layout"):
        renderer.render(large)
    shown = renderer.laid_out(large)
    assert not shown.is_compact
    assert renderer.size(shown.html, shown.links) > MAX_HTML_BYTES


def test_styles_stay_small_with_any_theme(renderer: Renderer) -> None:
    html = renderer.render(sample("The Week", "", accent="#7a1f5c", theme=PAPER)).html
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    assert sum(map(len, styles)) < 16_000


def test_a_kept_document_of_before_there_were_themes_has_the_houses() -> None:
    kept = asdict(document())
    del kept["theme"]
    del kept["is_compact"]
    assert compose.document_from(kept) == document()
    themed = replace(document(), theme=replace(PAPER, density=Density.TIGHT))
    assert compose.document_from(asdict(themed)) == themed


def test_every_kind_of_block_is_in_the_sample() -> None:
    kinds = {each.kind for section in sample("The Week", "").sections for each in section.entries}
    assert kinds == set(BlockKind)


_PALE = st.one_of(st.just(""), st.tuples(*[st.integers(0xD0, 0xFF)] * 3).map(lambda rgb: "#" + bytes(rgb).hex()))


@given(
    theme=st.builds(
        Theme,
        page=_PALE,
        sheet=_PALE,
        headings=st.sampled_from(Face),
        words=st.sampled_from(Face),
        corner=st.integers(0, 16),
        density=st.sampled_from(Density),
    ),
    language=st.sampled_from(("en", "de-AT", "ar", "he", "fi", "zh-Hant")),
    is_compact=st.booleans(),
)
@settings(deadline=None, max_examples=25)
def test_a_mail_is_whole_in_any_theme_language_and_layout(theme: Theme, language: str, is_compact: bool) -> None:
    shown = replace(sample("The Week", "A tagline", language=language, theme=theme), is_compact=is_compact)
    rendered = Renderer(TEMPLATES).render(shown)
    page = Page(rendered.html)
    assert not page.unclosed
    assert not page.stray
    assert rendered.html.isascii()
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    targets = {link.url for link in rendered.links}
    assert [url for url in targets if url not in rendered.text] == [], "each link of the HTML stands in the text too"
