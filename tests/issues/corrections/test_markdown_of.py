"""A document's HTML as Markdown, and back: what an editor does not touch stays as it is."""

from html import unescape

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.issues import markdown
from curator.issues.corrections.markdown_of import markdown_of


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Plain words.",
        "**Bold**, *italic* and `code`.",
        "One paragraph\nwith a second line.\n\nAnother.",
        "A [link](https://a.example/x?a=1&b=2) and [mail](mailto:a@b.example).",
        "**A [bold link](https://a.example/)** here",
        "Signs: 2 * 3 * 4, a_b_c, [not a link], <b>no tag</b>, &amp; and \\ too",
        "كيف تنسى **الفهارس** 👩‍👩‍👧",
    ],
)
def test_the_same_html_comes_of_it_again(typed: str) -> None:
    html = markdown.html(typed)
    assert markdown.html(markdown_of(html)) == html


def test_it_reads_as_an_editor_would_write_it() -> None:
    html = markdown.html("**Bold** and [words](https://a.example/).\n\nSecond.")
    assert markdown_of(html) == "**Bold** and [words](<https://a.example/>).\n\nSecond."


@given(st.text(max_size=200) | st.text(alphabet="ab*_`[]()<>&\\#!\n -+1.~=\"'", max_size=60))
def test_whatever_was_typed_every_word_of_it_stays(typed: str) -> None:
    html = markdown.html(typed)
    assert _seen(markdown.html(markdown_of(html))) == _seen(html)


def _seen(html: str) -> str:
    """What a reader sees, without white space."""
    return "".join(unescape(nh3.clean(html, tags=set())).split())
