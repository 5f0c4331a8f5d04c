"""Passkeys against whoever answers in their place: replays, other addresses, other people's keys, no check of the user.

The authenticator here is software of the test's own; a real one answers in tests/browser/test_passkeys.py.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import StateError, WrongSecret
from credkit.ports import JSONObject
from tests.support.world import World
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import Services
from wallet.services.people.passkeys import Passkeys
from wallet.vault import OpenVault
from wallet.vault.ways import Ways

ORIGIN = "https://wallet.example"
PRF = base64url_encode(bytes(range(32)))
PRESENT, VERIFIED, ATTESTED = 1, 4, 64
Change = Callable[[dict[str, Any]], None]


@dataclass
class SoftPasskey:
    """An authenticator with one P-256 passkey."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = b"soft-passkey-1"

    def register(self, options: JSONObject, *, origin: str = ORIGIN, flags: int = PRESENT | VERIFIED,
                 rp_id: str | None = None, kind: str = "webauthn.create") -> str:
        """The answer to ``navigator.credentials.create``."""
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        data = self._data(rp_id or options["rp"]["id"], flags | ATTESTED) + bytes(16) + struct.pack(
            ">H", len(self.id)) + self.id + cose
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": self._client(kind, options["challenge"], origin),
                             "attestationObject": attestation})

    def sign(self, options: JSONObject, party_id: str, *, origin: str = ORIGIN, flags: int = PRESENT | VERIFIED,
             rp_id: str | None = None, kind: str = "webauthn.get") -> str:
        """The answer to ``navigator.credentials.get``."""
        data, client = self._data(rp_id or options["rpId"], flags), self._client(kind, options["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature,
                             "userHandle": party_id.encode()})

    @staticmethod
    def _data(rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4)

    @staticmethod
    def _client(kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        return json.dumps({"id": base64url_encode(self.id), "rawId": base64url_encode(self.id), "type": "public-key",
                           "response": {name: base64url_encode(value) for name, value in response.items()},
                           "clientExtensionResults": {}})


@pytest.fixture
def passkeys(services: Services) -> Passkeys:
    return Passkeys(services.vault, ORIGIN)


@pytest.fixture
def soft() -> SoftPasskey:
    return SoftPasskey()


def add(passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey, prf: str = PRF, **forged: Any) -> bool:
    answer = soft.register(passkeys.begin_adding(vault, "María"), **forged)
    return passkeys.add(vault, answer, prf, PASSPHRASE, client="here")


def test_a_passkey_is_added_and_opens(passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey) -> None:
    item_id = vault.add("credential", {"credential": {"id": "urn:x"}})
    assert add(passkeys, vault, soft)

    found = passkeys.sign_in(soft.sign(passkeys.begin_signing_in(), vault.party_id), PRF)

    assert found.party_id == vault.party_id and found.unlocked is not None
    assert found.unlocked.vault.read(item_id, "credential").body == {"credential": {"id": "urn:x"}}


@pytest.mark.parametrize("when", ["added", "answered"])
def test_without_a_prf_value_it_only_says_who_is_here(
        passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey, when: str) -> None:
    assert add(passkeys, vault, soft, PRF if when == "answered" else "") is (when == "answered")

    found = passkeys.sign_in(soft.sign(passkeys.begin_signing_in(), vault.party_id), "" if when == "answered" else PRF)

    assert (found.party_id, found.unlocked) == (vault.party_id, None)


def test_an_answer_is_taken_once(passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey) -> None:
    registration = soft.register(passkeys.begin_adding(vault, ""))
    passkeys.add(vault, registration, PRF, PASSPHRASE, client="here")
    answer = soft.sign(passkeys.begin_signing_in(), vault.party_id)
    passkeys.sign_in(answer, PRF)

    with pytest.raises(WrongSecret):
        passkeys.sign_in(answer, PRF)
    with pytest.raises(WrongSecret):
        passkeys.add(vault, registration, PRF, PASSPHRASE, client="here")


def test_an_answer_that_was_wrong_has_used_its_challenge_up(
        passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey) -> None:
    add(passkeys, vault, soft)
    options = passkeys.begin_signing_in()
    evil = soft.sign(options, vault.party_id, origin="https://evil.example")
    for answer in (evil, soft.sign(options, vault.party_id)):
        with pytest.raises(WrongSecret):
            passkeys.sign_in(answer, PRF)


def test_a_challenge_ends_after_five_minutes(
        passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey, world: World) -> None:
    add(passkeys, vault, soft)
    answer = soft.sign(passkeys.begin_signing_in(), vault.party_id)
    world.clock.advance(seconds=301)

    with pytest.raises(WrongSecret):
        passkeys.sign_in(answer, PRF)


def test_a_challenge_that_we_did_not_give_is_refused(
        passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey) -> None:
    add(passkeys, vault, soft)
    for challenge in ("A" * 43, base64url_encode(b""), base64url_encode(b"x" * 5000)):
        with pytest.raises(WrongSecret):
            passkeys.sign_in(soft.sign({"challenge": challenge, "rpId": "wallet.example"}, vault.party_id), PRF)


FORGED: list[dict[str, Any]] = [
    {"origin": "https://evil.example"}, {"origin": "http://wallet.example"}, {"origin": "https://wallet.example:444"},
    {"origin": "null"}, {"rp_id": "evil.example"}, {"rp_id": "example"}, {"flags": 0}, {"flags": PRESENT},
    {"flags": VERIFIED}, {"kind": "webauthn.other"},
]


@pytest.mark.parametrize("forged", FORGED, ids=str)
def test_an_answer_for_another_address_or_without_the_person_is_refused(
        passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey, forged: dict[str, Any]) -> None:
    with pytest.raises(WrongSecret):
        add(passkeys, vault, soft, **forged)
    add(passkeys, vault, soft)

    with pytest.raises(WrongSecret):
        passkeys.sign_in(soft.sign(passkeys.begin_signing_in(), vault.party_id, **forged), PRF)


def test_answers_of_one_ceremony_do_not_serve_the_other(
        passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey) -> None:
    add(passkeys, vault, soft)
    creating = passkeys.begin_adding(vault, "")

    with pytest.raises(WrongSecret):
        passkeys.sign_in(soft.sign(creating | {"rpId": "wallet.example"}, vault.party_id, kind="webauthn.create"), PRF)


def test_a_passkey_names_its_own_party_only(
        services: Services, passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey) -> None:
    """Another party's credential: Mallory's own passkey, and María's name on it; or María's passkey, Mallory's name."""
    mallory = services.vault.register("mallory", "mallory's long sentence").vault
    other = SoftPasskey(id=b"soft-passkey-2")
    add(passkeys, vault, soft)
    answer = other.register(passkeys.begin_adding(mallory, ""))
    passkeys.add(mallory, answer, PRF, "mallory's long sentence", client="there")

    for key, party_id in ((other, vault.party_id), (soft, mallory.party_id), (soft, "nobody"), (soft, "")):
        with pytest.raises(WrongSecret):
            passkeys.sign_in(key.sign(passkeys.begin_signing_in(), party_id), PRF)


def test_another_key_under_the_same_name_is_refused(
        passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey) -> None:
    add(passkeys, vault, soft)

    with pytest.raises(WrongSecret):
        passkeys.sign_in(SoftPasskey().sign(passkeys.begin_signing_in(), vault.party_id), PRF)
    with pytest.raises(StateError):
        add(passkeys, vault, SoftPasskey())


@pytest.mark.parametrize("prf", [
    "x", "A" * 43, base64url_encode(bytes(range(1, 33))), base64url_encode(bytes(31)), "ü"])
def test_a_right_answer_with_a_wrong_prf_value_opens_nothing(
        passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey, prf: str) -> None:
    add(passkeys, vault, soft)

    with pytest.raises(WrongSecret):
        passkeys.sign_in(soft.sign(passkeys.begin_signing_in(), vault.party_id), prf)


def test_adding_asks_for_the_passphrase(passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey) -> None:
    answer = soft.register(passkeys.begin_adding(vault, ""))
    with pytest.raises(WrongSecret):
        passkeys.add(vault, answer, PRF, "not this one", client="here")

    assert Ways(passkeys.vault).passkeys(vault.party_id) == ()


def drop_signature(answer: dict[str, Any]) -> None:
    del answer["response"]["signature"]


def spoil_signature(answer: dict[str, Any]) -> None:
    answer["response"]["signature"] = base64url_encode(bytes(70))


def cut_data(answer: dict[str, Any]) -> None:
    answer["response"]["authenticatorData"] = base64url_encode(
        base64url_decode(answer["response"]["authenticatorData"])[:20])


def other_type(answer: dict[str, Any]) -> None:
    answer["type"] = "password"


def other_id(answer: dict[str, Any]) -> None:
    answer["id"] = "b3RoZXI"


def number_as_signature(answer: dict[str, Any]) -> None:
    answer["response"]["signature"] = 7


@pytest.mark.parametrize("change", [drop_signature, spoil_signature, cut_data, other_type, other_id,
                                    number_as_signature], ids=lambda change: change.__name__)
def test_a_changed_answer_is_refused(
        passkeys: Passkeys, vault: OpenVault, soft: SoftPasskey, change: Change) -> None:
    add(passkeys, vault, soft)
    answer = json.loads(soft.sign(passkeys.begin_signing_in(), vault.party_id))
    change(answer)

    with pytest.raises(WrongSecret):
        passkeys.sign_in(json.dumps(answer), PRF)
