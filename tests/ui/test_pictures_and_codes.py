"""Pictures are decoded within limits and written anew; codes are made and read back (security.md F02)."""

from __future__ import annotations

import base64
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from credkit.errors import MalformedValueError, TooComplexError
from credkit.protocols.links import build_links
from credkit.protocols.oid4vci.v1_0 import offer_links
from ui.handover import build_handover
from ui.images import open_image, picture_data_url
from ui.passwords import hash_password, is_password
from ui.pdf import print_pdf
from ui.qr import qr_data_url, qr_terminal, read_codes

LINK = "https://wallet.example/offer?credential_offer_uri=https%3A%2F%2Fschool.example%2Foffers%2F1"


def image_of(url: str) -> bytes:
    return base64.b64decode(url.removeprefix("data:image/png;base64,"))


def png(**options) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (640, 480), "red").save(buffer, "PNG", **options)
    return buffer.getvalue()


def test_a_picture_keeps_its_pixels_and_nothing_else():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    polyglot = png(pnginfo=info) + b"<script>alert(1)</script>"
    written = image_of(picture_data_url(polyglot, side_px=100))
    assert b"script" not in written and b"Comment" not in written
    assert Image.open(BytesIO(written)).size == (100, 75)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        png()[:200],
        b"GIF89a",
        b"%PDF-1.4",
        b"\xff\xd8\xff\xe0" + b"\x00" * 50,
        b"RIFF\x00\x00\x00\x00WEBP",
        b"BM" + b"\x00" * 60,
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(MalformedValueError):
        open_image(data)


def test_half_a_picture_is_refused_after_a_page_was_printed_too():
    print_pdf("<!DOCTYPE html><html lang=en><title>Record</title><p>Record</p></html>", "")
    with pytest.raises(MalformedValueError):
        open_image(png()[:200])


def test_a_picture_bomb_is_refused_unread():
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    with pytest.raises(TooComplexError):
        open_image(b"\x89PNG\r\n\x1a\n" + chunk + b"\x00\x00\x00\x00IEND\xaeB`\x82")
    with pytest.raises(TooComplexError):
        open_image(b"x" * 20_000_001)


def test_a_code_is_large_enough_and_reads_back():
    written = image_of(qr_data_url(LINK))
    assert Image.open(BytesIO(written)).width >= 280
    assert read_codes(written) == (LINK,)


def test_a_photo_without_a_code_gives_nothing():
    assert read_codes(png()) == ()


def test_a_code_for_a_terminal():
    assert set("█▀▄ \n\xa0") >= set(qr_terminal(LINK))


def test_a_link_too_long_for_a_code_is_refused():
    with pytest.raises(TooComplexError):
        qr_data_url("x" * 5000)
    with pytest.raises(MalformedValueError):
        qr_data_url("")


def test_one_known_wallet_gets_the_code():
    handover = build_handover("offer", offer_links("https://school.example/offers/1", ["https://wallet.example/"]))
    assert handover.code_text == handover.wallets[0].url == LINK
    assert handover.scheme_link == LINK.replace("https://wallet.example/offer", "openid-credential-offer://")


@pytest.mark.parametrize("wallets", [[], ["https://a.example", "https://b.example"]])
def test_without_exactly_one_wallet_the_code_holds_the_scheme(wallets):
    asked = {"client_id": "x", "request_uri": "https://c.example/r"}
    handover = build_handover("request", build_links("openid4vp", "request", asked, wallets))
    assert (
        handover.code_text == handover.scheme_link == "openid4vp://?client_id=x&request_uri=https%3A%2F%2Fc.example%2Fr"
    )
    assert len(handover.wallets) == len(wallets)


def test_a_password_is_checked_against_its_hash():
    stored = hash_password("contraseña", b"0" * 16)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_password("contraseña", stored)
    assert not is_password("contrasena", stored)
    assert not is_password("contraseña", None)
    assert not is_password("x" * 5000, stored)
