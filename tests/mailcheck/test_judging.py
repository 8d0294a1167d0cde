"""What `make check-mail` holds against a mail: each of its bars can be missed, and a sound mail meets them all."""

from dataclasses import replace

import pytest
from PIL import Image

from tests.mailcheck.__main__ import Found
from tests.mailcheck.mails import Mail
from tests.mailcheck.window import share_of_other_pixels

SOUND = Found(
    mail=Mail(name="issue", source="", html="", size=27_000, style_bytes=2_500, message=b""),
    npm={"html": "", "invalid": [], "faults": [], "features": ["border-radius"]},
    other_pixels=(0.0, 0.0005),
    spam=-0.1,
)
EXCEPTIONS = {"border-radius": "Square corners are no loss."}


def test_a_sound_mail_has_no_faults() -> None:
    assert SOUND.faults(EXCEPTIONS) == []
    assert replace(SOUND, spam=None).faults(EXCEPTIONS) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (replace(SOUND, npm=SOUND.npm | {"invalid": ["Line 3 (mj-text): no such attribute"]}), "MJML: Line 3"),
        (replace(SOUND, npm=SOUND.npm | {"faults": ["1:2 wcag/h37: no alt"]}), "html-validate: 1:2"),
        (replace(SOUND, npm=SOUND.npm | {"features": ["display:grid"]}), "display:grid is not listed"),
        (replace(SOUND, other_pixels=(0.0, 0.02)), "2.00% of the pixels differ from npm mjml at 320 px"),
        (replace(SOUND, mail=replace(SOUND.mail, size=120_000)), "120000 bytes of HTML"),
        (replace(SOUND, mail=replace(SOUND.mail, style_bytes=16_000)), "16000 bytes of style sheets"),
        (replace(SOUND, spam=1.2), "1.2 points from SpamAssassin"),
    ],
)
def test_each_bar_is_named_where_it_is_missed(found: Found, words: str) -> None:
    [fault] = found.faults(EXCEPTIONS)
    assert fault.startswith("issue: ")
    assert words in fault


def test_pixels_differ_by_colour_and_by_size() -> None:
    white = Image.new("RGB", (10, 10), "#ffffff")
    dotted = white.copy()
    dotted.putpixel((3, 3), (255, 255, 254))
    assert share_of_other_pixels(white, white) == 0
    assert share_of_other_pixels(white, dotted) == pytest.approx(0.01)
    assert share_of_other_pixels(white, Image.new("RGB", (10, 20), "#ffffff")) == pytest.approx(0.5)
