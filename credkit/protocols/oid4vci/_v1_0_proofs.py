"""OpenID4VCI 1.0: proving possession of the holder's key with a JWT.

Spec: OID4VCI-1.0 #jwt-proof-type
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from credkit.dids import Resolver, did_key_of
from credkit.errors import FetchError, ParsingError, ProblemError, UnsupportedError
from credkit.jose import peek_header, sign_compact, verify_compact
from credkit.keys import PublicKey, public_key_from_jwk, public_key_from_multibase
from credkit.ports import JSONObject, Signer
from credkit.protocols._reading import text
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vci.messages import KeyProof
from credkit.shape import member, numeric_date

PROOF_TYPE: Final = "openid4vci-proof+jwt"
DEFAULT_ALGORITHMS: Final = ("EdDSA", "ES256")
MAX_AGE_S: Final = 300
CLOCK_SKEW_S: Final = 60
_MAX_PROOF_CHARACTERS = 16_384
_KEY_MEMBERS = ("jwk", "kid", "x5c")
_HOLDER_DID_METHODS = ("did:key:", "did:jwk:")


def build_key_proof(signer: Signer, *, audience: str, nonce: str | None, now: datetime,
                    binding: Literal["kid", "jwk"] = "kid", client_id: str | None = None) -> str:
    """A key proof, naming the key by the signer's own DID URL or as a JWK.

    Args:
        audience: The credential issuer's identifier.
        nonce: A fresh ``c_nonce``; None of an issuer that gives none.
        binding: How the issuer wants the key to be named (``cryptographic_binding_methods_supported``).
        client_id: Who got the access token, as ``iss``; None where access was anonymous.
    """
    payload: JSONObject = {"aud": audience, "iat": int(now.timestamp())}
    payload |= {} if nonce is None else {"nonce": nonce}
    payload |= {} if client_id is None else {"iss": client_id}
    header: JSONObject = {"kid": signer.verification_method}
    if binding == "jwk":
        header = {"jwk": public_key_from_multibase(signer.public_key_multibase).to_jwk()}
    return sign_compact(payload, signer, typ=PROOF_TYPE, header=header)


def verify_key_proofs(proofs: Sequence[str | JSONObject], *, audience: str, now: datetime, resolver: Resolver,
                      use_nonce: Callable[[str], bool], algorithms: Collection[str] = DEFAULT_ALGORITHMS,
                      batch_size: int = 1) -> tuple[KeyProof, ...]:
    """Verify all ``jwt`` proofs of one request; only then are their nonces used up, each once.

    Args:
        use_nonce: Uses up a nonce, atomically; answers whether it was live until now.
        batch_size: How many keys one request may bring.

    Raises:
        ProtocolError: ``invalid_proof``: none, too many, one that does not hold, or one key twice;
            ``invalid_nonce``: a nonce that was not live.

    Spec: OID4VCI-1.0 #verifying-key-proofs; security.md E03
    """
    if not 0 < len(proofs) <= batch_size:
        raise protocol_error("invalid_proof", "the request must hold a proof for each key, and not too many at once")
    verified = tuple(verify_key_proof(proof, audience=audience, now=now, resolver=resolver, algorithms=algorithms)
                     for proof in proofs)
    if len({proof.public_key.to_multibase() for proof in verified}) != len(verified):
        raise protocol_error("invalid_proof", "two proofs are for the same key")
    for nonce in dict.fromkeys(proof.nonce for proof in verified):
        if not use_nonce(nonce):
            raise protocol_error("invalid_nonce", "the nonce of the proof is not valid any more")
    return verified


def verify_key_proof(proof: str | JSONObject, *, audience: str, now: datetime, resolver: Resolver,
                     algorithms: Collection[str] = DEFAULT_ALGORITHMS) -> KeyProof:
    """Verify one ``jwt`` proof, but for its nonce: whether that is live is asked after all have been verified.

    Args:
        audience: Our credential issuer identifier, exactly.
        resolver: Asked for did:key and did:jwk only, which need no network.
        algorithms: The ``alg`` values we advertise.

    Raises:
        ProtocolError: ``invalid_proof``.

    Spec: OID4VCI-1.0 #jwt-proof-type; security.md B01, B02, B11, E03
    """
    try:
        if not isinstance(proof, str) or len(proof) > _MAX_PROOF_CHARACTERS:
            raise ParsingError("the proof is not a short text")
        header = peek_header(proof)
        if header.get("alg") not in tuple(algorithms):
            raise ParsingError("the proof is made with an algorithm that is not taken here")
        public_key, did, binding = _holder_of(header, resolver)
        payload = verify_compact(proof, public_key, typ=PROOF_TYPE)
        return KeyProof(public_key, did, _check_claims(payload, audience, now), binding)
    except (ProblemError, UnsupportedError, FetchError) as problem:
        raise protocol_error("invalid_proof", problem.detail) from problem


def _holder_of(header: JSONObject, resolver: Resolver) -> tuple[PublicKey, str, Literal["kid", "jwk"]]:
    named = [name for name in _KEY_MEMBERS if name in header]
    if named == ["jwk"]:
        public_key = public_key_from_jwk(header["jwk"])
        return public_key, did_key_of(public_key), "jwk"
    if named != ["kid"]:
        raise ParsingError("the proof must name its key once, by a DID or as a JWK")
    kid = text(header, "kid")
    did, mark, _ = kid.partition("#")
    if not mark or not did.startswith(_HOLDER_DID_METHODS):
        raise ParsingError("the proof names its key in a way that is not supported")
    return resolver.resolve(did).verification_method(kid, "authentication").public_key, did, "kid"


def _check_claims(payload: JSONObject, audience: str, now: datetime) -> str:
    """The nonce of claims that are for us and of now."""
    if payload.get("aud") != audience:
        raise ParsingError("the proof is for somebody else")
    if "iss" in payload:
        raise ParsingError("the proof names a client, although access is anonymous")
    issued = numeric_date(member(payload, "iat", object))
    if issued is None or not now - timedelta(seconds=MAX_AGE_S) <= issued <= now + timedelta(seconds=CLOCK_SKEW_S):
        raise ParsingError("the proof is too old or from the future")
    if "exp" in payload:
        expires = numeric_date(payload["exp"])
        if expires is None or expires <= now - timedelta(seconds=CLOCK_SKEW_S):
            raise ParsingError("the proof has expired")
    if "nbf" in payload:
        begins = numeric_date(payload["nbf"])
        if begins is None or begins > now + timedelta(seconds=CLOCK_SKEW_S):
            raise ParsingError("the proof is not valid yet")
    return text(payload, "nonce")
