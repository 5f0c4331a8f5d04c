"""What a wallet proved, kept until a record that waits for a registrar is made; and what of a student waits.

Spec: OID4VCI-1.0 #deferred-credential-endpoint
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from credkit.keys import public_key_from_jwk
from credkit.ports import JSONObject
from credkit.protocols.key_proof import KeyProof
from issuer.services.awarding import KIND as DRAFTED_BADGE
from issuer.services.drafting import BADGE
from issuer.services.endorsing import KIND as ENDORSEMENT
from issuer.services.forms import KIND as DRAFTED_FORM
from issuer.store import Petition

INTERVAL_S: Final = 5
"""How long a wallet should wait before it asks again."""


def kind_in(petition: Petition) -> str | None:
    """The kind of record that comes of a petition once it is approved; None if none comes of it."""
    if petition.kind == DRAFTED_FORM:
        return str(petition.content["template"])
    return {DRAFTED_BADGE: BADGE, ENDORSEMENT: ENDORSEMENT}.get(petition.kind)


def holders_to_json(proofs: Sequence[KeyProof]) -> tuple[JSONObject, ...]:
    """The keys that were proven, without the nonces, which are used up."""
    return tuple({"jwk": proof.public_key.to_jwk(), "did": proof.did, "binding": proof.binding, "key_id": proof.key_id}
                 for proof in proofs)


def holders_from_json(holders: Sequence[JSONObject]) -> tuple[KeyProof, ...]:
    """The reverse of ``holders_to_json``; the nonces are empty."""
    return tuple(KeyProof(public_key_from_jwk(each["jwk"]), each["did"], "", each["binding"], each["key_id"])
                 for each in holders)
