"""A family's selection of whole records: always partial, never bound to a holder, the members' words untouched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from credkit.errors import MalformedValueError
from credkit.profiles import clr_2
from credkit.profiles.clr_2 import Selection, build_selection
from credkit.verification import Policy, verify_credential
from tests.support.world import NOW, Holder, School, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def selection(world: World) -> Selection:
    school, family = School(world), Holder(world)
    members = [school.sign(school.course(index=index, name=name, subject_id=f"did:key:z{index}"))
               for index, name in ((1, "Biology"), (2, "Art"))]
    return Selection(
        id="urn:uuid:9c7d5d0e-0f0a-4b52-9f4b-6a3b4f3f8f10", name="Records for Roosevelt School",
        description="To enroll María", issuer_id=family.did, names=("María José Hernández Núñez",),
        subject_id="urn:uuid:9c7d5d0e-0f0a-4b52-9f4b-6a3b4f3f8f11", valid_from=NOW,
        valid_until=NOW + timedelta(days=30), members=members)


def test_it_is_partial_and_names_its_purpose_and_its_end(selection: Selection) -> None:
    document = build_selection(selection)

    assert document["partial"] is True and document["validUntil"] == "2026-07-15T12:00:00Z"
    assert document["name"] == "Records for Roosevelt School" and document["description"] == "To enroll María"
    assert clr_2.check_clr(document) == ()


def test_members_are_taken_byte_for_byte_even_where_we_would_write_better(selection: Selection, world: World) -> None:
    school = School(world, "https://old.example")
    unlike_ours = school.course(index=3)
    del unlike_ours["credentialSubject"]["achievement"]["criteria"]
    signed = school.sign(unlike_ours)

    document = build_selection(replace(selection, members=[*selection.members, signed]))

    assert document["credentialSubject"]["verifiableCredential"][-1] == signed


def test_it_verifies_with_each_record_in_it(selection: Selection, world: World) -> None:
    family = Holder(world)
    document = build_selection(replace(selection, issuer_id=family.did))
    school = School(world)
    members = [school.sign(school.course(index=index, subject_id="did:key:z1")) for index in (1, 2)]
    signed = school.sign(document | {"credentialSubject": document["credentialSubject"] | {
        "verifiableCredential": members}}, signer=family.signer)

    report = verify_credential(signed, Policy(), world.environment())

    assert not [check for check in report.problems() if check.id != "trust"] and len(report.members) == 2


def test_one_without_an_end_is_a_familys_own_export(selection: Selection) -> None:
    assert "validUntil" not in build_selection(replace(selection, valid_until=None))


@pytest.mark.parametrize("members", [[], [{}], [{"type": ["VerifiableCredential"]}]])
def test_a_selection_of_nothing_or_of_no_records_is_refused(selection: Selection, members: list[Any]) -> None:
    with pytest.raises(MalformedValueError):
        build_selection(replace(selection, members=members))
