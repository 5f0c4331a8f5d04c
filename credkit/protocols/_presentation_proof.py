"""Proving possession of the holder's key with a presentation that has a Data Integrity proof: to an issuer by
OpenID4VCI, and in an exchange.

Spec: OID4VCI-1.0 #di-vp-proof-type; VP-REQUEST #did-authentication
"""

from __future__ import annotations

from typing import Any, Final

from credkit.dids import Resolver, did_of
from credkit.errors import InvalidChallengeError, InvalidDomainError, MalformedValueError
from credkit.jsonld import Processor
from credkit.ports import JSONObject
from credkit.proofs import LEGACY_SUITE, proofs_of, suite_name_of, verify_proof
from credkit.protocols._reading import text
from credkit.protocols.key_proof import KeyProof
from credkit.shape import as_list, id_of

PRESENTATION_SUITES: Final = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019",
                              LEGACY_SUITE)
HOLDER_DID_METHODS: Final = ("did:key:", "did:jwk:")


def verify_presentation_proof(presentation: Any, *, audience: str, resolver: Resolver,
                              processor: Processor) -> KeyProof:
    """Verify one such presentation, but for its nonce: whether that is live is asked after all have been verified.

    Every proof on the presentation must be for us, made for one nonce by one key.

    Args:
        audience: What it must be made for, exactly: to an issuer its credential issuer identifier.
        resolver: Asked for did:key and did:jwk only, which need no network.

    Raises:
        ProblemError, UnsupportedError, FetchError: it does not hold.
    """
    if not isinstance(presentation, dict) or "VerifiablePresentation" not in as_list(presentation.get("type")):
        raise MalformedValueError("the proof is not a presentation")
    found = [_verified(presentation, proof, audience, resolver, processor) for proof in proofs_of(presentation)]
    if any((each.did, each.nonce) != (found[0].did, found[0].nonce) for each in found):
        raise MalformedValueError("the presentation is signed by several keys or for several nonces")
    holder = id_of(presentation.get("holder"))
    if holder is not None and holder != found[0].did:
        raise MalformedValueError("the presentation is signed by somebody else than its holder")
    return found[0]


def _verified(presentation: JSONObject, proof: JSONObject, audience: str, resolver: Resolver,
              processor: Processor) -> KeyProof:
    if suite_name_of(proof) not in PRESENTATION_SUITES:
        raise MalformedValueError("the presentation is signed in a way that is not taken here")
    if proof.get("proofPurpose") != "authentication":
        raise MalformedValueError("the presentation is not signed to say who holds a key")
    if as_list(proof.get("domain")) != [audience]:
        raise InvalidDomainError("the proof is for somebody else")
    nonce, key_id = proof.get("challenge"), text(proof, "verificationMethod")
    if not isinstance(nonce, str) or not nonce:
        raise InvalidChallengeError("the proof holds no nonce")
    did = did_of(key_id)
    if not did.startswith(HOLDER_DID_METHODS):
        raise MalformedValueError("the proof names its key in a way that is not supported")
    public_key = resolver.resolve(did).verification_method(key_id, "authentication").public_key
    verify_proof(presentation, public_key, processor, proof=proof)
    return KeyProof(public_key, did, nonce, "di_vp", key_id)
