"""@openid4vc/oauth2 as a program at our Open Badges API, over HTTP: from the service description to every badge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from bench.node_peer import NodePeer, PeerRefused
from demo.export import STUDENT_NUMBER, build_export
from issuer.bootstrap import Services, build_services, initialise_issuer
from issuer.config import from_environ
from issuer.web import create_app
from tests.browser.serving import serving
from ui.passwords import hash_password

HOME = "http://localhost:4711"
REGISTRATION = {
    "client_name": "Badge Reader", "client_uri": HOME + "/", "logo_uri": HOME + "/logo.png", "tos_uri": HOME + "/terms",
    "policy_uri": HOME + "/privacy", "software_id": "reader", "software_version": "1",
    "grant_types": ["authorization_code", "refresh_token"],
}


@dataclass
class Office:
    """A school at a port, and the library as a program."""

    origin: str
    services: Services
    peer: NodePeer

    def read(self, **members: Any) -> Any:
        made = self.services.passes.make(self.services.students.find(STUDENT_NUMBER).id, "operator")
        return self.peer.ask("read", base=self.origin, registration=REGISTRATION, redirectUri=HOME + "/callback",
                             login=made.login, **{"code": made.code, **members})


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("badges")
    made: list[Services] = []

    def make_app(origin: str) -> Flask:
        config = from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder / "school")
        initialise_issuer(config, origin=origin, name="Lincoln High School",
                          password_hash=hash_password("correct horse battery", b"sixteen bytes ok"))
        made.append(build_services(config))
        return create_app(made[0])

    with serving(make_app) as origin, NodePeer(None, "badge_client.mjs") as peer:
        read = made[0].imports.receive(build_export(folder / "export.zip").read_bytes(), "export.zip", "operator")
        made[0].imports.confirm(read.id, "operator")
        yield Office(origin, made[0], peer)


def test_the_library_goes_from_the_service_description_to_every_badge(office: Office) -> None:
    result = office.read()

    assert (result["state"], result["method"]) == ("a state of ours", "S256")
    assert result["first"]["refresh_token"] != result["second"]["refresh_token"]
    assert len(result["credentials"]) == 24 and result["pages"] == 3
    assert result["profile"]["otherIdentifier"][0]["identifier"] == STUDENT_NUMBER


@pytest.mark.parametrize(("members", "words"), [
    ({"spoil": {"verifier": "v" * 43}}, "invalid_grant"), ({"spoil": {"secret": "x"}}, "invalid_client"),
])
def test_a_spoiled_step_is_refused(office: Office, members: dict[str, Any], words: str) -> None:
    with pytest.raises(PeerRefused, match=words):
        office.read(**members)


def test_a_wrong_code_leads_nowhere(office: Office) -> None:
    with pytest.raises(PeerRefused):
        office.read(code="wrong")
