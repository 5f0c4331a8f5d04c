"""Share links: who keeps the file cannot read it, who has the link can (security.md F06)."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.encoding import base64url_encode
from credkit.errors import ParsingError, ProofVerificationError, TooComplexError
from credkit.protocols import share_link
from credkit.protocols.share_link import ShareLink, new_share_link, open_sealed, parse_share_link, seal
from tests.support.world import OsRandomness

BUNDLE = {"id": "urn:uuid:1", "name": "Álgebra", "credentialSubject": {"verifiableCredential": []}}
LINK = ShareLink("https://wallet.example", "AAECAwQFBgcICQoLDA0ODw", bytes(range(32)))


@pytest.fixture
def link() -> ShareLink:
    return new_share_link("https://wallet.example", OsRandomness())


def hkdf_by_hand(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """RFC5869 #section-2.2 and #section-2.3 for one block."""
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


def test_the_access_value_is_what_rfc_5869_derives() -> None:
    derived = hkdf_by_hand(LINK.secret, LINK.id.encode(), b"backpack-share-v1 access")

    assert LINK.access == base64url_encode(derived)


def test_a_link_reads_back_as_it_was_made(link: ShareLink) -> None:
    assert parse_share_link(link.url) == link
    assert parse_share_link(f"  {link.url}\n") == link
    assert link.url.startswith("https://wallet.example/s/") and len(link.secret) == 32


def test_the_secret_stands_only_behind_the_fragment_mark(link: ShareLink) -> None:
    address, _, fragment = link.url.partition("#")

    assert address == link.address
    assert base64url_encode(link.secret) == fragment
    assert fragment not in address and link.access not in link.url


@pytest.mark.parametrize("text", [
    "", "#", "https://wallet.example", LINK.address, LINK.address + "#", LINK.url[:-1], LINK.url + "A", LINK.url + "=",
    LINK.url.replace("/s/", "/t/"), LINK.url.replace("/s/", "/x/s/"), LINK.url.replace("#", "?a=1#"),
    LINK.url.replace("#", "?#"), LINK.url.replace("https:", "http:"), LINK.url.replace("https:", "javascript:"),
    LINK.url.replace("wallet.example", "user@wallet.example"), LINK.url.replace("#", "#x#"), "A" * 600,
    LINK.address.replace("Dw", "Dx") + "#" + LINK.url.partition("#")[2],
])
def test_what_is_not_a_whole_link_is_refused(text: str) -> None:
    with pytest.raises(ParsingError):
        parse_share_link(text)
    assert not share_link.is_share_link(text)


@given(st.text())
def test_no_text_makes_the_reader_fail_in_another_way(text: str) -> None:
    try:
        parse_share_link("https://wallet.example/s/" + text)
    except ParsingError as error:
        assert error.detail


def test_what_was_sealed_opens_with_the_link_and_no_other(link: ShareLink) -> None:
    sealed = seal(BUNDLE, link, OsRandomness())

    assert open_sealed(sealed, link) == BUNDLE
    for other in (new_share_link(link.origin, OsRandomness()), ShareLink(link.origin, LINK.id, link.secret),
                  ShareLink(link.origin, link.id, LINK.secret)):
        with pytest.raises(ProofVerificationError):
            open_sealed(sealed, other)


def test_the_sealed_file_says_nothing_and_is_never_the_same_twice(link: ShareLink) -> None:
    first, second = seal(BUNDLE, link, OsRandomness()), seal(BUNDLE, link, OsRandomness())

    assert first != second
    assert "Álgebra".encode() not in first


def test_every_changed_byte_is_caught() -> None:
    sealed = seal(BUNDLE, LINK, OsRandomness())

    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(ProofVerificationError):
            open_sealed(bytes(changed), LINK)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(28)])
def test_a_file_cut_short_is_caught(sealed: bytes) -> None:
    with pytest.raises(ProofVerificationError):
        open_sealed(sealed, LINK)


def test_too_much_for_one_link_is_refused(link: ShareLink) -> None:
    with pytest.raises(TooComplexError):
        seal({"text": "x" * share_link.MAX_SEALED_BYTES}, link, OsRandomness())


def test_the_host_knows_the_right_access_value_by_its_digest(link: ShareLink) -> None:
    digest = share_link.access_digest(share_link.parse_access_form(share_link.build_access_form(link)))

    assert share_link.may_fetch(link.access, digest)
    assert not share_link.may_fetch(LINK.access, digest)
    assert link.access.encode() not in digest


@pytest.mark.parametrize("body", [b"", b"access=", b"access=short", b"access=" + b"*" * 43, b"other=1"])
def test_an_access_value_that_cannot_be_right_reads_as_none(body: bytes) -> None:
    assert share_link.parse_access_form(body) == ""


@pytest.mark.parametrize("body", [b"access=a&access=b", b"\xff=\xff&access=%ff"])
def test_a_body_that_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ParsingError):
        share_link.parse_access_form(body)
