"""Passkeys: the ceremonies of WebAuthn, each challenge good once; the one door to py_webauthn.

What a passkey's answer proves is who somebody is. What opens the backpack is its PRF value, of which the vault makes a
key; a passkey that knows no PRF only signs in (design.md, "Where the vault is open").
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from credkit.encoding import base64url_decode, base64url_encode, parse_json_object, sha256
from credkit.errors import CredkitError, MalformedValueError, ParsingError, TooComplexError, WrongSecret
from credkit.ports import JSONObject
from credkit.shape import member
from wallet.store import SlotRow
from wallet.vault import OpenVault, Unlocked, Vault
from wallet.vault.manifest import Counters
from wallet.vault.methods.passkey import Passkey, prf_value
from wallet.vault.ways import Ways

CHALLENGE_LIFETIME_S: Final = 300
_REFUSED: Final = "This passkey was not accepted. Nothing was changed."
_MOST_CHARACTERS: Final = 20_000
_UNREADABLE: Final[tuple[type[Exception], ...]] = (
    WebAuthnException, CredkitError, ValueError, TypeError, KeyError, IndexError, AttributeError, NotImplementedError)
"""What py_webauthn raises: its own refusals, and what its readers let through on bytes that are no authenticator's."""


@dataclass(frozen=True)
class SignedIn:
    """Who a passkey says somebody is; ``unlocked`` is None if it knows no PRF, so that the passphrase is asked."""

    party_id: str
    unlocked: Unlocked | None


@dataclass(frozen=True)
class Passkeys:
    """The ceremonies for pages at ``origin``."""

    vault: Vault
    origin: str

    @property
    def _rp_id(self) -> str:
        return str(urlsplit(self.origin).hostname)

    @property
    def _prf_input(self) -> bytes:
        """What every passkey's PRF is asked for here; each answers with a value of its own."""
        return sha256(b"backpack-passkey-prf-v1\x00" + self._rp_id.encode())

    # Adding -----------------------------------------------------------------------------------------------------------

    def begin_adding(self, vault: OpenVault, name: str) -> JSONObject:
        """What the page asks the authenticator for, as JSON (``PublicKeyCredentialCreationOptionsJSON``).

        Args:
            name: How the authenticator lists the passkey; it is kept there only.

        Spec: WEBAUTHN-3 #sctn-registering-a-new-credential
        """
        options = webauthn.generate_registration_options(
            rp_id=self._rp_id, rp_name="Backpack", user_name=name or "Backpack", user_id=vault.party_id.encode(),
            challenge=Ways(self.vault).new_challenge(CHALLENGE_LIFETIME_S),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=known)
                                 for known in Ways(self.vault).passkeys(vault.party_id)])
        return self._with_prf(webauthn.options_to_json(options))

    def add(self, vault: OpenVault, answer: str, prf: str, present: str, *, client: str) -> bool:
        """Keep the passkey of an answer; whether it can unlock.

        Args:
            answer: The authenticator's answer as the browser serialises it.
            prf: Its PRF value, base64url; empty if it has none.

        Raises:
            WrongSecret: the answer is not to a challenge of ours, not for this address, or ``present`` is not the
                passphrase. TooManyTries: too many of those.
            StateError: the passkey is here already.
        """
        credential, challenge = self._read(answer)
        value = prf_value(prf) if prf else None
        try:
            checked = webauthn.verify_registration_response(
                credential=credential, expected_challenge=challenge, expected_rp_id=self._rp_id,
                expected_origin=self.origin, require_user_verification=True)
        except _UNREADABLE as error:
            raise WrongSecret(_REFUSED) from error
        key = Passkey(checked.credential_id, checked.credential_public_key, self._prf_input)
        Ways(self.vault).add_passkey(vault, present, key, value, client=client)
        return value is not None

    # Signing in -------------------------------------------------------------------------------------------------------

    def begin_signing_in(self) -> JSONObject:
        """What the page asks the authenticator for; it names nobody, so that it tells nothing about who is here.

        Spec: WEBAUTHN-3 #sctn-verifying-assertion
        """
        return self._with_prf(webauthn.options_to_json(webauthn.generate_authentication_options(
            rp_id=self._rp_id, challenge=Ways(self.vault).new_challenge(CHALLENGE_LIFETIME_S),
            user_verification=UserVerificationRequirement.REQUIRED)))

    def sign_in(self, answer: str, prf: str, *, counters: Counters | None = None) -> SignedIn:
        """Who has answered, and their backpack if the passkey opens it.

        Raises:
            WrongSecret: the answer is not to a challenge of ours, not for this address, not by a passkey of the party
                it names, or its PRF value opens nothing. One answer for all.
            SealBroken: what is stored was changed.
        """
        credential, challenge = self._read(answer)
        slot, known = self._slot_of(credential)
        try:
            webauthn.verify_authentication_response(
                credential=credential, expected_challenge=challenge, expected_rp_id=self._rp_id,
                expected_origin=self.origin, credential_public_key=known.public_key, credential_current_sign_count=0,
                require_user_verification=True)
        except _UNREADABLE as error:
            raise WrongSecret(_REFUSED) from error
        if known.prf_input is None or not prf:
            return SignedIn(slot.party_id, None)
        if known.prf_input != self._prf_input:
            raise WrongSecret(_REFUSED)
        return SignedIn(slot.party_id, Ways(self.vault).open_with_passkey(slot, prf_value(prf), counters=counters))

    def _slot_of(self, credential: JSONObject) -> tuple[SlotRow, Passkey]:
        """The passkey that the answer names, among those of the party that it names."""
        try:
            response = member(credential, "response", dict)
            party_id = base64url_decode(member(response, "userHandle", str)).decode("ascii")
            return Ways(self.vault).passkey(party_id, base64url_decode(member(credential, "rawId", str)))
        except (MalformedValueError, ParsingError, UnicodeDecodeError) as error:
            raise WrongSecret(_REFUSED) from error

    # Both -------------------------------------------------------------------------------------------------------------

    def _with_prf(self, options_json: str) -> JSONObject:
        """py_webauthn's options have no place for extensions."""
        options: JSONObject = json.loads(options_json)
        options["extensions"] = {"prf": {"eval": {"first": base64url_encode(self._prf_input)}}}
        return options

    def _read(self, answer: str) -> tuple[JSONObject, bytes]:
        """An answer and the challenge it is to, which is used up by being looked at."""
        if len(answer) > _MOST_CHARACTERS:
            raise WrongSecret(_REFUSED)
        try:
            credential = parse_json_object(answer)
            client_data = parse_json_object(base64url_decode(
                member(member(credential, "response", dict), "clientDataJSON", str)))
            challenge = base64url_decode(member(client_data, "challenge", str))
        except (ParsingError, TooComplexError, MalformedValueError) as error:
            raise WrongSecret(_REFUSED) from error
        if not Ways(self.vault).use_challenge(challenge):
            raise WrongSecret(_REFUSED)
        return credential, challenge
