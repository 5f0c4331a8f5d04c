"""@openid4vc/oauth2 as a program at our Open Badges API, over HTTP: from the service description to every badge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bench.node_peer import NodePeer, PeerRefused
from demo.export import STUDENT_NUMBER
from issuer.bootstrap import Services
from tests.issuer.offices import serving_office

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
    with (serving_office(tmp_path_factory.mktemp("badges")) as (origin, services),
          NodePeer(None, "badge_client.mjs") as peer):
        yield Office(origin, services, peer)


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
