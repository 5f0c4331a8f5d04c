"""The pairs of dc+sd-jwt: one badge, issued, presented in part to one verifier, verified; every key is P-256."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bench.documents import sd_jwt_badge
from bench.limits import SignaturesAndHashes
from bench.node_peer import NodePeer
from bench.sd_jwt_peers import NodeSdJwt, PythonSdJwt, SdJwtPeer
from bench.timing import Contender, in_process
from credkit.environment import SystemRandomness
from credkit.formats.sd_jwt_vc import (
    Path,
    bind_key,
    check_key_binding,
    check_validity,
    choose,
    holder_of,
    issue_sd_jwt_vc,
    parse_sd_jwt,
    verify_sd_jwt_vc,
)
from credkit.keys import SoftwareSigner, public_key_from_jwk

FORMAT = "dc+sd-jwt"
REQUEST = {"nonce": "n-0S6_WzA2Mj", "audience": "https://college.example"}


class OurSdJwt:
    """Our side, keys parsed once as a service keeps them."""

    def __init__(self, issuer: SoftwareSigner, holder: SoftwareSigner) -> None:
        self._issuer, self._holder = issuer, holder

    def issue(self, claims: dict[str, Any], places: list[Path]) -> str:
        """Check the claims, sign them."""
        return issue_sd_jwt_vc(claims, self._issuer, selective=places, randomness=SystemRandomness())

    def present(self, token: str, shown: list[Path]) -> str:
        """Choose, and bind the choice to the request."""
        return str(bind_key(choose(parse_sd_jwt(token), shown), self._holder, **REQUEST, now=datetime.now(UTC)))

    def verify(self, token: str) -> dict[str, Any]:
        """Signature, disclosures, dates, the holder's own signature."""
        sd_jwt, now = parse_sd_jwt(token), datetime.now(UTC)
        claims = verify_sd_jwt_vc(sd_jwt, self._issuer.public_key).claims
        check_validity(claims, now)
        check_key_binding(sd_jwt, public_key_from_jwk(holder_of(claims)), **REQUEST, now=now)
        return claims


def contenders(node: NodePeer) -> Iterator[tuple[str, dict[str, Contender]]]:
    """The name of each operation and who does it; whatever it starts from is what we made."""
    issuer = SoftwareSigner.from_secret("P-256", bytes(range(1, 33)))
    holder = SoftwareSigner.from_secret("P-256", bytes(range(2, 34)))
    ours = OurSdJwt(issuer, holder)
    peers: dict[str, SdJwtPeer] = {
        "sd-jwt-js": NodeSdJwt(node, issuer, holder), "sd-jwt-python": PythonSdJwt(issuer, holder)}
    claims, places, shown = sd_jwt_badge("https://lincoln.example", holder.public_key.to_jwk())
    token = ours.issue(claims, places)
    bound = ours.present(token, shown)
    # The others show what is named; we show what is named and what stands around it.
    named = sorted({place[:length] for place in shown for length in range(1, len(place) + 1)}, key=len)
    limit = SignaturesAndHashes(issuer, *(list(parse_sd_jwt(text).disclosures) for text in (token, bound)))
    yield "issue", {
        "ours": in_process(lambda: ours.issue(claims, places)),
        **{name: peer.issue(claims, places).contender() for name, peer in peers.items()},
        "limit": in_process(limit.issue),
    }
    yield "present", {
        "ours": in_process(lambda: ours.present(token, shown)),
        **{name: peer.present(token, named, **REQUEST).contender() for name, peer in peers.items()},
        "limit": in_process(limit.present),
    }
    yield "verify", {
        "ours": in_process(lambda: ours.verify(bound)),
        **{name: peer.verify(bound, **REQUEST).contender() for name, peer in peers.items()},
        "limit": in_process(limit.verify),
    }
