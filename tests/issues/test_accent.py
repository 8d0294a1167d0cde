"""A newsletter's own colour in its mail: part of the content, and in every place of the house's."""

from dataclasses import replace

from curator.issues import compose
from curator.issues.render import Renderer
from curator.newsletters import look
from tests.issues.documents import document


def test_the_mail_bears_the_newsletters_colour_in_both_schemes(renderer: Renderer) -> None:
    made = look.tint("#7a1f5c")
    assert made is not None
    html = renderer.render(replace(document(), accent="#7a1f5c")).html
    for color in (made.accent, made.band, made.dark_accent, made.dark_band, made.quiet_on_band):
        assert color in html
    for house in ("#0b5f5a", "#0e3b38", "#74d3c5", "#0d3330", "#b9d6d0"):
        assert house not in html


def test_another_colour_is_another_content(renderer: Renderer) -> None:
    plain = document()
    hashes = {compose.content_hash(replace(plain, accent=accent), renderer.version) for accent in ("", "#7a1f5c")}
    assert len(hashes) == 2
