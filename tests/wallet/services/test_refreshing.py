"""Looking for a newer version of a held record: only when asked, only what holds, and the record stays otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.shape import format_date_time
from tests.credkit.verification.test_refresh import URL, newer, record
from tests.support.world import NOW, School, World
from tests.wallet.offices import OfferingSchool
from wallet.bootstrap import Services
from wallet.services import activity, refreshing
from wallet.services.record import library
from wallet.services.record.items import CREDENTIAL
from wallet.services.sharing import importing
from wallet.vault import OpenVault


@pytest.fixture
def signer(world: World, school: OfferingSchool) -> School:
    return school.school


@pytest.fixture
def item_id(services: Services, vault: OpenVault, signer: School) -> str:
    kept = importing.keep(vault, services.sharing.environment, (record(signer),), file_name="badge.json")
    assert len(kept.kept) == 1, kept.refused
    return kept.kept[0]


def document(vault: OpenVault, item_id: str) -> Any:
    return vault.read(item_id, CREDENTIAL).body["credential"]


def serve(world: World, answer: JSONObject) -> None:
    world.web.serve_json(URL, answer)


def test_a_newer_version_takes_the_records_place(
        services: Services, vault: OpenVault, world: World, signer: School, item_id: str) -> None:
    later = newer(signer)
    serve(world, later)
    assert refreshing.may_refresh(vault, item_id, services.clock.now())
    assert URL not in str(world.web.requests)
    assert refreshing.refresh(vault, services.sharing.environment, item_id) == "newer"
    assert document(vault, item_id) == later
    assert activity.lines(vault)[0].kind == "received"
    assert refreshing.refresh(vault, services.sharing.environment, item_id) == "same"


def test_on_any_failure_the_record_stays(
        services: Services, vault: OpenVault, world: World, signer: School, item_id: str) -> None:
    before = document(vault, item_id)
    for answer in ({**newer(signer), "name": "Calculus"}, newer(signer, id="https://school.example/credentials/8"),
                   newer(signer, validFrom=format_date_time(NOW + timedelta(days=9))), {}):
        serve(world, answer)
        assert refreshing.refresh(vault, services.sharing.environment, item_id) == "failed"
        assert document(vault, item_id) == before


def test_a_record_without_such_a_service_asks_nobody(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    link = school.offer(school.course(4, "Art", "Distinction"))
    services.receiving.accept_offer(vault, services.receiving.resolve_offer(link), tx_code="4711")
    art = next(card.item_id for card in library.shelf(vault).all() if card.title == "Art")
    assert not refreshing.may_refresh(vault, art, services.clock.now())
    with pytest.raises(StateError):
        refreshing.refresh(vault, services.sharing.environment, art)
