"""Bytes and text: one meaning or a typed error (security.md A09, A10, B08, C08)."""

from __future__ import annotations

import base64
import json

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from credkit.encoding import (
    base58_decode,
    base58_encode,
    base64_decode,
    base64_encode,
    base64url_decode,
    base64url_encode,
    cbor_decode,
    cbor_encode,
    dump_json,
    multibase_decode,
    parse_json,
    parse_json_object,
)
from credkit.errors import CredkitError, MalformedValueError, ParsingError, TooComplexError
from tests.support.shared import vectors

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=20,
)
CBOR_VALUES = st.recursive(
    st.integers(0, 2**64 - 1) | st.binary(max_size=40) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(0, 500), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_json_means_what_the_standard_reader_says(value):
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "[1,]",
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":1}}',
        "NaN",
        "-Infinity",
        "[1e400]",
        '"\\ud800"',
        '{"\\udfff":1}',
        "\ufeff{}",
        "{'a':1}",
        "01",
        "[1] x",
        '"\t"',
        "nul",
        "9" * 500,
    ],
)
def test_json_with_no_or_two_meanings_is_refused(text):
    with pytest.raises(ParsingError):
        parse_json(text)


@pytest.mark.parametrize("raw", [b"\xff\xfe{}", b'"\xc3\x28"', b"\x00", b"\x89PNG\r\n", b'"\xed\xa0\x80"'])
def test_bytes_that_are_no_utf8_json_are_refused(raw):
    with pytest.raises(ParsingError):
        parse_json(raw)


@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused_at_once(depth, opening, closing):
    with pytest.raises(TooComplexError):
        parse_json(opening * depth + "1" + closing * depth)


def test_brackets_inside_strings_are_not_nesting():
    text = json.dumps(["[" * 500 + '\\"{', "]"])
    assert parse_json(text) == json.loads(text)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_sixty_four_levels_are_not_too_deep_whatever_strings_hold(opening, closing):
    value = parse_json(opening * 64 + '"[[{{"' + closing * 64)
    assert value is not None


@pytest.mark.parametrize("depth", [65, 500, 990])
def test_a_deep_text_with_half_a_surrogate_is_a_typed_error(depth):
    with pytest.raises(TooComplexError):
        parse_json("[" * depth + '"\\ud800"' + "]" * depth)


def test_many_flat_arrays_are_not_deep():
    assert parse_json("[" + ",".join(["[1]"] * 500) + "]") == [[1]] * 500


def test_oversized_json_is_refused():
    with pytest.raises(TooComplexError):
        parse_json(b'"' + b"a" * 100 + b'"', max_bytes=50)


@pytest.mark.parametrize("text", ["[]", "1", "null", '"{}"'])
def test_an_object_is_demanded_where_one_is_needed(text):
    with pytest.raises(ParsingError):
        parse_json_object(text)


@given(st.binary(max_size=64))
def test_base64url_and_base58_come_back(data):
    assert base64url_decode(base64url_encode(data)) == data
    assert base58_decode(base58_encode(data)) == data


@given(st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=1024))
@example("z" * 1024)
@example("1" * 1024)
@example("2" + "1" * 1023)
def test_base58_is_what_its_digits_say(text):
    digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    zeros, number = len(text) - len(text.lstrip("1")), 0
    for character in text:
        number = number * 58 + digits.index(character)

    assert base58_decode(text) == bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    assert base58_encode(base58_decode(text)) == text


@pytest.mark.parametrize("text", ["a", "YQ==", "Y Q", "YQ\n", "Y+Q/", "YR", "ÄÖ", "YQ\x00"])
def test_lax_base64url_is_refused(text):
    with pytest.raises(ParsingError):
        base64url_decode(text)


@given(st.text("AQgwzZ09-_+/= \né", max_size=9))
def test_base64url_has_one_spelling(text):
    """The judge is the standard library's lax reader: what it gives must be written as the text is."""
    try:
        read = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        proper = base64.urlsafe_b64encode(read).rstrip(b"=").decode() == text
    except ValueError:
        proper = False

    if proper:
        assert base64url_decode(text) == read
    else:
        with pytest.raises(ParsingError):
            base64url_decode(text)


@pytest.mark.parametrize("text", [None, 7, b"YQ"])
def test_base64url_is_text(text):
    with pytest.raises(ParsingError):
        base64url_decode(text)


@pytest.mark.parametrize("value", [float("nan"), {"a": object()}, ["\ud800"], {1.5: {2}}])
def test_what_json_cannot_say_is_not_written(value):
    with pytest.raises(MalformedValueError):
        dump_json(value)


def test_what_holds_itself_is_not_written():
    value: list = []
    value.append(value)
    with pytest.raises(MalformedValueError):
        dump_json(value)


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "z z", "z" * 1025, "ä", "я", "\ud800", "z\0", "ÿ"])
def test_bad_base58_is_refused(text):
    with pytest.raises(ParsingError):
        base58_decode(text)


@pytest.mark.parametrize("value", [None, 7, [], "", "mYQ", "Z1", "f00"])
def test_other_multibase_headers_are_refused(value):
    with pytest.raises(ParsingError):
        multibase_decode(value)


@pytest.mark.spec("RFC4648", "#section-4")
@given(st.binary(max_size=40))
def test_base64_equals_the_library_with_its_padding_or_without(data):
    text = base64.b64encode(data).decode()
    assert base64_encode(data) == text.rstrip("=")
    assert base64_decode(text) == base64_decode(text.rstrip("=")) == data


@pytest.mark.parametrize(
    "text", [None, b"AA", "A", "AA=", "AAA==", "AAAA=", "=", "AB==", "AAB", "A A=", "AA-_", "AAAA\n", "==AA", "é"]
)
def test_bad_base64_is_refused(text):
    with pytest.raises(ParsingError):
        base64_decode(text)


@given(JSON_VALUES)
def test_json_is_written_so_that_it_is_read_back(value):
    assert parse_json(dump_json(value)) == value


@pytest.mark.parametrize("value", [{1, 2}, b"x", float("nan"), "\ud800", {("a",): 1}])
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises(MalformedValueError):
        dump_json({"member": value})


@given(CBOR_VALUES)
def test_cbor_equals_the_library(value):
    assert cbor_decode(cbor2.dumps(value)) == value == cbor2.loads(cbor_encode(value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "18",
        "1801",
        "190001",
        "5f4101ff",
        "9f01ff",
        "a2010101 02".replace(" ", ""),
        "c11a514b67b0",
        "d81c00",
        "f4",
        "fb3ff0000000000000",
        "20",
        "0101",
        "61ff",
        "5affffffff",
        "9affffffff",
        "bbffffffffffffffff",
        "81" * 20 + "01",
        "a1810101",
        "1c",
        "f6",
    ],
)
def test_cbor_outside_the_strict_subset_is_refused(text):
    with pytest.raises(ParsingError):
        cbor_decode(bytes.fromhex(text))


@given(st.integers(-(2**64), -1))
def test_negative_numbers_are_cbor_only_where_they_are_asked_for(number):
    assert cbor_decode(cbor2.dumps([number]), negative=True) == [number]
    with pytest.raises(ParsingError):
        cbor_decode(cbor2.dumps([number]))


@given(st.binary(max_size=60))
def test_random_bytes_are_cbor_or_a_typed_error(data):
    try:
        value = cbor_decode(data)
    except CredkitError:
        return
    assert cbor_encode(value) == data


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_jcs_vectors(name):
    import rfc8785

    source = vectors(f"jcs/input/{name}.json").read_bytes()
    assert rfc8785.dumps(json.loads(source)) == vectors(f"jcs/output/{name}.json").read_bytes()
