"""The family's credentials: what is written is read back, what would widen a grant is refused, nobody's JSON breaks us.

Published vectors do not exist for our own vocabulary; PyLD is the other implementation of how its words are read.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

import contexts
from credkit.errors import CredkitError, DataLossError, MalformedValueError, RangeValueError
from credkit.jsonld import Processor, canonicalize
from credkit.ports import JSONObject
from credkit.profiles import PROFILES, family
from credkit.profiles.family import (
    CATEGORIES,
    CONTRIBUTE_CATEGORIES,
    RIGHTS,
    ROLES,
    build_about_me,
    build_consent_receipt,
    build_court_limit,
    build_grant,
    build_learner_link,
    check_family,
    read_about_me,
    read_consent_receipt,
    read_court_limit,
    read_grant,
    read_learner_link,
)
from tests.credkit.jsonld.oracle import normalize
from tests.credkit.profiles.families import (
    END,
    LEARNER,
    MOTHER,
    START,
    STATUS,
    TUTOR,
    about,
    documents,
    guardian,
    limit,
    link,
    receipt,
    tutor,
)

READERS = {"guardian": read_grant, "tutor": read_grant, "limit": read_court_limit, "about": read_about_me,
           "receipt": read_consent_receipt, "link": read_learner_link}
KINDS = sorted(READERS)
JUNK: tuple[Any, ...] = (None, True, 7, -1.5, "", "x", [], [[]], [None], {}, {"@value": 7}, {"id": 7}, [{}, {}],
                         {"@value": "x", "@language": 3})


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor(contexts.load)


def test_the_kernel_and_the_pinned_contexts_mean_the_same_vocabulary() -> None:
    assert family.FAMILY_CONTEXT == contexts.FAMILY_V1
    assert contexts.FAMILY_V1.encode() in contexts.read(contexts.FAMILY_V1)


def test_the_words_are_those_of_the_contract() -> None:
    assert CONTRIBUTE_CATEGORIES == (
        "services", "supplemental-achievement", "work-habits", "extracurricular", "work-and-service")
    assert set(CONTRIBUTE_CATEGORIES) < set(CATEGORIES)
    assert len(set(RIGHTS)) == len(RIGHTS) == len(CATEGORIES) + len(CONTRIBUTE_CATEGORIES) + 6
    assert len(set(ROLES)) == len(ROLES) == 8


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_known_to_its_profile_and_to_no_other(kind: str) -> None:
    document = documents()[kind]

    assert [check for is_mine, check in PROFILES if is_mine(document)] == [check_family]
    assert check_family(document, derived=False) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_the_walker_reads_our_vocabulary_as_pyld_does(kind: str, processor: Processor) -> None:
    document = documents()[kind]

    assert canonicalize(processor.walk(document).quads).text() == normalize(document)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_fixes_every_single_value(kind: str, processor: Processor) -> None:
    untouched = documents()[kind]
    before = set(canonicalize(processor.walk(untouched).quads).lines)
    for path in leaves(untouched):
        document = copy.deepcopy(untouched)
        put(document, path, "2020-01-01T00:00:00Z" if path[-1] in ("validFrom", "validUntil") else "urn:x:other")
        try:
            assert set(canonicalize(processor.walk(document).quads).lines) != before, path
        except CredkitError as error:
            assert path[0] == "@context" or path[-2:-1] == ("type",) or path[-1] in ("type", "@language"), error


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_that_the_vocabulary_lacks_is_refused(kind: str, processor: Processor) -> None:
    document = documents()[kind]
    document["credentialSubject"]["mayGrant"] = True

    with pytest.raises(DataLossError):
        processor.walk(document)


def test_what_is_written_is_read_back() -> None:
    made = documents()

    assert read_grant(made["guardian"]) == guardian()
    assert read_grant(made["tutor"]) == tutor()
    assert read_court_limit(made["limit"]) == limit()
    assert read_about_me(made["about"]) == about()
    assert read_consent_receipt(made["receipt"]) == receipt()
    assert read_learner_link(made["link"]) == link()


@pytest.mark.parametrize("role", ROLES)
def test_every_role_can_be_granted_and_only_a_guardians_is_a_guardianship(role: str) -> None:
    rights = frozenset({"full"}) if role == "full-access" else frozenset({"read:transcript"})
    basis = "court-order" if role in ("guardian", "caseworker", "court-guide") else "family-consent"
    grant = tutor(role=role, rights=rights, basis=basis)
    document = build_grant(grant, issuer=MOTHER, status_entry=None)

    assert read_grant(document) == grant
    assert ("GuardianshipCredential" in document["type"]) == (role == "guardian")


@pytest.mark.parametrize("right", ["people", "recovery"])
@pytest.mark.parametrize("role", [role for role in ROLES if role != "guardian"])
def test_a_delegate_never_gets_a_right_that_lets_others_in(role: str, right: str) -> None:
    basis = "court-order" if role in ("caseworker", "court-guide") else "family-consent"
    with pytest.raises(MalformedValueError) as caught:
        build_grant(tutor(role=role, basis=basis, rights=frozenset({"read:iep", right})), issuer=MOTHER,
                    status_entry=None)
    assert caught.value.pointer == "/credentialSubject/right"


@pytest.mark.parametrize(("change", "pointer"), [
    ({"valid_until": None}, "/validUntil"),
    ({"rights": frozenset({"full"})}, "/credentialSubject/right"),
    ({"rights": frozenset()}, "/credentialSubject/right"),
    ({"rights": frozenset({"read:everything"})}, "/credentialSubject/right"),
    ({"rights": frozenset({"contribute:transcript"})}, "/credentialSubject/right"),
    ({"role": "guardian"}, "/credentialSubject/basis"),
    ({"role": "caseworker"}, "/credentialSubject/basis"),
    ({"role": "court-guide"}, "/credentialSubject/basis"),
    ({"role": "friend"}, "/credentialSubject/role"),
    ({"basis": "because"}, "/credentialSubject/basis"),
    ({"basis": ""}, "/credentialSubject/basis"),
    ({"evidence": ""}, "/credentialSubject/paper"),
    ({"holder": "https://tutor.example"}, "/credentialSubject/id"),
    ({"holder": "tutor"}, "/credentialSubject/id"),
    ({"learner": "Jessie"}, "/credentialSubject/learner"),
    ({"id": "grant-1"}, "/id"),
])
def test_a_grant_that_breaks_a_rule_is_never_written(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(MalformedValueError) as caught:
        build_grant(tutor(**change), issuer=MOTHER, status_entry=STATUS)
    assert caught.value.pointer == pointer


def test_a_grant_that_ends_before_it_begins_is_never_written() -> None:
    with pytest.raises(RangeValueError):
        build_grant(tutor(valid_until=START - timedelta(days=1)), issuer=MOTHER, status_entry=None)


@pytest.mark.parametrize("issuer", ["", "mother", "Maria Nunez"])
def test_who_grants_must_be_named(issuer: str) -> None:
    with pytest.raises(MalformedValueError):
        build_grant(tutor(), issuer=issuer, status_entry=None)


def test_a_right_that_we_do_not_know_gives_nothing_and_is_remarked() -> None:
    document = documents()["tutor"]
    document["credentialSubject"]["right"].append("read:dreams")

    assert read_grant(document) == tutor()
    assert [remark.pointer for remark in check_family(document, derived=False)] == ["/credentialSubject/right"]


def test_a_word_that_we_do_not_know_in_a_court_limit_blocks_everything() -> None:
    document = documents()["limit"]
    document["credentialSubject"]["blocked"].append("see")

    assert all(read_court_limit(document).blocks(right, START) for right in RIGHTS)
    assert [remark.pointer for remark in check_family(document, derived=False)] == ["/credentialSubject/blocked"]


@pytest.mark.parametrize("blocked", [frozenset(), frozenset({"full"}), frozenset({"all", "fly"})])
def test_a_court_limit_is_written_in_known_words_only(blocked: frozenset[str]) -> None:
    with pytest.raises(MalformedValueError):
        build_court_limit(limit(blocked=blocked), issuer=MOTHER, status_entry=None)


def test_a_court_limit_blocks_what_it_names_while_it_holds() -> None:
    ending = limit(valid_until=END)

    assert ending.blocks("share", START)
    assert not ending.blocks("comment", START)
    assert not ending.blocks("share", START - timedelta(seconds=1))
    assert not ending.blocks("share", END + timedelta(seconds=1))
    assert limit(blocked=frozenset({"all"})).blocks("people", END)


@pytest.mark.parametrize("right", RIGHTS)
def test_a_grant_allows_its_rights_from_its_first_to_its_last_second(right: str) -> None:
    grant = guardian(rights=frozenset({right}), valid_until=END)

    assert grant.allows(right, START)
    assert grant.allows(right, END)
    assert not grant.allows(right, START - timedelta(seconds=1))
    assert not grant.allows(right, END + timedelta(seconds=1))
    assert not guardian(rights=frozenset(RIGHTS) - {right, "full"}).allows(right, START)


def test_full_access_is_everything_but_letting_others_in_and_recovery() -> None:
    grant = guardian(rights=frozenset({"full"}))

    assert {right for right in RIGHTS if not grant.allows(right, START)} == {"people", "recovery"}
    assert not grant.allows("read:dreams", START)
    assert not grant.allows("", START)


def test_the_spellings_one_signature_covers_are_read_as_one(processor: Processor) -> None:
    plain = documents()["tutor"]
    spelt = copy.deepcopy(plain)
    subject = spelt["credentialSubject"]
    subject |= {"role": ["tutor"], "learner": {"id": LEARNER}, "basis": {"@value": "family-consent"}, "type": "Grant",
                "right": [*subject["right"], subject["right"][0]], "paper": []}
    spelt["issuer"], spelt["credentialSubject"] = MOTHER, [subject]

    assert processor.walk(spelt).quads and canonicalize(processor.walk(spelt).quads) == canonicalize(
        processor.walk(plain).quads)
    assert read_grant(spelt) == read_grant(plain)


@pytest.mark.parametrize("change", [
    lambda document: document["type"].append("ClrCredential"),
    lambda document: document["type"].append("DelegationCredential" if "Guardianship" in document["type"][1]
                                             else "GuardianshipCredential"),
    lambda document: document.update(credentialSubject=[document["credentialSubject"]] * 2),
    lambda document: document["credentialSubject"].update(type=["Grant", "AboutMe"]),
    lambda document: document.pop("id"), lambda document: document.pop("validFrom"),
    lambda document: document.pop("credentialSubject"), lambda document: document.pop("issuer"),
])
@pytest.mark.parametrize("kind", KINDS)
def test_an_envelope_that_is_not_just_one_family_credential_is_refused(
    kind: str, change: Callable[[JSONObject], Any]
) -> None:
    document = documents()[kind]
    change(document)

    with pytest.raises(CredkitError):
        check_family(document, derived=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_family_credential_is_never_shown_in_part(kind: str) -> None:
    with pytest.raises(MalformedValueError):
        check_family(documents()[kind], derived=True)


@pytest.mark.parametrize("change", [
    {"statements": ()}, {"statements": (("strength", "", "en"),)}, {"statements": (("gift", "Sings.", "en"),)},
    {"learner": "Jessie"}, {"issuer": "mother"},
])
def test_nothing_empty_or_unknown_is_said_about_a_child(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedValueError):
        build_about_me(about(**change))


@pytest.mark.parametrize("change", [
    {"records": ()}, {"records": (("", "uEiA"),)}, {"purpose": ""}, {"recipient": "college"}, {"recipient_name": ""},
    {"actor": "mother"}, {"language": ""}, {"text_version": ""}, {"learner": ""},
])
def test_a_receipt_names_records_purpose_and_party(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedValueError):
        build_consent_receipt(receipt(**change))


def test_a_receipt_signed_by_somebody_else_than_who_agreed_is_refused() -> None:
    document = documents()["receipt"]
    document["issuer"] = {"id": TUTOR}

    with pytest.raises(MalformedValueError) as caught:
        read_consent_receipt(document)
    assert caught.value.pointer == "/credentialSubject/actor"


def test_a_receipt_for_two_recipients_is_refused() -> None:
    document = documents()["receipt"]
    document["credentialSubject"]["recipient"] = [document["credentialSubject"]["recipient"]] * 2

    with pytest.raises(MalformedValueError):
        read_consent_receipt(document)


@pytest.mark.parametrize("change", [{"new": LEARNER}, {"old": "Jessie"}, {"new": "Jessie"}])
def test_a_link_joins_two_different_names(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedValueError):
        build_learner_link(link(**change), issuer=MOTHER)


@pytest.mark.parametrize("kind", KINDS)
def test_any_value_at_any_place_is_read_or_refused_with_a_typed_error(kind: str) -> None:
    untouched = documents()[kind]
    for path in leaves(untouched, inner=True):
        for junk in JUNK:
            document = copy.deepcopy(untouched)
            put(document, path, junk)
            for read in (READERS[kind], lambda value: check_family(value, derived=False)):
                try:
                    read(document)
                except CredkitError as error:
                    assert str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_no_required_member_can_be_left_out(kind: str) -> None:
    untouched = documents()[kind]
    optional = {("@context", 1), ("credentialStatus",), ("credentialSubject", "paper"), ("validUntil",),
                *(("credentialSubject", name, index) for name in ("right", "blocked", "statement", "record")
                  for index in range(3))}
    optional |= {path for path in leaves(untouched, inner=True) if path[0] == "credentialStatus"}
    if kind == "tutor":
        optional.remove(("validUntil",))
    for path in leaves(untouched, inner=True):
        document = copy.deepcopy(untouched)
        remove(document, path)
        if path not in optional and path != ("credentialStatus", "type"):
            with pytest.raises(CredkitError):
                READERS[kind](document)


@pytest.mark.parametrize("value", [None, True, 7, "", "x", [], [[]], {}, {"type": 7}, {"type": [7, None]},
                                   {"type": "AboutMeCredential"}, {"type": ["LearnerLinkCredential"]}])
def test_what_is_no_family_credential_at_all_is_refused(value: Any) -> None:
    assert family.is_mine(value) == (isinstance(value, dict) and "Credential" in str(value.get("type")))
    with pytest.raises(MalformedValueError):
        check_family(value, derived=False)
    for read in READERS.values():
        with pytest.raises(MalformedValueError):
            read(value)


def leaves(value: Any, path: tuple[str | int, ...] = (), *, inner: bool = False) -> Iterator[tuple[str | int, ...]]:
    """The path of every value that is no container; with ``inner`` of containers too."""
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    if path and (inner or not children):
        yield path
    for key, item in children:
        yield from leaves(item, (*path, key), inner=inner)


def put(document: Any, path: tuple[str | int, ...], value: Any) -> None:
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


def remove(document: Any, path: tuple[str | int, ...]) -> None:
    for key in path[:-1]:
        document = document[key]
    del document[path[-1]]
