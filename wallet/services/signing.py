"""What people of the family sign themselves: a fresh name, and a proof by the party's own key."""

from __future__ import annotations

from uuid import UUID

from credkit.environment import Environment
from credkit.ports import JSONObject, Randomness, Signer
from credkit.proofs import add_proof

_SUITE = "eddsa-rdfc-2022"


def new_urn(randomness: Randomness) -> str:
    """A fresh ``urn:uuid:…``."""
    return f"urn:uuid:{UUID(bytes=randomness.token_bytes(16), version=4)}"


def sign(document: JSONObject, signer: Signer, environment: Environment) -> JSONObject:
    """``document`` with an eddsa-rdfc-2022 proof over all of it, made now.

    Raises:
        DataLossError: the document says something that its signature would not cover.
    """
    return add_proof(document, suite=_SUITE, signer=signer, processor=environment.jsonld,
                     created=environment.clock.now())
