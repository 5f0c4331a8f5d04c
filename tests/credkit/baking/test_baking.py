"""Badges in pictures: put in and taken out, of both standards; damaged, double and hostile files are typed errors."""

from __future__ import annotations

import io
import json
import random
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from credkit.baking import MAX_PICTURE_BYTES, MAX_TEXT_BYTES, BakedBadge, bake, is_carrier, unbake
from credkit.errors import CredkitError, MalformedValueError, ParsingError, TooComplexError

JSON = json.dumps({"name": "María ]]> <&>\"'", "type": ["OpenBadgeCredential"]}, ensure_ascii=False)
JWS = "eyJhbGciOiJFUzI1NiJ9.eyJ4IjoxfQ.c2ln"
SVG = (b'<?xml version="1.0" encoding="UTF-8"?>\n'
       b'<svg xmlns="http://www.w3.org/2000/svg" width="9"><title>A</title></svg>')
SVG_3, SVG_2 = "https://purl.imsglobal.org/ob/v3p0", "http://openbadges.org"


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(buffer, "PNG")
    return buffer.getvalue()


PNG = picture()
PICTURES = {"png": PNG, "svg": SVG}


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_chunks(*chunks: bytes) -> bytes:
    """The picture with ``chunks`` before its end."""
    return PNG[:-12] + b"".join(chunks) + PNG[-12:]


def itxt(keyword: bytes, text: bytes, flags: bytes = b"\x00\x00") -> bytes:
    return chunk(b"iTXt", keyword + b"\x00" + flags + b"\x00\x00" + text)


def inner_svg(inside: str, root: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg"{root}>{inside}</svg>'.encode()


@pytest.mark.spec("OB-3.0", "#baking")
@pytest.mark.parametrize("text", [JSON, JWS])
@pytest.mark.parametrize("kind", PICTURES)
def test_what_is_put_in_comes_out(kind: str, text: str) -> None:
    baked = bake(PICTURES[kind], text)
    assert is_carrier(baked)
    assert unbake(baked) == BakedBadge(text, "3.0")
    assert unbake(PICTURES[kind]) is None


@pytest.mark.spec("OB-3.0", "#png")
def test_a_png_holds_one_uncompressed_itxt_and_is_the_same_picture() -> None:
    baked = bake(bake(PNG, JWS), JSON)
    assert baked.count(b"openbadgecredential") == 1
    assert b"iTXtopenbadgecredential\x00\x00\x00\x00\x00" + JSON.encode() in baked
    with Image.open(io.BytesIO(baked)) as read:
        assert read.info["openbadgecredential"] == JSON
        assert read.tobytes() == Image.open(io.BytesIO(PNG)).tobytes()


@pytest.mark.spec("OB-3.0", "#svg")
@pytest.mark.parametrize("svg", [
    SVG, b'\xef\xbb\xbf<svg xmlns="http://www.w3.org/2000/svg"/>', b"<svg xmlns='http://www.w3.org/2000/svg' id='>' />",
    b'<!-- a --><s:svg xmlns:s="http://www.w3.org/2000/svg"\n width = "1"\n></s:svg>',
    b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n' + SVG[39:],
])
def test_any_svg_can_carry_a_badge_right_below_its_root(svg: bytes) -> None:
    for text in (JSON, JWS):
        baked = bake(svg, text)
        assert unbake(baked) == BakedBadge(text, "3.0")
        assert f'xmlns:openbadges="{SVG_3}"><openbadges:credential'.encode() in baked
        with pytest.raises(ParsingError):
            bake(baked, text)


@pytest.mark.parametrize("data", [
    with_chunks(itxt(b"openbadges", b"https://a.example/assertion")),
    with_chunks(chunk(b"tEXt", b"openbadges\x00https://a.example/assertion")),
    with_chunks(itxt(b"openbadges", zlib.compress(b"https://a.example/assertion"), b"\x01\x00")),
    inner_svg('<openbadges:assertion verify="https://a.example/assertion"/>', f' xmlns:openbadges="{SVG_2}"'),
    inner_svg(f'<b:assertion xmlns:b="{SVG_2}"><![CDATA[https://a.example/assertion]]></b:assertion>'),
])
def test_what_open_badges_2_put_in_is_read(data: bytes) -> None:
    assert unbake(data) == BakedBadge("https://a.example/assertion", "2.0")


def test_compressed_text_and_a_language_are_read_and_the_newer_badge_comes_first() -> None:
    packed = chunk(b"iTXt", b"openbadgecredential\x00\x01\x00en\x00badge\x00" + zlib.compress(JSON.encode()))
    assert unbake(with_chunks(itxt(b"openbadges", b"{}"), packed)) == BakedBadge(JSON, "3.0")


BOMB = zlib.compress(b"{" * (MAX_TEXT_BYTES + 1))
HOSTILE: dict[str, tuple[bytes, type[CredkitError]]] = {
    "one keyword twice": (with_chunks(itxt(b"openbadgecredential", b"{}"), itxt(b"openbadgecredential", b"{}")),
                          ParsingError),
    "once as tEXt": (with_chunks(itxt(b"openbadges", b"{}"), chunk(b"tEXt", b"openbadges\x00{}")), ParsingError),
    "a wrong checksum": (PNG[:-13] + b"\x00" + PNG[-12:], ParsingError),
    "cut off": (bake(PNG, JSON)[:-20], ParsingError),
    "only a beginning": (PNG[:8], ParsingError),
    "a length beyond the end": (PNG[:8] + b"\xff\xff\xff\xffIHDR" + PNG[16:], ParsingError),
    "no IHDR first": (PNG[:8] + chunk(b"tEXt", b"a\x00b") + PNG[8:], ParsingError),
    "a zip after its end": (PNG + b"PK\x03\x04", ParsingError),
    "a second picture after its end": (PNG + PNG, ParsingError),
    "a zip bomb": (with_chunks(itxt(b"openbadges", BOMB, b"\x01\x00")), TooComplexError),
    "packed in no known way": (with_chunks(itxt(b"openbadges", b"{}", b"\x01\x01")), ParsingError),
    "packed badly": (with_chunks(itxt(b"openbadges", b"{}", b"\x01\x00")), ParsingError),
    "packed with a trailer": (with_chunks(itxt(b"openbadges", zlib.compress(b"{}") + b"x", b"\x01\x00")), ParsingError),
    "no text": (with_chunks(itxt(b"openbadgecredential", b" ")), ParsingError),
    "not UTF-8": (with_chunks(itxt(b"openbadgecredential", b"\xff\xfe")), ParsingError),
    "no separators": (with_chunks(chunk(b"iTXt", b"openbadges\x00\x00\x00x")), ParsingError),
    "a huge text": (with_chunks(itxt(b"openbadges", b"{" * (MAX_TEXT_BYTES + 1))), TooComplexError),
    "many chunks": (with_chunks(*[chunk(b"tEXt", b"")] * 50_001), TooComplexError),
    "a huge file": (PNG + b"\x00" * MAX_PICTURE_BYTES, TooComplexError),
    "a huge SVG": (SVG + b" " * MAX_PICTURE_BYTES, TooComplexError),
    "an entity": (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + inner_svg("&a;"), ParsingError),
    "an entity from outside": (b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + inner_svg("&a;"),
                               ParsingError),
    "a billion laughs": (b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + inner_svg("&b;"), ParsingError),
    "two badges": (inner_svg(f'<b:credential verify="{JWS}"/><b:credential verify="{JWS}"/>', f' xmlns:b="{SVG_3}"'),
                   ParsingError),
    "two in one": (inner_svg(f'<b:credential verify="{JWS}">{{}}</b:credential>', f' xmlns:b="{SVG_3}"'), ParsingError),
    "an empty one": (inner_svg("<b:credential/>", f' xmlns:b="{SVG_3}"'), ParsingError),
    "hidden deeper": (inner_svg(f'<g><b:credential verify="{JWS}"/></g>', f' xmlns:b="{SVG_3}"'), ParsingError),
    "an element in it": (inner_svg("<b:credential><g/>{}</b:credential>", f' xmlns:b="{SVG_3}"'), ParsingError),
    "another root": (b"<?xml version='1.0'?><html/>", ParsingError),
    "no namespace": (b"<svg/>", ParsingError),
    "not well-formed": (b"<svg xmlns='http://www.w3.org/2000/svg'>", ParsingError),
    "an unknown encoding": (b"<?xml version='1.0' encoding='x-nope'?><svg/>", ParsingError),
    "deep": (inner_svg("<g>" * 200 + "</g>" * 200), TooComplexError),
    "many elements": (inner_svg("<g/>" * 100_001), TooComplexError),
    "a huge text in XML": (inner_svg(f"<b:credential>{'{' * (MAX_TEXT_BYTES + 1)}</b:credential>",
                                     f' xmlns:b="{SVG_3}"'), TooComplexError),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_are_typed_errors(name: str) -> None:
    data, kind = HOSTILE[name]
    with pytest.raises(kind):
        unbake(data)
    if name not in ("one keyword twice", "once as tEXt", "a zip bomb", "packed in no known way", "packed badly",
                    "packed with a trailer", "no text", "not UTF-8", "no separators", "a huge text"):
        with pytest.raises(CredkitError):
            bake(data, JSON)


@pytest.mark.parametrize("text", ["", "x", "{", "[]", "a.b", f"{{{chr(0)}}}", "{\ud800}"])
def test_only_a_credential_is_put_in(text: str) -> None:
    for data in PICTURES.values():
        with pytest.raises(MalformedValueError):
            bake(data, text)


def test_only_a_png_or_an_svg_carries_a_badge() -> None:
    for data in (b"", b"GIF89a", b"\xff\xd8\xff", b"{}", b"\x89PNG"):
        assert unbake(data) is None and not is_carrier(data)
        with pytest.raises(MalformedValueError):
            bake(data, JSON)
    with pytest.raises(TooComplexError):
        bake(PNG, "{" + "x" * MAX_TEXT_BYTES + "}")


@pytest.mark.parametrize("kind", PICTURES)
def test_any_changed_byte_is_read_or_a_typed_error(kind: str) -> None:
    baked, chance = bake(PICTURES[kind], JSON), random.Random(20)
    for _ in range(400):
        place, found = chance.randrange(len(baked)), bytearray(baked)
        found[place] ^= 1 << chance.randrange(8)
        try:
            told: Any = unbake(bytes(found[: chance.choice([len(found), place])]))
        except CredkitError:
            continue
        assert told is None or isinstance(told, BakedBadge)
