"""Bitstring Status List, both sides (security.md C01, C02, C04)."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credkit.encoding import multibase_decode, multibase_encode_base64url
from credkit.errors import (
    CredkitError,
    MalformedValueError,
    RangeValueError,
    StatusListLengthError,
    StatusVerificationError,
)
from credkit.status import bitstring

# VC-BITSTRING-STATUS-LIST #example-example-statuslistcredential: 131,072 zeros
PUBLISHED_ZEROS = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
URL = "https://school.example/status/1"
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def list_credential(*indexes, purpose="revocation"):
    return bitstring.build_status_list_credential(
        url=URL,
        issuer="did:web:school.example",
        context="https://www.w3.org/ns/credentials/v2",
        set_indexes=indexes,
        valid_from=NOW,
        valid_until=NOW + timedelta(days=1),
        purpose=purpose,
    )


MESSAGES = [{"status": f"0x{number}", "message": words}
            for number, words in enumerate(["pending", "accepted", "rejected", "undefined"])]
# VC-BITSTRING-STATUS-LIST #bitstringstatuslistentry, its example of a message with two bits


@pytest.mark.spec("VC-BITSTRING-STATUS-LIST", "#bitstring-expansion-algorithm")
def test_the_published_list_of_zeros_is_read():
    bits = bitstring.decode_list(PUBLISHED_ZEROS)
    assert len(bits) * 8 == 131_072
    assert not any(bits)


def test_our_list_of_zeros_unpacks_to_the_published_one():
    assert bitstring.decode_list(bitstring.encode_list([])) == bitstring.decode_list(PUBLISHED_ZEROS)


def test_the_most_significant_bit_comes_first():
    bits = gzip.decompress(multibase_decode(bitstring.encode_list([0, 9, 131_071])))
    assert (bits[0], bits[1], bits[-1]) == (0x80, 0x40, 0x01)


@settings(max_examples=30)
@given(st.sets(st.integers(0, 131_071), max_size=50))
def test_exactly_the_set_bits_are_read(indexes):
    bits = bitstring.decode_list(bitstring.encode_list(indexes))
    around = {place for index in indexes for place in (index - 1, index, index + 1) if 0 <= place < 131_072}
    assert {place for place in around if bitstring.read_bits(bits, place)} == indexes


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"x",
        zlib.compress(bytes(16_384)),
        gzip.compress(bytes(16_384), mtime=0)[:-1],
        gzip.compress(bytes(16_384), mtime=0) + b"\0",
        gzip.compress(bytes(16_384), mtime=0) * 2,
        gzip.compress(bytes(5 * 1024 * 1024), mtime=0),
    ],
)
def test_what_is_not_one_bounded_gzip_member_is_refused(packed):
    with pytest.raises(StatusVerificationError):
        bitstring.decode_list(multibase_encode_base64url(packed))


@pytest.mark.parametrize(
    "encoded", [None, 5, [], "", PUBLISHED_ZEROS[1:], "z" + PUBLISHED_ZEROS[1:], PUBLISHED_ZEROS + "="]
)
def test_a_list_that_is_not_multibase_base64url_is_refused(encoded):
    with pytest.raises(StatusVerificationError):
        bitstring.decode_list(encoded)


def test_a_gigabyte_bomb_costs_no_memory():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    with pytest.raises(StatusVerificationError):
        bitstring.decode_list(multibase_encode_base64url(bomb))


def test_a_short_list_is_refused():
    with pytest.raises(StatusListLengthError):
        bitstring.decode_list(multibase_encode_base64url(gzip.compress(bytes(1_000))))
    with pytest.raises(StatusListLengthError):
        bitstring.encode_list([], 1_000)


@pytest.mark.parametrize("index", [-1, 5, 1.5, True, None, "5 ", "-1", "05", "1e3", "99999999999", "٣", "", "0x1"])
def test_an_index_that_is_not_a_canonical_number_is_refused(index):
    entry = {**bitstring.build_entry(URL, 5), "statusListIndex": index}
    with pytest.raises((RangeValueError, MalformedValueError)):
        bitstring.parse_entry(entry)


def test_an_index_beyond_the_list_is_refused():
    entry = bitstring.parse_entry(bitstring.build_entry(URL, 131_072))
    with pytest.raises(RangeValueError):
        bitstring.read_status(entry, list_credential())


def test_a_set_bit_is_read_through_the_credential():
    entry = bitstring.parse_entry(bitstring.build_entry(URL, 7))
    assert bitstring.read_status(entry, list_credential(7))
    assert not bitstring.read_status(entry, list_credential(6, 8))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "https://school.example/status/2"},
        {"type": ["VerifiableCredential"]},
        {
            "credentialSubject": {
                "type": "BitstringStatusList",
                "statusPurpose": "suspension",
                "encodedList": PUBLISHED_ZEROS,
            }
        },
        {"credentialSubject": {"type": "Other", "statusPurpose": "revocation", "encodedList": PUBLISHED_ZEROS}},
    ],
)
def test_another_list_is_refused(change):
    entry = bitstring.parse_entry(bitstring.build_entry(URL, 7))
    with pytest.raises(StatusVerificationError):
        bitstring.read_status(entry, {**list_credential(), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"statusPurpose": "mood"},
        {"statusPurpose": 1},
        {"statusSize": 2},
        {"statusSize": 0},
        {"statusSize": 9},
        {"statusSize": True},
        {"statusSize": "1"},
        {"statusSize": 2, "statusPurpose": "message"},
        {"statusSize": 2, "statusPurpose": "revocation", "statusMessage": MESSAGES},
        {"statusSize": 2, "statusPurpose": "message", "statusMessage": MESSAGES[:3]},
        {"statusSize": 2, "statusPurpose": "message", "statusMessage": [*MESSAGES, MESSAGES[0]]},
        {"statusSize": 1, "statusPurpose": "message", "statusMessage": MESSAGES},
        {"statusPurpose": "message", "statusMessage": [{"status": 0, "message": "no"}]},
        {"statusPurpose": "message", "statusMessage": [{"status": "0", "message": "no"}]},
        {"statusPurpose": "message", "statusMessage": [{"status": "0xfffff", "message": "no"}]},
        {"statusPurpose": "message", "statusMessage": ["no", "yes"]},
        {"statusPurpose": "message", "statusMessage": [{"status": "0x0"}]},
        {"statusListCredential": "x"},
        {"statusListCredential": None},
    ],
)
def test_an_entry_we_do_not_speak_is_refused(change):
    with pytest.raises(CredkitError):
        bitstring.parse_entry({**bitstring.build_entry(URL, 1), **change})


@pytest.mark.spec("VC-BITSTRING-STATUS-LIST", "#validate-algorithm")
@pytest.mark.parametrize("status", range(4))
def test_a_message_of_two_bits_is_read_in_the_issuers_words_whatever_their_order(status):
    entry = bitstring.parse_entry({**bitstring.build_entry(URL, 70_001, "message"), "statusSize": 2,
                                   "statusMessage": list(reversed(MESSAGES))})
    bits = {2 * 70_001 + place for place in (0, 1) if status >> (1 - place) & 1}
    long = bitstring.encode_list(bits, 2 * 131_072)
    listed = list_credential(purpose="message")
    listed["credentialSubject"]["encodedList"] = long

    assert bitstring.read_status(entry, listed) == status
    assert entry.message(status) == MESSAGES[status]["message"]
    with pytest.raises(StatusListLengthError):
        bitstring.read_status(entry, list_credential(purpose="message"))


def test_a_message_of_one_bit_needs_no_words():
    entry = bitstring.parse_entry(bitstring.build_entry(URL, 3, "message"))
    assert [entry.message(status) for status in (0, 1)] == ["unset", "set"]


@given(st.integers(1, 8), st.integers(0, 200), st.binary(min_size=210, max_size=210))
def test_statuses_of_any_size_are_read_as_one_number_would(size, index, bits):
    text = "".join(f"{byte:08b}" for byte in bits)
    assert bitstring.read_bits(bits, index, size) == int(text[index * size : (index + 1) * size], 2)


def test_a_list_for_several_purposes_is_read_for_each():
    listed = list_credential(9)
    listed["credentialSubject"]["statusPurpose"] = ["revocation", "suspension", "refresh"]
    for purpose in ("revocation", "suspension", "refresh"):
        assert bitstring.read_status(bitstring.parse_entry(bitstring.build_entry(URL, 9, purpose)), listed) == 1
