"""Receiving: what comes is checked before it is kept, and what came is kept even if the rest does not come."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from credkit.errors import (
    CredkitError,
    Expired,
    FetchError,
    IssuerBindingError,
    MalformedValueError,
    ParsingError,
    ProblemError,
    ProtocolError,
    StateError,
    UnsupportedError,
)
from credkit.ports import JSONObject
from credkit.shape import format_date_time
from tests.support.world import NOW, World
from tests.wallet.offices import OfferingSchool
from tests.wallet.support import items_of
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.offers import ResolvedOffer
from wallet.services.record import library
from wallet.vault import OpenVault

Change = Callable[[JSONObject], Any]


def take(services: Services, vault: OpenVault, link: str, tx_code: str = "4711", **more: Any) -> Any:
    return services.receiving.accept_offer(vault, services.receiving.resolve_offer(link), tx_code=tx_code, **more)


def titles(vault: OpenVault) -> list[str]:
    return sorted(card.title for card in library.shelf(vault).all())


def test_a_whole_set_comes_in_and_each_record_has_a_key_of_its_own(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    link = school.offer(school.transcript((1, "Biology", "A"), (2, "Algebra", "B")), school.course(1, "Biology"),
                        school.course(2, "Algebra", "B"))

    issued = take(services, vault, link)

    assert (len(issued.stored), issued.total, issued.problem, issued.issuance_id) == (3, 3, None, None)
    assert titles(vault) == ["Algebra", "Biology", "Transcript"]
    keys = {vault.read(item_id, "credential").key_methods for item_id in issued.stored}
    assert len(keys) == 3 and all(len(each) == 1 for each in keys)
    assert [(line.kind, line.host, line.count, line.total) for line in activity.lines(vault)] == [
        ("received", "school.example", 3, 3)]


def test_reading_an_offer_sends_no_code_and_keeps_nothing(
        services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> None:
    resolved = services.receiving.resolve_offer(school.offer(school.course(1, "Biology")))

    assert resolved.host == "school.example" and resolved.kinds("es") == ("course (es)",)
    assert resolved.issuer_name("en") == "Lincoln High School"
    assert all(request.method == "GET" and not request.body for request in world.web.requests)
    assert school.offers[0].code not in " ".join(request.url for request in world.web.requests)
    assert items_of(vault) == []


def test_an_offer_outlives_being_sealed_away(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    resolved = services.receiving.resolve_offer(school.offer(school.course(1, "Biology")))
    stored = json.loads(json.dumps(resolved.to_json()))

    assert ResolvedOffer.from_json(stored) == resolved


def test_a_wrong_code_keeps_the_offer_open_and_nothing_is_kept(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    link = school.offer(school.course(1, "Biology"))
    for wrong in ("0000", ""):
        with pytest.raises(ProtocolError):
            take(services, vault, link, wrong)
    assert items_of(vault) == []

    assert len(take(services, vault, link).stored) == 1


def test_a_code_used_up_by_somebody_else_gives_nothing(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    link = school.offer(school.course(1, "Biology"))
    school.offers[0].redeemed = True

    with pytest.raises(ProtocolError) as caught:
        take(services, vault, link)

    assert caught.value.error == "invalid_grant" and items_of(vault) == []


def test_an_offer_without_a_code_sends_none(services: Services, vault: OpenVault, school: OfferingSchool,
                                            world: World) -> None:
    take(services, vault, school.offer(school.course(1, "Biology"), tx_code=None))

    (token,) = [request for request in world.web.requests if request.url.endswith("/token")]
    assert b"tx_code" not in token.body


# Sets that are broken off

def test_a_set_broken_off_keeps_what_came_and_goes_on_with_the_same_keys(
        services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> None:
    link = school.offer(*[school.course(index, f"Course {index}") for index in range(24)])
    asked = []
    school.before = lambda path: asked.append(path) if path == "/credential" else None
    real = school.answer

    def break_off(request: Any) -> Any:
        if len(asked) > 18:
            raise FetchError("gone")
        return real(request)

    school.answer = break_off  # type: ignore[method-assign]
    issued = take(services, vault, link)
    assert (len(issued.stored), issued.total) == (18, 24)
    assert isinstance(issued.problem, FetchError) and issued.issuance_id is not None
    (unfinished,) = services.receiving.unfinished(vault)
    assert (unfinished.host, unfinished.done, unfinished.total) == ("school.example", 18, 24)

    school.answer = real  # type: ignore[method-assign]
    rest = services.receiving.collect_rest(vault, issued.issuance_id)

    assert len(rest.stored) == 24 and rest.problem is None and rest.issuance_id is None
    assert services.receiving.unfinished(vault) == ()
    assert len(titles(vault)) == 24
    assert [(line.count, line.total) for line in activity.lines(vault)] in ([(24, 24), (18, 24)], [(18, 24), (24, 24)])


def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    """The school gives one record to one key only; a key that was lost with the answer would lose the record."""
    link = school.offer(school.course(1, "Biology"))
    real = school.credential

    def lose(request: Any) -> Any:
        real(request)
        raise FetchError("gone")

    school.credential = lose  # type: ignore[method-assign]
    issued = take(services, vault, link)
    assert issued.stored == () and issued.issuance_id is not None

    school.credential = real  # type: ignore[method-assign]
    assert len(take(services, vault, link).stored) == 1


def test_after_the_permission_ran_out_a_new_offer_is_needed(
        services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> None:
    issued = take(services, vault, school.offer(school.course(1, "A"), school.course(2, "B")), at_most=1)
    assert (len(issued.stored), issued.total) == (1, 2)
    world.clock.advance(minutes=6)

    assert services.receiving.unfinished(vault) == ()
    with pytest.raises(StateError):
        services.receiving.collect_rest(vault, issued.issuance_id)
    assert len(titles(vault)) == 1


def test_one_bad_record_does_not_keep_the_others_away(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    school.change = lambda credential: (
        {**credential, "validFrom": "2020-01-01T00:00:00Z"} if credential["name"] == "Biology" else credential)

    issued = take(services, vault, school.offer(school.course(1, "Biology"), school.course(2, "Algebra")))

    assert titles(vault) == ["Algebra"] and issued.total == 2
    assert isinstance(issued.problem, ProblemError) and issued.issuance_id is None


def test_a_stale_nonce_is_replaced_once(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    asked = []

    def forget(path: str) -> None:
        if path == "/credential":
            asked.append(path)
            if len(asked) == 1:
                school.nonces.clear()

    school.before = forget
    assert len(take(services, vault, school.offer(school.course(1, "Biology"))).stored) == 1
    assert len(asked) == 2

    school.before = lambda path: school.nonces.clear() if path == "/credential" else None
    with pytest.raises(ProtocolError) as caught:
        take(services, vault, school.offer(school.course(2, "Algebra")))
    assert caught.value.error == "invalid_nonce"


# What must not be kept

def strip_proof(credential: JSONObject) -> Any:
    return {name: value for name, value in credential.items() if name != "proof"}


def other_grade(credential: JSONObject) -> Any:
    changed = copy.deepcopy(credential)
    changed["credentialSubject"]["result"][0]["value"] = "A+"
    return changed


def other_holder(credential: JSONObject) -> Any:
    changed = copy.deepcopy(credential)
    changed["credentialSubject"]["id"] = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    return changed


def two_subjects(credential: JSONObject) -> Any:
    return {**credential, "credentialSubject": [credential["credentialSubject"], {"id": "urn:x:1", "type": "X"}]}


REFUSED: dict[str, tuple[Change, type[CredkitError]]] = {
    "no proof": (strip_proof, ProblemError),
    "another grade": (other_grade, ProblemError),
    "somebody else's": (other_holder, IssuerBindingError),
    "two subjects": (two_subjects, IssuerBindingError),
    "no subject": (lambda credential: {**credential, "credentialSubject": []}, IssuerBindingError),
    "another type": (lambda credential: {**credential, "type": ["VerifiableCredential"]}, MalformedValueError),
    "no type": (lambda credential: {**credential, "type": []}, MalformedValueError),
    "text": (lambda credential: "eyJhbGciOiJub25lIn0.e30.", UnsupportedError),
    "an unsigned member": (lambda credential: {**credential, "nickname": "x"}, ProblemError),
    "another context": (lambda credential: {**credential, "@context": [*credential["@context"], "https://x.example/c"]},
                        CredkitError),
    "another issuer": (lambda credential: {**credential, "issuer": {**credential["issuer"], "id": "did:web:x.org"}},
                       CredkitError),
    "a broken proof": (lambda credential: {**credential, "proof": {**credential["proof"], "proofValue": "u2V0AhQ"}},
                       ParsingError),
    "two proofs": (lambda credential: {**credential, "proof": [credential["proof"]] * 2}, CredkitError),
}


@pytest.mark.parametrize(("change", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_a_record_that_does_not_hold_is_not_kept(
        services: Services, vault: OpenVault, school: OfferingSchool, change: Change,
        error: type[CredkitError]) -> None:
    school.change = change

    with pytest.raises(error):
        take(services, vault, school.offer(school.course(1, "Biology")))

    assert items_of(vault) == []


def test_a_transcript_whose_course_was_swapped_or_belongs_to_another_key_is_not_kept(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    def other_member(credential: JSONObject) -> Any:
        changed = copy.deepcopy(credential)
        changed["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["result"][0]["value"] = "A+"
        return changed

    for change in (other_member, other_holder):
        school.change = change
        with pytest.raises(ProblemError):
            take(services, vault, school.offer(school.transcript((1, "Biology", "A"))))

    assert items_of(vault) == []


def test_a_taken_back_record_is_not_kept(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    school.revoke(1)

    with pytest.raises(ProblemError) as caught:
        take(services, vault, school.offer(school.course(1, "Biology")))

    assert caught.value.code == "revoked" and items_of(vault) == []


def test_an_expired_record_is_not_kept(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    def expired(did: str) -> JSONObject:
        course = school.school.course(index=1, subject_id=did)
        return school.school.sign_base({**course, "validUntil": format_date_time(NOW - timedelta(days=1))})

    with pytest.raises(ProblemError) as caught:
        take(services, vault, school.offer(("course", expired)))

    assert caught.value.code == Expired.code and items_of(vault) == []


def test_a_record_whose_list_cannot_be_reached_is_kept_as_not_checked(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    """The code is spent: the record would be lost. That its list was not read is shown until it is."""
    school.answers["/status/1"] = (503, b"")

    take(services, vault, school.offer(school.course(1, "Biology")))

    (card,) = library.shelf(vault).all()
    assert card.status == "unknown"


# Asking again

def test_checking_again_turns_red_after_the_school_took_it_back_and_that_stays(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    (item_id,) = take(services, vault, school.offer(school.course(1, "Biology"))).stored
    assert services.receiving.check_again(vault, item_id).verified
    school.revoke(1)

    report = services.receiving.check_again(vault, item_id)

    assert not report.verified and library.show(vault, item_id).status == "revoked"
    school.answers["/status/1"] = (503, b"")
    services.receiving.check_again(vault, item_id)
    assert library.show(vault, item_id).status == "revoked"


def test_looking_at_records_asks_nobody(
        services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> None:
    link = school.offer(school.transcript((1, "Biology", "A")), school.course(1, "Biology"))
    stored = take(services, vault, link).stored
    world.web.requests.clear()

    for item_id in stored:
        library.show(vault, item_id)
        library.exportable(vault, item_id)
    library.shelf(vault)

    assert world.web.requests == []


# Whose server is whose (security.md E09, E10)

@pytest.mark.parametrize("name", ["credential_issuer", "credential_endpoint", "nonce_endpoint"])
def test_metadata_of_another_issuer_is_refused(
        services: Services, vault: OpenVault, school: OfferingSchool, world: World, name: str) -> None:
    link = school.offer(school.course(1, "Biology"))
    metadata = json.loads(world.web.get(school.origin + "/.well-known/openid-credential-issuer").body)
    school.answers["/.well-known/openid-credential-issuer"] = (200, json.dumps(
        {**metadata, name: "https://evil.example/" + name}).encode())

    with pytest.raises(ProtocolError):
        services.receiving.resolve_offer(link)


def test_an_issuer_that_sends_codes_to_another_server_is_refused(
        services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> None:
    link = school.offer(school.course(1, "Biology"))
    metadata = json.loads(world.web.get(school.origin + "/.well-known/openid-credential-issuer").body)
    school.answers["/.well-known/openid-credential-issuer"] = (200, json.dumps(
        {**metadata, "authorization_servers": ["https://honest.example"]}).encode())

    world.web.serve_json("https://honest.example/.well-known/oauth-authorization-server", {
        "issuer": "https://honest.example", "token_endpoint": "https://honest.example/token"})

    with pytest.raises(UnsupportedError):
        services.receiving.resolve_offer(link)

    assert not any("honest.example" in request.url and request.method == "POST" for request in world.web.requests)


@pytest.mark.parametrize("change", [
    {"format": "vc+sd-jwt"}, {"cryptographic_binding_methods_supported": ["jwk"]},
    {"proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES512"]}}},
])
def test_records_of_a_kind_we_cannot_hold_are_refused_before_the_code_is_spent(
        services: Services, vault: OpenVault, school: OfferingSchool, world: World, change: JSONObject) -> None:
    link = school.offer(school.course(1, "Biology"))
    metadata = json.loads(world.web.get(school.origin + "/.well-known/openid-credential-issuer").body)
    metadata["credential_configurations_supported"]["course"].update(change)
    school.answers["/.well-known/openid-credential-issuer"] = (200, json.dumps(metadata).encode())

    with pytest.raises((UnsupportedError, ProtocolError)):
        services.receiving.resolve_offer(link)

    assert not school.offers[0].redeemed
