"""Pictures stand within the page, or their words in their place; nothing is asked of another server."""

from curator.demo.pictures import with_pictures, without_pictures
from curator.demo.samples import media

PAGE = (
    '<p><img src="http://127.0.0.1:9/a.png?x=1&amp;y=2" alt="A &lt;cover&gt; > all" width="64" height="64" /> words</p>'
)
URL = "http://127.0.0.1:9/a.png?x=1&y=2"


def test_a_picture_left_out_leaves_its_words_in_a_frame_of_its_size() -> None:
    shown = without_pictures(PAGE)
    assert "<img" not in shown
    assert "A &lt;cover&gt; &gt; all</span> words" in shown
    assert "width:64px;height:64px;" in shown


def test_a_picture_is_kept_within_the_page() -> None:
    asked: list[str] = []

    def picture(url: str) -> bytes:
        asked.append(url)
        return media.cover("held-out")

    shown = with_pictures(PAGE + PAGE, picture)
    assert shown.count('src="data:image/png;base64,') == 2
    assert "127.0.0.1" not in shown
    assert asked == [URL]


def test_what_is_no_picture_reads_as_left_out() -> None:
    for content in (None, b"", b"<svg onload=alert(1)>", media.cover("x") + bytes(400_000)):
        shown = with_pictures(PAGE, lambda _, content=content: content)  # type: ignore[misc]
        assert "<img" not in shown
        assert "A &lt;cover&gt;" in shown


def test_a_mail_of_a_thousand_pictures_does_not_grow_without_end() -> None:
    page = "".join(f"<img src=http://127.0.0.1:9/{number}.png alt=x>" for number in range(1000))
    assert with_pictures(page, lambda _: media.cover("x")).count("data:image/png") == 24
