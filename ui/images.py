"""Pictures of strangers, made harmless: decoded within limits and written anew, so that only pixels remain (F02)."""

from __future__ import annotations

import base64
import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from credkit.errors import MalformedValueError, TooComplexError

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_MAX_PIXELS = 50_000_000
_MAX_BYTES = 20_000_000


def open_image(data: bytes) -> Image.Image:
    """The first frame of a PNG, JPEG, GIF or WebP image, turned upright, loaded.

    Raises:
        MalformedValueError: not such an image, or a damaged one.
        TooComplexError: more than 20 MB or 50 million pixels.
    """
    if len(data) > _MAX_BYTES:
        raise TooComplexError("the picture is too large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=_FORMATS)
            if image.width * image.height > _MAX_PIXELS:
                raise TooComplexError("the picture has too many pixels")
            image.load()
            return ImageOps.exif_transpose(image) or image
    except TooComplexError:
        raise
    except Image.DecompressionBombError as cause:
        raise TooComplexError("the picture has too many pixels") from cause
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError) as cause:
        raise MalformedValueError("this is not a picture we can read") from cause


def picture_data_url(data: bytes, *, side_px: int = 320) -> str:
    """A small PNG of the picture as a ``data:`` URL, at most ``side_px`` wide and high, without metadata.

    Raises:
        MalformedValueError, TooComplexError: see ``open_image``.
    """
    image = open_image(data).convert("RGBA")
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    plain = Image.new("RGBA", image.size)
    plain.paste(image)
    buffer = BytesIO()
    plain.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def clean_picture(data: bytes, *, side_px: int = 2_000) -> bytes:
    """A JPEG of the picture, at most ``side_px`` wide and high, without metadata: what may be kept of strangers' files.

    Raises:
        MalformedValueError, TooComplexError: see ``open_image``.
    """
    image = open_image(data).convert("RGBA")
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    plain = Image.new("RGB", image.size, "white")
    plain.paste(image, mask=image.getchannel("A"))
    buffer = BytesIO()
    plain.save(buffer, "JPEG", quality=85, optimize=True)
    return buffer.getvalue()
