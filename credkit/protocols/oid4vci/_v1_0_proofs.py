"""OpenID4VCI 1.0: proving possession of the holder's key, with a JWT or by another type of proof.

Spec: OID4VCI-1.0 #proof-types
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from credkit.dids import Resolver, did_key_of
from credkit.errors import FetchError, ParsingError, ProblemError, UnsupportedError
from credkit.jose import peek_header, sign_compact, verify_compact
from credkit.jsonld import Processor
from credkit.keys import PublicKey, public_key_from_jwk, public_key_from_multibase
from credkit.ports import JSONObject, Signer
from credkit.protocols._presentation_proof import HOLDER_DID_METHODS, verify_presentation_proof
from credkit.protocols._reading import CLOCK_SKEW_S, issued_lately, not_expired, text
from credkit.protocols.key_proof import KeyProof
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vci._v1_0_attestations import (
    ATTESTATION_TYPE,
    OLD_ATTESTATION_TYPE,
    AttestedKeys,
    FindAttester,
    verify_key_attestation,
)
from credkit.shape import numeric_date
from credkit.x509 import peek_leaf

PROOF_TYPE: Final = "openid4vci-proof+jwt"
DEFAULT_ALGORITHMS: Final = ("EdDSA", "ES256")
_MAX_PROOF_CHARACTERS = 16_384
_KEY_MEMBERS = ("jwk", "kid", "x5c")


def build_key_proof(signer: Signer, *, audience: str, nonce: str | None, now: datetime,
                    binding: Literal["kid", "jwk"] = "kid", client_id: str | None = None,
                    key_attestation: str | None = None) -> str:
    """A key proof, naming the key by the signer's own DID URL or as a JWK.

    Args:
        audience: The credential issuer's identifier.
        nonce: A fresh ``c_nonce``; None of an issuer that gives none.
        binding: How the issuer wants the key to be named (``cryptographic_binding_methods_supported``).
        client_id: Who got the access token, as ``iss``; None where access was anonymous.
        key_attestation: What somebody says of the key, for the same nonce (``build_key_attestation``).
    """
    payload: JSONObject = {"aud": audience, "iat": int(now.timestamp())}
    payload |= {} if nonce is None else {"nonce": nonce}
    payload |= {} if client_id is None else {"iss": client_id}
    header: JSONObject = {"kid": signer.verification_method}
    if binding == "jwk":
        header = {"jwk": public_key_from_multibase(signer.public_key_multibase).to_jwk()}
    header |= {} if key_attestation is None else {"key_attestation": key_attestation}
    return sign_compact(payload, signer, typ=PROOF_TYPE, header=header)


@dataclass(frozen=True)
class ProofRules:
    """What the proofs of one request are held against.

    Attributes:
        audience: Our credential issuer identifier, exactly.
        resolver: Asked for did:key and did:jwk only, which need no network.
        algorithms: The ``alg`` values we advertise.
        processor: Reads presentations (``di_vp``); None takes none.
        client_id: Who got the access token; None where access is anonymous, and then a proof names no ``iss``.
        find_attester: Finds the key of an attester that is trusted; None: attestations count for nothing.
        needs_attestation: Whether a key counts only if such an attester vouches for it.
        check_status: Looks up the ``status`` of an attestation that holds, and raises a ``ProblemError`` if it was
            taken back or that could not be checked; None takes no attestation that has one.
        note_old: Called for each ``jwt`` proof of draft 13 as it is in use, which is taken then: without ``typ``, with
            ``exp`` in place of ``iat``, with ``iss`` naming the holder's own DID; and for each key attestation with the
            ``typ`` that was in use before. It is told which: ``proof`` or ``attestation``. None: both are refused.
    """

    audience: str
    now: datetime
    resolver: Resolver
    algorithms: Collection[str] = DEFAULT_ALGORITHMS
    processor: Processor | None = None
    client_id: str | None = None
    find_attester: FindAttester | None = None
    needs_attestation: bool = False
    check_status: Callable[[JSONObject], None] | None = None
    note_old: Callable[[Literal["proof", "attestation"]], None] | None = None


def verify_proofs(proof_type: str, proofs: Sequence[str | JSONObject], rules: ProofRules, *,
                  use_nonce: Callable[[str], bool], batch_size: int = 1) -> tuple[KeyProof, ...]:
    """Verify all proofs of one request; only then are their nonces used up, each once.

    Args:
        proof_type: ``jwt``, ``di_vp`` or ``attestation``.
        use_nonce: Uses up a nonce, atomically; answers whether it was live until now.
        batch_size: How many keys one request may bring.

    Returns:
        One entry per key: of an attestation, and of a proof that carries one, all keys that were attested.

    Raises:
        ProtocolError: ``invalid_proof``: none, too many, one that does not hold, or one key twice;
            ``invalid_nonce``: a nonce that was not live.

    Spec: OID4VCI-1.0 #verifying-key-proofs; security.md E03
    """
    if not 0 < len(proofs) <= batch_size:
        raise protocol_error("invalid_proof", "the request must hold a proof for each key, and not too many at once")
    try:
        verified = tuple(key for proof in proofs for key in _verify_one(proof_type, proof, rules))
    except (ProblemError, UnsupportedError, FetchError) as problem:
        raise protocol_error("invalid_proof", problem.detail) from problem
    if len(verified) > batch_size:
        raise protocol_error("invalid_proof", "more keys are attested than one request may bring")
    if len({proof.public_key.to_multibase() for proof in verified}) != len(verified):
        raise protocol_error("invalid_proof", "two proofs are for the same key")
    for nonce in dict.fromkeys(proof.nonce for proof in verified):
        if not use_nonce(nonce):
            raise protocol_error("invalid_nonce", "the nonce of the proof is not valid any more")
    return verified


def verify_key_proofs(proofs: Sequence[str | JSONObject], *, audience: str, now: datetime, resolver: Resolver,
                      use_nonce: Callable[[str], bool], algorithms: Collection[str] = DEFAULT_ALGORITHMS,
                      batch_size: int = 1) -> tuple[KeyProof, ...]:
    """``verify_proofs`` of the type ``jwt`` for anonymous access, without attestations."""
    rules = ProofRules(audience, now, resolver, algorithms)
    return verify_proofs("jwt", proofs, rules, use_nonce=use_nonce, batch_size=batch_size)


def verify_key_proof(proof: str | JSONObject, *, audience: str, now: datetime, resolver: Resolver,
                     algorithms: Collection[str] = DEFAULT_ALGORITHMS) -> KeyProof:
    """Verify one ``jwt`` proof, but for its nonce: whether that is live is asked after all have been verified.

    Raises:
        ProtocolError: ``invalid_proof``.

    Spec: OID4VCI-1.0 #jwt-proof-type; security.md B01, B02, B11, E03
    """
    try:
        return _verify_jwt(proof, ProofRules(audience, now, resolver, algorithms))[0]
    except (ProblemError, UnsupportedError, FetchError) as problem:
        raise protocol_error("invalid_proof", problem.detail) from problem


def _verify_one(proof_type: str, proof: str | JSONObject, rules: ProofRules) -> tuple[KeyProof, ...]:
    if proof_type == "jwt":
        return _verify_jwt(proof, rules)
    if proof_type == "di_vp" and rules.processor is not None and not rules.needs_attestation:
        return (verify_presentation_proof(proof, audience=rules.audience, resolver=rules.resolver,
                                          processor=rules.processor),)
    if proof_type == "attestation" and rules.find_attester is not None:
        attested = _attested(proof, rules.find_attester, rules, needs_expiry=False)
        if attested.nonce is None:
            raise ParsingError("the attestation holds no nonce")
        return tuple(KeyProof(key, did_key_of(key), attested.nonce, "attestation") for key in attested.keys)
    raise ParsingError("proofs of this type are not taken here")


def _verify_jwt(proof: str | JSONObject, rules: ProofRules) -> tuple[KeyProof, ...]:
    if not isinstance(proof, str) or len(proof) > _MAX_PROOF_CHARACTERS:
        raise ParsingError("the proof is not a short text")
    header = peek_header(proof)
    if header.get("alg") not in tuple(rules.algorithms):
        raise ParsingError("the proof is made with an algorithm that is not taken here")
    attested = None
    if "key_attestation" in header and rules.find_attester is not None:
        attested = _attested(header["key_attestation"], rules.find_attester, rules, needs_expiry=True)
    if attested is None and rules.needs_attestation:
        raise ParsingError("nobody vouches for the key: the attestation of keys is missing")
    public_key, did, binding = _holder_of(header, rules.resolver, attested)
    is_old = rules.note_old is not None and "typ" not in header
    payload = verify_compact(proof, public_key, typ=None if is_old else PROOF_TYPE)
    nonce = _check_claims(payload, rules, did if is_old else None)
    if is_old and rules.note_old is not None:
        rules.note_old("proof")
    key_id = header["kid"] if binding == "kid" else None
    own = KeyProof(public_key, did, nonce, binding, key_id)
    if attested is None:
        return (own,)
    if attested.nonce not in (None, nonce) or public_key not in attested.keys:
        raise ParsingError("the proof is made by another key, or for another nonce, than its attestation")
    return tuple(own if key == public_key else KeyProof(key, did_key_of(key), nonce, binding)
                 for key in attested.keys)


def _attested(token: object, find_attester: FindAttester, rules: ProofRules, *, needs_expiry: bool) -> AttestedKeys:
    types = (ATTESTATION_TYPE,) if rules.note_old is None else (ATTESTATION_TYPE, OLD_ATTESTATION_TYPE)
    found = verify_key_attestation(token, find_attester=find_attester, now=rules.now, algorithms=rules.algorithms,
                                   needs_expiry=needs_expiry, types=types)
    if rules.note_old is not None and peek_header(token).get("typ") != ATTESTATION_TYPE:
        rules.note_old("attestation")
    if found.status is not None:
        if rules.check_status is None:
            raise UnsupportedError("whether the attestation was taken back cannot be looked up here")
        rules.check_status(found.status)
    return found


def _holder_of(header: JSONObject, resolver: Resolver,
               attested: AttestedKeys | None) -> tuple[PublicKey, str, Literal["kid", "jwk", "x5c"]]:
    named = [name for name in _KEY_MEMBERS if name in header]
    if named == ["jwk"]:
        public_key = public_key_from_jwk(header["jwk"])
        return public_key, did_key_of(public_key), "jwk"
    if named == ["x5c"]:  # whoever vouches for the holder's certificate: the record is bound to its key alone
        public_key = peek_leaf(header["x5c"]).public_key
        return public_key, did_key_of(public_key), "x5c"
    if named != ["kid"]:
        raise ParsingError("the proof must name its key once, by a DID, as a JWK or by a certificate")
    kid = text(header, "kid")
    if attested is not None and not kid.startswith("did:"):
        public_key = attested.named(kid)
        return public_key, did_key_of(public_key), "jwk"
    did, mark, _ = kid.partition("#")
    if not mark or not did.startswith(HOLDER_DID_METHODS):
        raise ParsingError("the proof names its key in a way that is not supported")
    return resolver.resolve(did).verification_method(kid, "authentication").public_key, did, "kid"


def _check_claims(payload: JSONObject, rules: ProofRules, old_issuer: str | None) -> str:
    """The nonce of claims that are for us and of now; ``old_issuer``: the DID that an old draft's proof must name."""
    if payload.get("aud") != rules.audience:
        raise ParsingError("the proof is for somebody else")
    if old_issuer is not None and (payload.get("iss") != old_issuer or "exp" not in payload):
        raise ParsingError("the proof has no typ, and is not as older drafts made it either")
    if old_issuer is None and "iss" in payload and (rules.client_id is None or payload["iss"] != rules.client_id):
        raise ParsingError("the proof names another client than the one that was let in")
    now = rules.now
    if "iat" in payload or old_issuer is None:
        issued_lately(payload, now, "the proof")
    if "exp" in payload:
        not_expired(payload, now, "the proof")
    if "nbf" in payload:
        begins = numeric_date(payload["nbf"])
        if begins is None or begins > now + timedelta(seconds=CLOCK_SKEW_S):
            raise ParsingError("the proof is not valid yet")
    return text(payload, "nonce")
