"""did:jwk: the identifier is a public JWK. Spec: DID-JWK #did-method-operations"""

from __future__ import annotations

from dataclasses import dataclass

from credkit.dids._method import FetchDocument, Found
from credkit.dids.document import RELATIONSHIPS
from credkit.encoding import base64url_decode, base64url_encode, dump_json, parse_json_object
from credkit.errors import InvalidDidError, MalformedValueError, ParsingError, TooComplexError
from credkit.keys import PublicKey, public_key_from_jwk

_MAX_CHARACTERS = 2048


@dataclass(frozen=True)
class DidJwk:
    """See ``DidMethod``. The only verification method is ``did:jwk:…#0``, for every purpose of signing."""

    prefixes: tuple[str, ...] = ("did:jwk:",)
    is_offline: bool = True

    def find(self, did: str, fetch: FetchDocument, allow_loopback: bool) -> Found:
        """See ``DidMethod.find``."""
        text = did.removeprefix("did:jwk:")
        if len(text) > _MAX_CHARACTERS:
            raise InvalidDidError("the identifier is too long")
        try:
            jwk = parse_json_object(base64url_decode(text))
            key = public_key_from_jwk(jwk)
        except (ParsingError, MalformedValueError, TooComplexError) as error:
            raise InvalidDidError("the identifier is not a proper did:jwk") from error
        method = {"id": f"{did}#0", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk}
        document = {"id": did, "verificationMethod": [method], **{name: [f"{did}#0"] for name in RELATIONSHIPS}}
        return Found(document, {f"{did}#0": key})


def did_jwk_of(public_key: PublicKey) -> str:
    """The did:jwk of a public key; its only verification method is ``#0``."""
    return "did:jwk:" + base64url_encode(dump_json(public_key.to_jwk()))


DID_JWK = DidJwk()
