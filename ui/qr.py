"""QR codes: made for pages and terminals, read from photos. Nothing leaves the process."""

from __future__ import annotations

import base64
from io import BytesIO, StringIO

import qrcode
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.image.pil import PilImage

from credkit.errors import MalformedValueError, TooComplexError
from ui.images import open_image

_SMALLEST_PX = 280


def qr_data_url(text: str) -> str:
    """A ``data:image/png`` URL of the code for ``text``, at least 280 pixels wide, for an ``<img>``.

    Raises:
        TooComplexError: ``text`` does not fit into a code (about 2,900 bytes).
    """
    code = _code(text)
    modules = code.modules_count + 2 * code.border
    code.box_size = max(4, -(-2 * _SMALLEST_PX // modules))
    buffer = BytesIO()
    code.make_image().save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def qr_terminal(text: str) -> str:
    """The code for ``text`` as lines of block characters, dark on light, for a terminal.

    Raises:
        TooComplexError: ``text`` does not fit into a code.
    """
    lines = StringIO()
    _code(text, border=2).print_ascii(out=lines, invert=True)
    return lines.getvalue()


def read_codes(photo: bytes) -> tuple[str, ...]:
    """The texts of the QR codes in a photo, in the order found; empty if there is none.

    Raises:
        MalformedValueError: not an image we read.
        TooComplexError: the image is too large.
    """
    image = open_image(photo).convert("L")
    image.thumbnail((2400, 2400), Image.Resampling.LANCZOS)
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return tuple(code.text for code in found if code.text)


def _code(text: str, border: int = 4) -> qrcode.QRCode[PilImage]:
    if not text:
        raise MalformedValueError("there is nothing to put into a code")
    level = ERROR_CORRECT_M if len(text) <= 600 else ERROR_CORRECT_L
    code: qrcode.QRCode[PilImage] = qrcode.QRCode(error_correction=level, border=border, image_factory=PilImage)
    try:
        code.add_data(text)
        code.make(fit=True)
    except (DataOverflowError, ValueError) as cause:
        raise TooComplexError("the link is too long for a code") from cause
    return code
