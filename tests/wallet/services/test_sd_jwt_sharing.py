"""Who may share a record that is kept as an SD-JWT: it cannot carry by what right somebody shares for the student."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credkit.errors import StateError
from tests.support.world import School, World
from tests.wallet.household import child_of, let_in
from tests.wallet.offices import AskingCollege
from tests.wallet.web.test_sd_jwt_pages import COURSE, keep
from wallet.bootstrap import Services
from wallet.services.consent import Sheet
from wallet.services.requests import ResolvedRequest
from wallet.vault import OpenVault

VCT = "https://lincoln.example/vct/course"


def test_a_mother_shares_and_a_helper_is_told_why_not(services: Services, vault: OpenVault, world: World) -> None:
    child = child_of(services, vault)
    item_id = keep(child, services, School(world, "https://lincoln.example"), COURSE, VCT)
    helper = let_in(services, child, "tutor", "share", "read:transcript")
    college = AskingCollege(world)
    link = college.ask()
    college.query = {"credentials": [{"id": "course", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]},
                                      "claims": [{"path": ["title"]}]}]}

    def sheet(opened: OpenVault) -> Sheet:
        resolved = services.presenting.resolve_request(link)
        return services.presenting.sheet(opened, resolved, {"course": (item_id,)})

    assert [value.shown for value in sheet(child).records[0].leaves] == ["Algebra I"]
    with pytest.raises(StateError, match="by what right"):
        sheet(helper)


@pytest.mark.parametrize(("taken", "possible"), [(["ES256"], False), (["ES256", "EdDSA"], True), ([], True)])
def test_who_takes_no_signature_of_our_keys_is_not_answered(services: Services, vault: OpenVault, world: World,
                                                            taken: list[str], possible: bool) -> None:
    keep(vault, services, School(world, "https://lincoln.example"), COURSE, VCT)
    college = AskingCollege(world)
    link = college.ask()
    college.query = {"credentials": [{"id": "course", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}}]}
    resolved = services.presenting.resolve_request(link)
    bent = replace(resolved, request=replace(resolved.request, key_binding_algorithms=tuple(taken)))
    again = ResolvedRequest.from_json(bent.to_json())
    assert again.request.key_binding_algorithms == tuple(taken)
    assert "EdDSA" in resolved.request.key_binding_algorithms
    assert services.presenting.match(vault, again).possible is possible
