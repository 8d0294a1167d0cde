"""A browser window that shows a mail by itself: every picture is one of ours, and no network is asked."""

import io
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image, ImageChops, ImageDraw
from playwright.sync_api import Page, Route, sync_playwright

from curator.issues import chart
from tests.e2e import chromium

HEIGHT = 900
_SIZE = (1056, 594)


def _wave() -> bytes:
    image = Image.new("RGB", _SIZE, "#0e3b38")
    draw = ImageDraw.Draw(image)
    for layer, colour in enumerate(("#0b5f5a", "#7d9c97", "#f2b84b")):
        line = [(x, 240 + 110 * layer + 60 * math.sin(x / 110 + 1.7 * layer)) for x in range(0, _SIZE[0] + 8, 8)]
        draw.polygon([*line, (_SIZE[0], _SIZE[1]), (0, _SIZE[1])], fill=colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


_WAVE = _wave()


def show_waves(page: Page) -> None:
    """Answers every request of a page with a picture of ours: its own chart for a chart, else waves."""

    def answer(route: Route) -> None:
        drawn = chart.png(route.request.url.rpartition("/")[2].removesuffix(".png"))
        route.fulfill(body=drawn or _WAVE, content_type="image/png")

    page.route("**/*", answer)


@contextmanager
def window(**options: Any) -> Iterator[Page]:
    """Opens one browser with one window; needs CHROMIUM or Debian's."""
    path = chromium.binary(os.environ)  # noqa: TID251 - CHROMIUM is the tests' own variable
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.OPTIONS))
        page = browser.new_page(java_script_enabled=False, **options)
        show_waves(page)
        yield page
        browser.close()


def picture(page: Page, html: str, *, width: int) -> Image.Image:
    """Returns a picture of the whole mail at a width."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.set_content(html)
    return Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")


def share_of_other_pixels(one: Image.Image, other: Image.Image) -> float:
    """Returns how much of the larger picture differs, from 0 to 1; where only one has a pixel it differs."""
    width, height = max(one.width, other.width), max(one.height, other.height)
    both = [Image.new("RGB", (width, height), ground) for ground in ("#000000", "#ffffff")]
    for ground, shown in zip(both, (one, other), strict=True):
        ground.paste(shown)
    red, green, blue = ImageChops.difference(*both).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return 1 - most.histogram()[0] / (width * height)
