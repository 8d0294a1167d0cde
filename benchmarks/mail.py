"""Measures the mail: rendering an issue of 25 items, its bytes, and how soon the board shows it anew after an edit.

Prints one JSON object a line; a ratio is the figure against its bar.
"""

import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.figures import say
from benchmarks.inbox import NOW, spread, timed
from curator import schema
from curator.db import Database
from curator.feeds.values import ItemKind
from curator.issues import board, publish
from curator.issues.render import Renderer
from curator.issues.values import Document, DocumentSection, Rendered
from curator.newsletters.theme import Theme, WhenLarge
from curator.web import create_app
from tests import builders
from tests.issues.test_theme_mail import _article, _episode, _issue
from tests.web.conftest import make_app, signed_in

TEMPLATES = Path(__file__).parents[1] / "templates"
ITEMS, TURNS = 25, 60
WORDS = "What an ecologist says about who pays for a free shore, and what it costs to keep it one."


def measure_rendering(renderer: Renderer) -> None:
    """Prints what rendering an issue takes, both parts."""
    shown = _issue(5, 20, theme=Theme(when_large=WhenLarge.OFFER))
    whole = _median(lambda: renderer.render(shown))
    say(
        figure=f"rendering {ITEMS} items, HTML and text",
        cpu_ms=whole,
        bar_ms=25,
        ratio_to_bar=round(whole / 25, 2),
    )


def measure_bytes(renderer: Renderer) -> None:
    """Prints what mails of several makes have, with every link tracked and its reader's own links."""
    offered = Theme(when_large=WhenLarge.OFFER)
    for name, shown in (
        ("5 full episodes, 20 articles with pictures", _issue(5, 20, theme=offered)),
        ("25 full episodes", _issue(25, 0, theme=offered)),
        ("60 items, compact", _issue(20, 40)),
    ):
        rendered = renderer.render(shown)
        size = renderer.size(rendered.html, rendered.links)
        say(
            figure=f"bytes of {name}",
            html=size,
            bar=100_000,
            ratio=round(size / 100_000, 2),
            links=len(rendered.links),
            style=_style_bytes(rendered),
            style_bar=16_000,
            is_compact=rendered.is_compact,
        )
    for name, entry in (("a full episode", _episode(1)), ("an article with its picture", _article(1))):
        for layout in (False, True):
            one, two = (_size(renderer, number * (entry,), is_compact=layout) for number in (10, 11))
            say(figure=f"bytes of {name}", is_compact=layout, html=two - one)


def measure_board(folder: Path) -> None:
    """Prints how long it takes from an edit of a blurb to the answer, and to the mail in the frame beside it."""
    db = Database(f"sqlite:///{folder / 'mail.db'}")
    schema.upgrade(db)
    app = make_app(db, lambda: NOW, folder)
    newsletter = builders.newsletter_row(db, zone="Europe/London")
    section = builders.section_rows(db, newsletter)[2]
    feed = builders.feed_row(db, "Row Store")
    issue = publish.draft(db, newsletter, now=NOW, due_at=NOW + timedelta(days=3))
    for number in range(ITEMS):
        item = builders.item_row(db, feed, f"{number}: a title of some length", at=NOW, kind=ItemKind.ARTICLE)
        board.pick_into(db, issue, item, section, by=None, now=NOW)
    mina = signed_in(create_app(app), app, "Mina")
    block = int(re.findall(r'id="block-(\d+)"', mina.see(f"/desk/issues/{issue}"))[0])
    token, version = mina.token(), 1

    def edit(turn: int) -> None:
        nonlocal version
        version = board.edit_pick(
            db,
            block,
            title="A title",
            link="https://site.example/1",
            blurb=f"{WORDS} {turn}",
            expected_version=version,
            by=None,
            now=NOW,
        )

    def shown() -> None:
        parts = mina.client.get(f"/desk/issues/{issue}", headers={"HX-Request": "true", "X-CSRFToken": token})
        frame = mina.client.get(f"/desk/issues/{issue}/live.html")
        assert (parts.status_code, frame.status_code) == (200, 200)

    times = []
    for turn in range(TURNS):
        edit(turn)
        times.append(timed(shown))
    told = spread(times)
    ratio = round(told["cpu_ms"]["median"] / 150, 2)
    say(figure=f"the board's parts and its mail after an edit, {ITEMS} items", **told, bar_ms=150, ratio_to_bar=ratio)


def _median(act: Callable[[], object]) -> float:
    act()
    return spread([timed(act) for _ in range(TURNS)])["cpu_ms"]["median"]


def _size(renderer: Renderer, entries: tuple, *, is_compact: bool) -> int:  # type: ignore[type-arg]  # of entries
    shown: Document = replace(_issue(0, 0), sections=(DocumentSection("One", entries),), is_compact=is_compact)
    rendered = renderer.render(shown)
    return renderer.size(rendered.html, rendered.links)


def _style_bytes(rendered: Rendered) -> int:
    return sum(map(len, re.findall(r"<style[^>]*>(.*?)</style>", rendered.html, re.DOTALL)))


def main() -> None:
    """Measures all three."""
    renderer = Renderer(TEMPLATES)
    measure_rendering(renderer)
    measure_bytes(renderer)
    with tempfile.TemporaryDirectory() as folder:
        measure_board(Path(folder))


if __name__ == "__main__":
    main()
