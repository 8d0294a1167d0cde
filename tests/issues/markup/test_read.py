"""A rendered mail as programs read it: what is seen, in which colours, and what of CSS counts."""

from hypothesis import given
from hypothesis import strategies as st

from curator.issues.markup.colors import color_in
from curator.issues.markup.css import sheet
from curator.issues.markup.read import Ink, Markup, markup
from curator.issues.markup.selectors import selector


def _read(body: str, style: str = "") -> Markup:
    return markup(f"<!doctype html><html lang='en'><head><style>{style}</style></head><body>{body}</body></html>")


def _ink(body: str, style: str = "") -> tuple[Ink, Ink]:
    run = _read(body, style).runs[-1]
    return run.light, run.dark


def test_colours_are_inherited_and_the_nearest_ground_counts() -> None:
    light, _ = _ink('<div style="background:#0e3b38"><p style="color:#fff">a <b>word</b></p></div>')
    assert light == Ink("#ffffff", "#0e3b38")


def test_a_dark_rule_counts_in_the_dark_and_beats_what_stands_inline_when_it_is_important() -> None:
    style = "@media (prefers-color-scheme: dark) { .x, .y { color: #eee !important; background: #111 } }"
    light, dark = _ink('<p class="x" style="color:#222;background-color:#fff">word</p>', style)
    assert light == Ink("#222222", "#ffffff")
    assert dark == Ink("#eeeeee", "#ffffff")


def test_rules_for_a_width_or_for_outlook_do_not_count() -> None:
    style = "@media (max-width: 479px) { p { color: #eee !important } } [data-ogsc] p { color: #ddd !important }"
    assert _ink("<p>word</p>", style) == (Ink(), Ink())


def test_the_more_particular_rule_counts_and_the_last_of_equals() -> None:
    assert (
        _ink("<div class='a'><p class='b'>word</p></div>", ".a p { color: #111 } p { color: #222 }")[0].color
        == "#111111"
    )
    assert _ink("<p class='a b'>word</p>", ".b { color: #111 } .a { color: #222 }")[0].color == "#222222"


def test_what_is_not_shown_is_not_read() -> None:
    read = _read('<div style="display:none">no <h2>no</h2> <a href="x">no</a></div><h1>yes</h1>')
    assert read.words == "yes"
    assert [heading.words for heading in read.headings] == ["yes"]
    assert read.anchors == ()


def test_links_have_the_names_that_a_screen_reader_tells() -> None:
    read = _read(
        '<a href="1">some <b>words</b></a><a href="2" aria-label="Listen: x">Listen</a>'
        '<a href="3"><img alt="A map"></a>'
    )
    assert [anchor.name for anchor in read.anchors] == ["some words", "Listen: x", "A map"]


def test_selectors_that_ask_for_more_than_is_known_mean_nothing() -> None:
    for text in ("a:hover", "p + p", "a::before", "p ~ a", "[class^=x]", "", ">", "p >"):
        assert selector(text) is None, text


def test_colours_are_read_in_every_way_that_mails_write_them() -> None:
    told = {"#0B5": "#00bb55", "#0b5f5a url(x)": "#0b5f5a", "rgb(1, 2, 3)": "#010203", "White": "#ffffff"}
    assert {text: color_in(text) for text in told} == told
    for text in ("transparent", "rgba(1,2,3,.5)", "var(--white)", "#12", "currentcolor", "off-white"):
        assert color_in(text) is None, text


def test_a_statement_before_a_rule_is_no_part_of_its_selector() -> None:
    read = sheet('@import url("x.css"); p { color: red } /* { */ a { color: blue }')
    assert [rule.selectors for rule in read.rules] == [("p",), ("a",)]
    assert read.at_rules == {"import"}


def test_deep_markup_is_read_to_the_end() -> None:
    assert isinstance(markup("<div>" * 5_000 + "end").words, str)
    assert _read("<b>" * 200 + "end").words == "end"


_HARD = st.sampled_from(
    ["<", ">", "{", "}", "/*", "*/", "@media", "style='", "<style>", "&#0;", "\x00", "\ud83d", "!important", ";:"]
)


@given(st.lists(st.text(max_size=30) | _HARD, max_size=20), st.lists(st.text(max_size=20) | _HARD, max_size=20))
def test_whatever_stands_in_a_mail_is_read_without_an_exception(body: list[str], style: list[str]) -> None:
    assert isinstance(_read("".join(body), "".join(style)).words, str)
    sheet("".join(style))
