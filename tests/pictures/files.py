"""Picture files made on the spot: photographs, drawings, and what is no picture."""

from io import BytesIO
from random import Random

from PIL import Image


def photo(width: int = 1600, height: int = 1000, *, form: str = "JPEG", **told: object) -> bytes:
    """A picture of many colours; `told` is handed to the encoder (exif, icc_profile, quality)."""
    return encoded(photo_image(width, height), form, **told)


def photo_image(width: int, height: int) -> Image.Image:
    small = Image.frombytes("RGB", (32, 32), Random(1).randbytes(32 * 32 * 3))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def drawing(width: int = 600, height: int = 300) -> bytes:
    """A flat drawing of two colours."""
    image = Image.new("RGB", (width, height), "#ffffff")
    image.paste("#0b5f5a", (width // 4, height // 4, width // 2, height // 2))
    return encoded(image, "PNG")


def clear(width: int = 600, height: int = 200) -> bytes:
    """A mark on nothing."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste((11, 95, 90, 255), (20, 20, width // 2, height - 20))
    return encoded(image, "PNG")


def moving() -> bytes:
    """An animation: red, then blue."""
    frames = [Image.new("RGB", (200, 200), colour) for colour in ("#ff0000", "#0000ff")]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)


def encoded(image: Image.Image, form: str, **told: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **told)  # type: ignore[arg-type]  # each encoder has words of its own
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image
