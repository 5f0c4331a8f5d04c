"""1EdTech's revocation list by the pipeline: listed is taken back, unreachable could not be checked (C02, C03)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from credkit.errors import CredkitError, MalformedValueError, StatusVerificationError, UnsupportedError
from credkit.ports import JSONObject
from credkit.status import bitstring
from credkit.status.edtech_revocation_list import StatusEntry, check_list, is_revoked, parse_entry
from credkit.verification import Policy, verify_credential
from credkit.verification._credential import _verify_list
from credkit.verification._run import Run
from credkit.verification._status import check_status
from tests.credkit.profiles.test_family import JUNK
from tests.support.world import NOW, School, World

PUBLISHED = json.loads((Path(__file__).parents[2] / "vectors" / "1edtech-revocation-list" / "entry.json").read_bytes())
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
URL = "https://school.example/revocations"
ID = "https://school.example/credentials/7"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> School:
    return School(world)


def record(school: School, **changes: Any) -> JSONObject:
    document = school.course(status=False)
    document["@context"] = [*document["@context"], EXTENSIONS]
    document["credentialStatus"] = {"id": URL, "type": "1EdTechRevocationList"}
    return school.sign({**document, **changes})


def listing(school: School, *entries: Any, **changes: Any) -> JSONObject:
    return {"id": URL, "issuer": school.did, "revokedCredential": list(entries), **changes}


def told(world: World, document: JSONObject, **policy: Any) -> tuple[str, str | None]:
    check = verify_credential(document, Policy(**policy), world.environment()).check("status")
    assert check is not None
    return str(check.outcome), (check.problem or {}).get("code")


def test_the_published_entry_is_read() -> None:
    entry = parse_entry(PUBLISHED["credentialStatus"])
    assert entry == StatusEntry("https://1edtech.edu/credentials/3732/revocations")
    revocations = {"id": entry.list_url, "issuer": PUBLISHED["issuer"],
                   "revokedCredential": [{"id": PUBLISHED["id"], "revocationReason": "Issued in error."}]}
    check_list(revocations, entry, PUBLISHED["issuer"])
    assert is_revoked(revocations, PUBLISHED["id"]) and not is_revoked(revocations, PUBLISHED["id"] + "1")


@pytest.mark.spec("OB-3.0", "#1edtech-revocation-list")
@pytest.mark.parametrize(("entries", "outcome"), [
    ([], ("passed", None)), ([{"id": "https://school.example/credentials/8"}], ("passed", None)),
    ([{"id": ID}], ("failed", "revoked")), ([{"id": ID, "revoked": True}], ("failed", "revoked")),
    ([{"id": ID, "revoked": False}], ("passed", None)), ([ID], ("failed", "revoked")),
    ([{"id": ID, "revoked": False}, {"id": f" {ID.replace('7', '%37')}"}], ("failed", "revoked")),
    ([None, 7, {}, {"id": 7}, {"id": ID, "revocationReason": "Honor code"}], ("failed", "revoked")),
])
def test_what_is_listed_is_taken_back(world: World, school: School, entries: Any, outcome: Any) -> None:
    world.web.serve_json(URL, listing(school, *entries))
    assert told(world, record(school)) == outcome


@pytest.mark.parametrize("change", [
    {"issuer": "did:web:other.example"}, {"issuer": {"id": "did:web:other.example"}}, {"issuer": None},
    {"id": "https://school.example/other"}, {"revokedCredential": {"id": ID}},
    {"revokedCredential": None}, {"revokedCredential": "none"},
])
def test_another_list_counts_for_nothing(world: World, school: School, change: Any) -> None:
    world.web.serve_json(URL, listing(school, **change))
    assert told(world, record(school)) == ("failed", "status_verification")


def test_a_list_that_names_nobody_counts_where_the_issuer_is_at_home_only(world: World, school: School) -> None:
    elsewhere = "https://lists.example/revocations"
    for url, outcome in ((URL, "passed"), (elsewhere, "indeterminate")):
        world.web.serve_json(url, {"revokedCredential": []})
        signed = record(school, credentialStatus={"id": url, "type": "1EdTechRevocationList"})
        assert told(world, signed)[0] == outcome
    world.web.serve_json(elsewhere, {"issuer": school.did, "revokedCredentials": [{"id": ID}]})
    signed = record(school, credentialStatus={"id": elsewhere, "type": "1EdTechRevocationList"})
    assert told(world, signed) == ("failed", "revoked")


def test_a_list_that_cannot_be_reached_could_not_be_checked_and_what_was_taken_back_stays_so(
        world: World, school: School) -> None:
    signed = record(school)
    assert told(world, signed) == ("indeterminate", "status_retrieval")
    world.web.serve_json(URL, listing(school))
    assert told(world, signed) == ("passed", None)
    world.web.serve_json(URL, {}, status=404)
    assert told(world, signed) == ("indeterminate", "status_retrieval")
    assert told(world, signed, max_list_age=timedelta(hours=1)) == ("passed", None)
    world.web.serve_json(URL, listing(school, {"id": ID}))
    assert told(world, signed) == ("failed", "revoked")
    world.web.serve_json(URL, {}, status=404)
    assert told(world, signed) == ("failed", "revoked")


def test_a_record_without_an_id_could_not_be_looked_up() -> None:
    with pytest.raises(UnsupportedError):
        is_revoked({"revokedCredential": []}, None)


@pytest.mark.parametrize("value", JUNK)
def test_junk_is_a_typed_error(value: Any) -> None:
    with pytest.raises(MalformedValueError):
        parse_entry({"id": value})
    with pytest.raises(CredkitError):
        check_list({"revokedCredential": value} if not isinstance(value, list) else {}, StatusEntry(URL), "did:web:x.y")
    with pytest.raises(StatusVerificationError):
        check_list({"revokedCredential": [], "issuer": value}, StatusEntry(URL), "did:web:x.y")


def statuses(world: World, school: School, *entries: JSONObject) -> list[tuple[str, str]]:
    run = Run(Policy(), world.environment(), NOW)
    document = {**school.course(status=False), "credentialStatus": list(entries)}
    return [(remark.code, remark.name) for remark in check_status(document, run, _verify_list)]


def test_what_a_list_says_beside_taking_back_is_told_in_words(world: World, school: School) -> None:
    """A message is no reason to refuse a record; neither is that there is a newer version."""
    messages = [{"status": "0x0", "message": "Not yet looked at"}, {"status": "0x1", "message": "Appeal pending"}]
    for purpose, bits, said in (
        ("message", {7}, [("status_message", "Appeal pending")]),
        ("message", set(), [("status_message", "Not yet looked at")]),
        ("refresh", {7}, [("refresh_advised", "")]), ("refresh", set(), []),
        ("revocation", set(), []),
    ):
        school.revoked = bits
        listed = bitstring.build_status_list_credential(
            url=school.list_url, issuer=school.did, context="https://www.w3.org/ns/credentials/v2", set_indexes=bits,
            valid_from=NOW, valid_until=NOW + timedelta(days=1), purpose=purpose)
        world.web.serve_json(school.list_url, school.sign(listed))
        entry = bitstring.build_entry(school.list_url, 7, purpose)
        if purpose == "message":
            entry["statusMessage"] = messages
        assert statuses(world, school, entry) == said
