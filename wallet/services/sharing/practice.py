"""Practice sharing (requirements.md Q12): a made-up asker, the family's real consent sheet, and nothing that leaves.

The pretend request is built here, signed by nobody and sent nowhere; saying yes or no to it is not kept, not in the log
either. There is no address behind it, so that even a mistake could not send anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from credkit.encoding import base64url_encode
from credkit.environment import Environment
from credkit.ports import JSONObject
from credkit.profiles import openbadges_3
from credkit.protocols import dcql
from credkit.protocols.oid4vp.messages import AuthorizationRequest, ClientId
from wallet.services.consent import Sheet, build_sheet
from wallet.services.matching import Matching, match_request
from wallet.services.requests import ResolvedRequest
from wallet.vault import OpenVault

Lesson = Literal["fair", "greedy"]
LESSONS: Final[tuple[Lesson, ...]] = ("fair", "greedy")
PRACTICE_ORIGIN: Final = "https://practice.invalid"
"""A name that can never be anybody's (RFC 2606)."""
_TITLE: Final[list[str | int]] = ["credentialSubject", "achievement", "name"]
_GRADE: Final[list[str | int]] = ["credentialSubject", "result", 0, "value"]
_ASKED: Final[dict[Lesson, list[list[str | int]]]] = {
    "fair": [_TITLE, _GRADE],
    "greedy": [_TITLE, _GRADE, ["credentialSubject"], ["credentialSubject", "identifier", 0, "identityHash"]],
}


@dataclass(frozen=True)
class Exercise:
    """A pretend request and what the backpack could answer."""

    lesson: Lesson
    resolved: ResolvedRequest
    matching: Matching


def exercise(vault: OpenVault, environment: Environment, lesson: Lesson, *, name: str, purpose: str) -> Exercise:
    """A request that asks for the titles and grades of records, or (``greedy``) for much more than that.

    Args:
        name, purpose: What the pretend asker calls itself and says it is for, in the family's language.
    """
    query: JSONObject = {"credentials": [{
        "id": "practice", "format": "ldp_vc", "multiple": True, "meta": {"type_values": [[openbadges_3.TYPE_IRI]]},
        "claims": [{"path": path} for path in _ASKED[lesson]]}]}
    request = AuthorizationRequest(
        client_id=ClientId(PRACTICE_ORIGIN, "practice", "did:web:practice.invalid"), did="did:web:practice.invalid",
        origin=PRACTICE_ORIGIN, response_uri=PRACTICE_ORIGIN + "/nowhere",
        nonce=base64url_encode(environment.randomness.token_bytes(16)), state=None, query=dcql.parse_query(query),
        purpose=purpose, client_name=name, cryptosuites=(), expires_at=environment.clock.now() + timedelta(hours=1),
        certified_names=("practice.invalid",))
    resolved = ResolvedRequest(request, query)
    return Exercise(lesson, resolved, match_request(vault, request, environment))


def sheet(vault: OpenVault, environment: Environment, practised: Exercise, item_ids: tuple[str, ...]) -> Sheet:
    """The real consent sheet for the pretend request.

    Raises:
        StateError: nothing was chosen, or something that does not answer it.
    """
    return build_sheet(vault, practised.resolved, practised.matching, {"practice": item_ids}, environment)
