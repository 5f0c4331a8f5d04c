"""@openid4vc/oauth2 and openid4vci 0.4.6 as a wallet at an office that keeps to the profile haip, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from bench.node_peer import NodePeer, PeerRefused
from credkit.environment import SystemClock
from credkit.formats.sd_jwt_vc import parse_sd_jwt, verify_sd_jwt_vc
from credkit.jose import peek_header
from credkit.keys import SoftwareSigner
from issuer.bootstrap import Services, build_services, initialise_issuer
from issuer.config import from_environ
from issuer.web import create_app
from tests.browser.serving import serving
from tests.interop.test_openid4vc_oauth import CALLBACK, secret_jwk
from tests.issuer.test_haip import BADGE, CLAIMS, NUMBER
from tests.support.certificates import Issued, authority, leaf


@dataclass
class Server:
    """An office of the profile at a port, the library as a wallet, and somebody who vouches for it."""

    services: Services
    peer: NodePeer
    own: Issued
    vouching: Issued
    root: Issued

    def collect(self, **members: Any) -> Any:
        student, key = self.services.students.find(NUMBER).id, SoftwareSigner.generate("P-256")
        made = self.services.offers.offer_form(student, BADGE, "operator", tx_code=False)
        vouched = {"attester": secret_jwk(self.vouching.signer), "chain": [self.vouching.x5c],
                   "instance": secret_jwk(SoftwareSigner.generate("P-256"))}
        return self.peer.ask("byCode", **{
            "offer": made.links.deep, "configuration": BADGE, "redirectUri": CALLBACK, "dpop": True,
            "key": secret_jwk(key), "otherKey": secret_jwk(SoftwareSigner.generate("P-256")), **vouched, **members})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, now = tmp_path_factory.mktemp("haip"), SystemClock().now()
    root = authority(now)
    own, vouching = leaf(now, root, ["localhost", "127.0.0.1"]), leaf(now, root, ["wallets.example"])
    (folder / "attesters.pem").write_bytes(root.pem)
    made: list[Services] = []

    def make_app(origin: str) -> Flask:
        config = from_environ({"BACKPACK_LOOPBACK_HTTP": "1", "BACKPACK_ATTESTERS": str(folder / "attesters.pem")},
                              data=folder / "school")
        initialise_issuer(config, origin=origin, password_hash="hash", profile="haip",
                          certificate=(own.pem, own.key_pem))
        made.append(build_services(config))
        return create_app(made[0])

    with serving(make_app), NodePeer(None, "oauth_client.mjs") as peer:
        made[0].claims.record("badge", CLAIMS, "operator")
        yield Server(made[0], peer, own, vouching, root)


@pytest.mark.spec("HAIP-1.0", "#section-4")
def test_the_library_collects_as_the_profile_wants_it(server: Server) -> None:
    result = server.collect()

    assert "request_uri=urn" in result["pushed"] and result["pkce"] == "S256"
    assert result["token"]["token_type"] == "DPoP" and "c_nonce" not in result["token"]
    record = parse_sd_jwt(result["credentials"][0])
    assert peek_header(record.jwt)["x5c"] == [server.own.x5c]
    assert verify_sd_jwt_vc(record, server.own.signer.public_key).claims["title"] == "Robotics Club"


@pytest.mark.parametrize(("spoil", "words"), [
    ("nobody vouches", "invalid_client"), ("with the anchor", "invalid_client"), ("a stranger", "invalid_client"),
    ("no key", "invalid_dpop_proof"), ("bearer", "invalid_token"),
])
def test_the_library_is_refused_where_a_step_is_not_as_the_profile_wants_it(
        server: Server, spoil: str, words: str) -> None:
    stranger = leaf(SystemClock().now(), authority(SystemClock().now()), ["wallets.example"])
    members: dict[str, dict[str, Any]] = {
        "nobody vouches": {"attester": None, "chain": None, "instance": None},
        "with the anchor": {"chain": [server.vouching.x5c, server.root.x5c]},
        "a stranger": {"attester": secret_jwk(stranger.signer), "chain": [stranger.x5c]},
        "no key": {"spoil": {"noKey": True}}, "bearer": {"spoil": {"bearer": True}}}

    with pytest.raises(PeerRefused) as caught:
        server.collect(**members[spoil])

    assert words in str(caught.value)
