"""Digests of related resources: each way of writing them, and nothing that is none."""

from __future__ import annotations

import base64
import hashlib

import pytest

from credkit.digests import check_digests
from credkit.encoding import multibase_encode_base58, multibase_encode_base64url
from credkit.errors import CryptographicSecurityError, MalformedValueError

DATA = b"alert('Hello, world.');"
HEADERS = {"sha256": b"\x12\x20", "sha384": b"\x20\x30", "sha512": b"\x13\x40"}


def sri(kind, data=DATA):
    return f"{kind}-{base64.b64encode(hashlib.new(kind, data).digest()).decode()}"


@pytest.mark.spec("SRI", "#the-integrity-attribute")
def test_the_published_digest_holds():
    """The example of the specification of Subresource Integrity."""
    published = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO"
    assert check_digests({"digestSRI": published}, DATA)


@pytest.mark.spec("VC-DATA-MODEL-2.0", "#integrity-of-related-resources")
@pytest.mark.parametrize("kind", HEADERS)
def test_every_kind_of_digest_holds_for_its_bytes_and_no_others(kind):
    digest = hashlib.new(kind, DATA).digest()
    texts = [("digestSRI", sri(kind)), ("digestSRI", sri(kind).rstrip("=")), ("digestSRI", sri(kind) + "?note")]
    texts += [("digestMultibase", write(HEADERS[kind] + digest))
              for write in (multibase_encode_base58, multibase_encode_base64url)]
    for name, text in texts:
        assert check_digests({name: text}, DATA)
        with pytest.raises(CryptographicSecurityError):
            check_digests({name: text}, DATA + b" ")


def test_of_several_the_strongest_kind_counts_and_both_members_must_hold():
    both = f"{sri('sha256')} {sri('sha512')}"
    assert check_digests({"digestSRI": both}, DATA)
    weak_only = f"{sri('sha256')} {sri('sha512', b'other')}"
    with pytest.raises(CryptographicSecurityError):
        check_digests({"digestSRI": weak_only}, DATA)
    assert check_digests({"digestSRI": f"{sri('sha384', b'other')} {sri('sha384')}"}, DATA)
    bare = multibase_encode_base58(hashlib.sha256(DATA).digest())
    assert check_digests({"digestSRI": sri("sha384"), "digestMultibase": bare}, DATA)
    with pytest.raises(CryptographicSecurityError):
        check_digests({"digestSRI": sri("sha384", b"other"), "digestMultibase": bare}, DATA)
    assert check_digests({"id": "https://example.org"}, DATA) is False


@pytest.mark.parametrize(("name", "value"), [
    *[("digestSRI", value) for value in (None, 7, [], {}, "", " ", "sha256", "sha256-", "md5-AAAA", "sha1-AAAA",
                                         "sha256-AAAA", "SHA256-AAAA", "sha384-" + "A" * 43, "x" * 2000)],
    *[("digestMultibase", value) for value in (None, 7, [], "", "z", "zQm", "mAAAA", "u" + "A" * 42, "x" * 2000)],
])
def test_what_is_no_digest_is_refused(name, value):
    with pytest.raises(MalformedValueError):
        check_digests({name: value}, DATA)
