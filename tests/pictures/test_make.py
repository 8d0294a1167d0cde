"""Whatever bytes come: a picture fit for mail, or the reason in words."""

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from curator.pictures.make import MAX_PIXELS, made
from curator.pictures.values import MAX_BYTES, Kind, PictureError, Use
from tests.pictures import files


def test_a_photograph_becomes_a_jpeg_twice_as_large_as_it_is_shown() -> None:
    found = made(files.photo(3000, 2000), Use.WIDE)
    assert (found.kind, found.width, found.height) == (Kind.JPEG, 528, 352)
    assert files.opened(found.content).size == (1056, 704)
    assert len(found.content) < 150_000


def test_artwork_is_a_square_and_what_is_none_is_cut_to_its_middle() -> None:
    wide = Image.new("RGB", (900, 300), "#00ff00")
    wide.paste("#ff0000", (300, 0, 600, 300))
    found = made(files.encoded(wide, "PNG"), Use.ARTWORK)
    assert (found.width, found.height) == (128, 128)
    shown = files.opened(found.content).convert("RGB")
    assert shown.size == (256, 256)
    assert {shown.getpixel((5, 128)), shown.getpixel((250, 128))} == {(255, 0, 0)}


def test_no_picture_is_made_larger_than_it_was() -> None:
    found = made(files.photo(300, 200), Use.WIDE)
    assert (found.width, found.height) == (300, 200)
    assert files.opened(found.content).size == (300, 200)
    assert files.opened(made(files.photo(90, 100), Use.ARTWORK).content).size == (90, 90)


def test_a_heavily_pressed_picture_is_not_made_heavier() -> None:
    given_bytes = files.photo(1000, 600, quality=40)
    assert len(made(given_bytes, Use.WIDE).content) <= len(given_bytes) * 1.2


def test_a_drawing_stays_a_drawing_and_what_is_seen_through_stays_so() -> None:
    flat = made(files.drawing(), Use.WIDE)
    assert (flat.kind, flat.width) == (Kind.PNG, 528)
    found = made(files.clear(), Use.LOGO)
    assert (found.kind, found.width, found.height) == (Kind.PNG, 240, 80)
    shown = files.opened(found.content).convert("RGBA")
    assert shown.getpixel((0, 0))[3] == 0  # type: ignore[index]  # four channels
    assert shown.getpixel((60, 80)) == (11, 95, 90, 255)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_kind_that_browsers_send_is_read(form: str) -> None:
    assert made(files.photo(700, 500, form=form), Use.WIDE).width == 528


def test_greys_of_sixteen_bits_are_as_dark_as_they_were() -> None:
    deep = Image.frombytes("I;16", (40, 40), struct.pack("<1600H", *[20_000] * 1600))
    shown = files.opened(made(files.encoded(deep, "PNG"), Use.WIDE).content).convert("L")
    assert shown.getpixel((20, 20)) == pytest.approx(20_000 / 256, abs=2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_mode_of_colours_is_read(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert made(files.encoded(Image.new(mode, (120, 120)), form), Use.ARTWORK).width == 120


def test_of_an_animation_the_first_picture_is_taken() -> None:
    found = made(files.moving(), Use.WIDE)
    shown = files.opened(found.content)
    assert getattr(shown, "n_frames", 1) == 1
    assert shown.convert("RGB").getpixel((100, 100)) == (255, 0, 0)


def test_a_picture_is_turned_upright_and_says_nothing_of_its_camera() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "A camera of Ada's"
    found = made(files.photo(1600, 1000, exif=exif.tobytes(), comment=b"taken at home"), Use.WIDE)
    assert found.height > found.width
    shown = files.opened(found.content)
    assert not shown.getexif()
    assert b"Ada" not in found.content
    assert b"home" not in found.content


def test_colours_of_another_profile_are_made_the_webs_own() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = made(files.photo(600, 400, icc_profile=lab), Use.WIDE)
    assert "icc_profile" not in files.opened(found.content).info
    broken = made(files.photo(600, 400, icc_profile=b"no profile at all"), Use.WIDE)
    assert broken.width == 528


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><svg></svg>", "SVG"),
        (b"<!DOCTYPE html><title>Not found</title>", "web page"),
        (b"  <HTML><body>", "web page"),
        (b"%PDF-1.7 and more", "none of the kinds"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "none of the kinds"),
        (files.photo()[:2000], "damaged"),
        (files.photo(form="PNG")[:-2000], "damaged"),
        (b"x" * (MAX_BYTES + 1), "10 MB"),
        (files.photo(5, 400), "nothing could be seen"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        made(content, Use.WIDE)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize("size", [(30_000, 30_000), (20_001, 10), (5_001, 5_000)])
def test_a_bomb_is_refused_before_a_pixel_is_read(size: tuple[int, int]) -> None:
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    small = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    assert size[0] * size[1] > MAX_PIXELS or size[0] > 20_000
    with pytest.raises(PictureError, match="pixels"):
        made(small + _chunk(b"IEND", b""), Use.WIDE)


_WHOLE = {form: files.encoded(files.photo_image(40, 30), form) for form in ("JPEG", "PNG", "GIF", "WEBP", "AVIF")} | {
    "clear": files.clear(60, 40)
}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(_WHOLE)),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=6)), max_size=6),
    st.sampled_from([0, 0, 1, 40, 300]),
    st.sampled_from(Use),
)
def test_damaged_bytes_make_a_picture_or_a_reason(
    form: str, damages: list[tuple[int, bytes]], cut: int, use: Use
) -> None:
    content = bytearray(_WHOLE[form])
    for place, put in damages:
        at = place % len(content)
        content[at : at + len(put)] = put
    _made_or_refused(bytes(content[: len(content) - cut]), use)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 "]), st.binary())
def test_random_bytes_make_a_picture_or_a_reason(start: bytes, rest: bytes) -> None:
    _made_or_refused(start + rest, Use.WIDE)


def _made_or_refused(content: bytes, use: Use) -> None:
    try:
        found = made(content, use)
    except PictureError:
        return
    assert found.width > 0
    assert found.content
