"""Makes a picture fit for mail of whatever bytes somebody sent: small, upright, in sRGB, without metadata."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import cast

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from curator.pictures.values import MAX_BYTES, Kind, Made, PictureError, Use

# Pillow's own limit warns where it should refuse; ours is looked at before a pixel is read.
Image.MAX_IMAGE_PIXELS = None

MAX_PIXELS = 25_000_000
"""A camera's picture, or nearly three podcasts' artworks of 3,000 by 3,000; at four bytes each they take 100 MB."""

_MAX_SIDE = 20_000
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_SHOWN = 2  # device pixels of a CSS pixel on the screens of phones and of most laptops
# A drawing has fewer; a photograph in greys may have 256 of them.
_FEW_COLOURS, _PALETTE = 64, 256
_COUNTED = ("1", "L", "P", "RGB")
# How much heavier clean edges may be than a JPEG's smeared ones.
_WORTH = 2
# Whose pixels can be averaged; a palette's numbers cannot.
_REDUCED = ("L", "LA", "RGB", "RGBA", "CMYK")
# Below 50 blocks are seen; the first that is no heavier than what came is taken, else the last.
_QUALITIES = (80, 70, 60, 50)


@dataclass(frozen=True)
class _Frame:
    """The largest size, in CSS pixels, at which a picture of a use is shown."""

    width: int
    height: int
    is_filled: bool = False


_FRAMES = {
    # Artwork is square by every platform's rules; what is not is cut to its middle.
    Use.ARTWORK: _Frame(128, 128, is_filled=True),
    # The column of words in the mail. Higher than wide would push the words off a screen.
    Use.WIDE: _Frame(528, 704),
    Use.LOGO: _Frame(240, 80),
}


def made(content: bytes, use: Use) -> Made:
    """Returns the picture to keep of a file. Raises PictureError with the reason in words, and nothing else."""
    _require_picture(content)
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as opened:
            _require_size(opened.size)
            return _made(opened, use, at_most=len(content))
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError("The file is none of the kinds that mail shows: JPEG, PNG, GIF, WebP or AVIF.") from error
    except MemoryError as error:
        raise PictureError("The picture is too large to be made smaller here.") from error
    except Exception as error:
        # Pillow's decoders raise whatever a broken file makes them stumble over: OSError, SyntaxError, struct.error...
        raise PictureError("The file is damaged, or its end is missing.") from error


def _require_picture(content: bytes) -> None:
    """Names what is often sent in a picture's place, so that nobody has to guess."""
    if not content:
        raise PictureError("The file is empty.")
    if len(content) > MAX_BYTES:
        raise PictureError(f"The file has more than {MAX_BYTES // 1_000_000} MB.")
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        raise PictureError("It is a web page and no picture.")
    if b"<svg" in start and start.startswith(b"<"):
        raise PictureError("It is an SVG drawing, which mail programs do not show.")


def _require_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_PIXELS or max(size) > _MAX_SIDE:
        raise PictureError(f"It measures {width:,} by {height:,} pixels, which is more than is read here.")
    if min(size) < 8:
        raise PictureError(f"It measures {width} by {height} pixels: nothing could be seen on it.")


def _made(opened: Image.Image, use: Use, *, at_most: int) -> Made:
    frame = _FRAMES[use]
    if opened.format == "JPEG":
        # Lets the decoder skip what would be thrown away: a tenth of the time and memory for a camera's picture.
        opened.draft(None, (frame.width * _SHOWN * 2, frame.height * _SHOWN * 2))
    shallow = _in_eight_bits(opened)
    has_few = shallow.mode in _COUNTED and shallow.getcolors(_FEW_COLOURS) is not None
    upright = ImageOps.exif_transpose(_smaller(shallow, frame))
    shown = _resized(_in_srgb(upright), frame)
    width, height = _css_size(shown.size, frame)
    content, kind = _written(shown, has_few=has_few, at_most=at_most)
    return Made(content, kind, width, height)


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Returns greys of sixteen bits in eight; Pillow's own conversion makes all but the darkest white."""
    if not image.mode.startswith("I"):
        return image
    return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def _smaller(image: Image.Image, frame: _Frame) -> Image.Image:
    """Returns a picture that is still twice as large as needed, at a fraction of the memory."""
    factor = min(image.size) // (max(frame.width, frame.height) * _SHOWN * 2)
    return image.reduce(factor) if factor > 1 and image.mode in _REDUCED else image


def _written(image: Image.Image, *, has_few: bool, at_most: int) -> tuple[bytes, Kind]:
    """Returns PNG for what is seen through and for drawings, JPEG for all else."""
    if _has_alpha(image):
        return _png(image), Kind.PNG
    jpeg = _jpeg(image, at_most=at_most)
    if has_few and len(png := _png(image)) <= _WORTH * len(jpeg):
        return png, Kind.PNG
    return jpeg, Kind.JPEG


def _in_srgb(image: Image.Image) -> Image.Image:
    """Returns the first frame in sRGB, RGB or RGBA, with nothing else about it."""
    profile = image.info.get("icc_profile")
    is_clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    alpha = image.convert("RGBA").getchannel("A") if is_clear else None
    colours = _converted(image, profile) if isinstance(profile, bytes) and alpha is None else None
    colours = colours or image.convert("RGB")
    if alpha is None or cast("tuple[int, int]", alpha.getextrema())[0] == 255:
        return _bare(colours)
    # Shown on whatever the mail's ground is, so what cannot be seen must not colour the edges when it is resized.
    return _bare(Image.merge("RGBA", (*colours.split(), alpha)))


def _converted(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Returns the picture by its own colour profile, None where that is of no use."""
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _bare(image: Image.Image) -> Image.Image:
    image.info = {}
    return image


def _has_alpha(image: Image.Image) -> bool:
    return image.mode == "RGBA"


def _resized(image: Image.Image, frame: _Frame) -> Image.Image:
    """Returns the picture at most twice as large as it is shown, and never larger than it was."""
    most = (frame.width * _SHOWN, frame.height * _SHOWN)
    if frame.is_filled:
        side = min(*image.size, most[0])
        return ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS)
    width, height = image.size
    share = min(most[0] / width, most[1] / height, 1)
    if share == 1:
        return image
    size = max(1, round(width * share)), max(1, round(height * share))
    return image.resize(size, Image.Resampling.LANCZOS)


def _css_size(size: tuple[int, int], frame: _Frame) -> tuple[int, int]:
    """Returns how large a picture is shown: within its frame, and never with less than a pixel to show a pixel by."""
    width, height = size
    share = min(frame.width / width, frame.height / height, 1)
    return max(1, round(width * share)), max(1, round(height * share))


def _png(image: Image.Image) -> bytes:
    """256 colours: a fourth of the bytes, and a drawing or a logo looks the same."""
    method = Image.Quantize.FASTOCTREE if _has_alpha(image) else Image.Quantize.MEDIANCUT
    few = image.quantize(_PALETTE, method=method, dither=Image.Dither.NONE)
    return min(_as_png(image), _as_png(few), key=len)


def _as_png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _jpeg(image: Image.Image, *, at_most: int) -> bytes:
    tries = list(_jpegs(image, at_most=at_most))
    return tries[-1]


def _jpegs(image: Image.Image, *, at_most: int) -> Iterator[bytes]:
    for quality in _QUALITIES:
        out = BytesIO()
        image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        yield out.getvalue()
        if len(out.getvalue()) <= at_most:
            return
