"""OpenID4VP 1.0: the answer as a JWE that only who asked can open (``direct_post.jwt``).

Spec: OID4VP-1.0 #response_encryption, #response_mode_post
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from credkit.encoding import dump_json
from credkit.errors import CredkitError, ParsingError, UnsupportedError
from credkit.jose import DIRECT_ENCS, encrypt_direct, public_encryption_jwk
from credkit.ports import JSONObject
from credkit.protocols._reading import form_body, objects, strings
from credkit.protocols.oid4vp.messages import Presentation, ResponseKey
from credkit.shape import member, optional_member


def response_key_of(metadata: JSONObject) -> ResponseKey:
    """The first key of ``client_metadata`` to which an answer can be sealed here, and how.

    Raises:
        ParsingError, MalformedValueError: no keys, or not in their form.
        UnsupportedError: none of them, or no way of sealing, is spoken here.
    """
    keys = objects(member(metadata, "jwks", dict, at="/client_metadata"), "keys", at="/client_metadata/jwks")
    if not keys:
        raise ParsingError("the request holds no key to seal the answer to", pointer="/client_metadata/jwks/keys")
    wanted = strings(metadata, "encrypted_response_enc_values_supported", at="/client_metadata") or DIRECT_ENCS[:1]
    enc = next((name for name in wanted if name in DIRECT_ENCS), None)
    for jwk in keys:
        optional_member(jwk, "kid", str)
        try:
            public = public_encryption_jwk(jwk)
        except CredkitError:
            continue
        if enc is not None:
            return ResponseKey(public, enc)
    raise UnsupportedError("the request asks for an answer that is sealed in a way that is not spoken here")


def build_encrypted_response(vp_token: Mapping[str, Sequence[Presentation]], *, state: str | None,
                             key: ResponseKey) -> str:
    """The ``direct_post.jwt`` form: presentations by query id and the state, unsigned, sealed for who asked."""
    payload: JSONObject = {"vp_token": {name: list(presentations) for name, presentations in vp_token.items()}}
    if state is not None:
        payload["state"] = state
    return form_body({"response": encrypt_direct(dump_json(payload), key.jwk, enc=key.enc)})
