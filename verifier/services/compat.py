"""What wallets of older drafts do otherwise and a verifier takes all the same (``credkit.protocols.departures``).

Nothing here softens a signature, a nonce, an audience, an expiry or the check of the answer against the query.

Spec: protocols.md §5 "Old drafts worth accepting"
"""

from __future__ import annotations

from enum import StrEnum

from credkit.errors import CredkitError, ProtocolError
from credkit.formats.sd_jwt_vc import OLD_TYP
from credkit.jose import peek_header
from credkit.proofs import LEGACY_SUITE
from credkit.protocols.departures import Departures
from credkit.protocols.oid4vp.messages import AuthorizationResponse, Presentation
from credkit.shape import as_list


class Departure(StrEnum):
    """One way in which a wallet departs from the specification."""

    BARE_PRESENTATION = "vp_token holds a presentation outside an array"
    OLD_SD_JWT_TYP = "an SD-JWT VC has the typ vc+sd-jwt"
    OLD_PROOF = f"a presentation has a proof of the type {LEGACY_SUITE}"


class Compat(Departures):
    """Takes departures, or refuses them.

    Args:
        strict: Refuse them.
    """

    def __init__(self, *, strict: bool) -> None:
        super().__init__("verifier", strict=strict)

    @property
    def proof_types(self) -> tuple[str, ...]:
        """Types of proofs that are taken beside ``DataIntegrityProof``."""
        return () if self.strict else (LEGACY_SUITE,)

    def check(self, response: AuthorizationResponse) -> None:
        """Look at a whole answer.

        Raises:
            ProtocolError: ``invalid_request``: it departs and this is strict mode.
        """
        found = {Departure.BARE_PRESENTATION} if response.bare else set()
        for presentations in response.vp_token.values():
            found |= {departure for each in presentations for departure in _departures(each)}
        for departure in sorted(found):
            if self.strict:
                raise ProtocolError("invalid_request", f"not as the specification says: {departure}")
            self.note(departure)


def _departures(presentation: Presentation) -> set[Departure]:
    if isinstance(presentation, str):
        return {Departure.OLD_SD_JWT_TYP} if "~" in presentation and _typ_of(presentation) == OLD_TYP else set()
    proofs = (proof for proof in as_list(presentation.get("proof")) if isinstance(proof, dict))
    return {Departure.OLD_PROOF} if any(proof.get("type") == LEGACY_SUITE for proof in proofs) else set()


def _typ_of(token: str) -> object:
    try:
        return peek_header(token.partition("~")[0]).get("typ")
    except CredkitError:
        return None
