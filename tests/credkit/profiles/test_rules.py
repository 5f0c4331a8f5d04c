"""Every rule of Open Badges 3.0 and CLR 2.0, one case that keeps it and one that breaks it, with the official JSON
Schemas as oracle: what breaks a rule is never written; reading refuses it or says so.

Where the schema and we differ, the case says why; see also ``differs``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from credkit.credential import check_credential
from credkit.errors import MalformedValueError, RangeValueError
from credkit.profiles import clr_2, endorsement, openbadges_3
from tests.credkit.profiles import full_records
from tests.credkit.profiles.test_family import JUNK, leaves, put, remove
from tests.support.amount import FULL
from tests.support.shared import official_schema

REFUSED = "refused"
KINDS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any], str]] = {
    "badge": (full_records.badge, lambda document: openbadges_3.check_open_badge(document, derived=False),
              "open-badges/v3_0/ob_v3p0_achievementcredential_schema.json"),
    "endorsement": (full_records.endorsement, lambda document: endorsement.check_endorsement(document, derived=False),
                    "open-badges/v3_0/ob_v3p0_endorsementcredential_schema.json"),
    "transcript": (full_records.transcript, lambda document: clr_2.check_clr(document),
                   "clr/v2_0/clr_v2p0_clrcredential_schema.json"),
}
ABSENT = object()
NO_CROSS_REFERENCES = "a JSON Schema does not follow references within a document"
NO_FORMATS = "JSON Schema takes formats for annotations"
MEMBERS_OF_THE_DATA_MODEL = ("proof", "termsOfUse", "credentialStatus", "credentialSchema", "refreshService")


@dataclass(frozen=True)
class Rule:
    """``path`` in a full record of ``kind`` may be ``good`` and not ``bad`` (``ABSENT``: taken away).

    Attributes:
        outcome: Code of the remark on reading, or ``REFUSED``.
        schema_differs: Why the official schema lets ``bad`` pass, or "".
    """

    kind: str
    path: str
    good: Any
    bad: Any
    outcome: str
    schema_differs: str = ""


S = "credentialSubject"
A = f"{S}/achievement"
R = f"{A}/resultDescription"
OB, EN, CL = "badge", "endorsement", "transcript"
V2, OBC, CLC = openbadges_3.CREDENTIALS_V2, openbadges_3.OPEN_BADGES_V3, clr_2.CLR_V2
RULES = [
    # the envelope
    Rule(OB, "@context", [V2, OBC], [V2], "context_order"),
    Rule(OB, "@context", [V2, OBC, "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"],
         [V2, "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json", OBC], "context_order"),
    Rule(OB, "type", ["VerifiableCredential", "AchievementCredential"], ["VerifiableCredential"], REFUSED),
    Rule(OB, "type", ["VerifiableCredential", "OpenBadgeCredential"], ["VerifiableCredential", "Badge"], REFUSED),
    Rule(OB, "id", "https://school.example/c/1", ABSENT, "member_missing"),
    Rule(OB, "name", ABSENT, 7, REFUSED),
    Rule(OB, "issuer", "https://school.example", ABSENT, REFUSED),
    Rule(OB, "issuer", "did:key:z6Mk", ["x"], REFUSED),
    Rule(OB, "validFrom", "2026-06-15T00:00:00+02:00", ABSENT, "member_missing"),
    Rule(OB, "validFrom", "2026-06-15T00:00:00.5Z", "2026-06-15", REFUSED, NO_FORMATS),
    Rule(OB, "awardedDate", ABSENT, "June", "form_unknown", NO_FORMATS),
    Rule(OB, "awardedDate", "2020-02-29T10:00:00Z", 2020, REFUSED),
    Rule(OB, "credentialStatus", ABSENT, [{"type": "A"}, {"type": "B"}], "several_values"),
    Rule(OB, "refreshService/id", "https://school.example/2", ABSENT, "member_missing"),
    Rule(OB, "endorsementJwt", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", ["not a token"], "form_unknown"),
    Rule(OB, "endorsement", [], ["https://school.example/e"], "address_only"),
    Rule(OB, "endorsement", ABSENT, [7], REFUSED),
    # AchievementSubject
    Rule(OB, f"{S}/type", "AchievementSubject", ["Subject"], REFUSED),
    Rule(OB, f"{S}/achievement", full_records.achievement(), ABSENT, REFUSED),
    Rule(OB, S, {"type": ["AchievementSubject"], "id": "did:key:z6Mk", "achievement": full_records.achievement()},
         {"type": ["AchievementSubject"], "achievement": full_records.achievement()}, "one_of_missing",
         "the rule stands in the text of the standard only"),
    Rule(OB, S, {"type": ["AchievementSubject"], "achievement": full_records.achievement(), "identifier": {
        "type": "IdentityObject", "hashed": False, "identityHash": "7", "identityType": "sourcedId"}},
         {"type": ["AchievementSubject"], "achievement": full_records.achievement(), "identifier": []},
         "one_of_missing", "the rule stands in the text of the standard only"),
    Rule(OB, f"{S}/activityStartDate", "2026-01-01T00:00:00Z", "2026-01-01", "form_unknown", NO_FORMATS),
    Rule(OB, f"{S}/creditsEarned", 0.5, "0.5", REFUSED),
    Rule(OB, f"{S}/source", full_records.profile(), "https://school.example", "address_only"),
    Rule(OB, f"{S}/image", full_records.image(), "https://school.example/x.png", "address_only"),
    # Achievement
    Rule(OB, f"{A}/id", "https://a.example", ABSENT, "member_missing"),
    Rule(OB, f"{A}/type", ["Achievement", "Other"], ["Other"], REFUSED),
    Rule(OB, f"{A}/criteria", {"id": "https://a.example/c"}, ABSENT, "member_missing"),
    Rule(OB, f"{A}/criteria", {"narrative": "Do it"}, {}, "one_of_missing",
         "the rule stands in the text of the standard only"),
    Rule(OB, f"{A}/description", "x", ABSENT, "member_missing"),
    Rule(OB, f"{A}/name", "x", ABSENT, REFUSED),
    Rule(OB, f"{A}/name", "x", {"es": "x"}, REFUSED, "a language map loses its languages under the pinned contexts"),
    Rule(OB, f"{A}/achievementType", "SecondarySchoolDiploma", "Diplom", "value_unknown"),
    Rule(OB, f"{A}/achievementType", "ext:Service_1.2", "extension", "value_unknown"),
    Rule(OB, f"{A}/inLanguage", "es", "español", "form_unknown"),
    Rule(OB, f"{A}/creator", full_records.profile(), "https://case.example", "address_only"),
    Rule(OB, f"{A}/creditsAvailable", 3, "3", REFUSED),
    Rule(OB, f"{A}/tag", "robot", [7], "number_for_text"),
    Rule(OB, f"{A}/related/0/id", "https://a.example", ABSENT, "member_missing"),
    # Alignment
    Rule(OB, f"{A}/alignment/0/targetName", "x", ABSENT, "member_missing"),
    Rule(OB, f"{A}/alignment/0/targetUrl", "https://a.example", ABSENT, "member_missing"),
    Rule(OB, f"{A}/alignment/0/type", "Alignment", ABSENT, REFUSED),
    *(Rule(OB, f"{A}/alignment/0/targetType", good, bad, "value_unknown") for good, bad in [
        ("CFItem", "CFitem"), ("CFRubric", "Rubric"), ("CFRubricCriterion", "cfrubriccriterion"),
        ("CFRubricCriterionLevel", "Level"), ("ceasn:Competency", "Competency"), ("ceterms:Credential", "Credential"),
        ("CTDL", "ctdl"), ("ext:Other", "Other")]),
    # ResultDescription and RubricCriterionLevel
    *(Rule(OB, f"{R}/1/{name}", "x", ABSENT, "member_missing") for name in ("name",)),
    Rule(OB, f"{R}/1/id", f"{full_records.AT}#p", ABSENT, "member_missing"),
    Rule(OB, f"{R}/1/type", "ResultDescription", ["Result"], REFUSED),
    Rule(OB, f"{R}/1/resultType", "Percent", ABSENT, "member_missing"),
    *(Rule(OB, f"{R}/1/resultType", good, f"{good}x", "value_unknown")
      for good in ("GradePointAverage", "PredictedScore", "RawScore", "ScaledScore", "RubricScore")),
    Rule(OB, f"{R}/1/resultType", "ext:MAP_RIT.2", "MAP", "value_unknown"),
    Rule(OB, f"{R}/1/valueMax", "100", 100, "number_for_text"),
    Rule(OB, f"{R}/0/allowedValue", ["C", "B", "A"], [1, 2], "number_for_text"),
    Rule(OB, f"{R}/0/requiredValue", "A", "E", "value_not_listed", NO_CROSS_REFERENCES),
    Rule(OB, f"{R}/2/requiredLevel", f"{full_records.AT}#master", f"{full_records.AT}#other", "reference_missing",
         NO_CROSS_REFERENCES),
    Rule(OB, f"{R}/2/rubricCriterionLevel/0/name", "x", ABSENT, "member_missing"),
    Rule(OB, f"{R}/2/rubricCriterionLevel/0/points", "3", 3, "number_for_text"),
    # Result
    Rule(OB, f"{S}/result/0/type", "Result", [], REFUSED),
    Rule(OB, f"{S}/result/0/value", "B", 4.0, "number_for_text"),
    Rule(OB, f"{S}/result/0/value", "A", "F", "value_not_listed", NO_CROSS_REFERENCES),
    Rule(OB, f"{S}/result/0/resultDescription", ABSENT, "https://a.example#x", "reference_missing",
         NO_CROSS_REFERENCES),
    Rule(OB, f"{S}/result/1/achievedLevel", f"{full_records.AT}#master", f"{full_records.AT}#none",
         "reference_missing", NO_CROSS_REFERENCES),
    Rule(OB, f"{S}/result/2", {"type": "Result", "resultDescription": f"{full_records.AT}#state", "status": "Failed"},
         {"type": "Result", "resultDescription": f"{full_records.AT}#state", "value": "x"}, "member_missing",
         NO_CROSS_REFERENCES),
    Rule(OB, f"{S}/result/0", {"type": "Result", "value": "x"}, {"type": "Result"}, "one_of_missing",
         "a result that says nothing is no result"),
    *(Rule(OB, f"{S}/result/2/status", status, status.lower(), "value_unknown")
      for status in ("Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew")),
    # IdentityObject and IdentifierEntry
    Rule(OB, f"{S}/identifier/1/type", "IdentityObject", ["IdentityObject"], "type_in_list"),
    Rule(OB, f"{S}/identifier/1/hashed", False, "false", REFUSED),
    *(Rule(OB, f"{S}/identifier/1/{name}", good, ABSENT, REFUSED)
      for name, good in (("hashed", False), ("identityHash", "x"), ("identityType", "name"))),
    *(Rule(OB, f"{S}/identifier/1/identityType", good, good.upper(), "value_unknown")
      for good in ("name", "sourcedId", "oneRosterSourcedId", "ltiUserId", "nationalIdentityNumber", "identifier")),
    Rule(OB, f"{S}/identifier/1/identityType", "ext:state-number", "state-number", "value_unknown"),
    Rule(OB, f"{S}/identifier/1", {"type": "IdentityObject", "hashed": False, "identityHash": "x",
                                   "identityType": "name"},
         {"type": "IdentityObject", "hashed": False, "identityHash": "x", "identityType": "name", "name": "María"},
         "member_unknown"),
    Rule(OB, f"{S}/identifier/0/identityHash", full_records.HASH, "md5$" + "0a" * 16, "weak_hash",
         "the standard allows md5, and we read it with a warning"),
    Rule(OB, f"{S}/identifier/0/identityHash", full_records.HASH, "a@example.org", "form_unknown",
         "the form stands in the text of the standard only"),
    Rule(OB, "issuer/otherIdentifier/0/type", "IdentifierEntry", ["IdentifierEntry"], "type_in_list"),
    Rule(OB, "issuer/otherIdentifier/0/identifierType", "ext:nces", "nces", "value_unknown"),
    Rule(OB, "issuer/otherIdentifier/0/identifier", "x", ABSENT, "member_missing"),
    Rule(OB, "issuer/otherIdentifier/0", full_records.entry(), {**full_records.entry(), "id": "urn:x:y"},
         "member_unknown"),
    # Profile, Image, Evidence, Address
    Rule(OB, "issuer/id", "did:web:school.example", ABSENT, REFUSED),
    Rule(OB, "issuer/type", "Profile", ABSENT, "type_missing"),
    Rule(OB, "issuer/parentOrg", full_records.profile(), "https://district.example", "address_only"),
    Rule(OB, "issuer/dateOfBirth", "1999-12-31", "31.12.1999", "form_unknown", NO_FORMATS),
    Rule(OB, "issuer/address/type", "Address", ABSENT, REFUSED),
    Rule(OB, "issuer/address/geo/latitude", 1, ABSENT, "member_missing"),
    Rule(OB, "issuer/address/geo/longitude", 1, "1", REFUSED),
    Rule(OB, "issuer/address/geo/type", "GeoCoordinates", ["GeoCoordinates"], "type_in_list"),
    Rule(OB, "image/id", "data:image/png;base64,AA==", ABSENT, "member_missing"),
    Rule(OB, "image/type", "Image", ["Image"], "type_in_list"),
    Rule(OB, "image", full_records.image(), {**full_records.image(), "name": "x"}, "member_unknown"),
    Rule(OB, "evidence/0/type", "Evidence", ABSENT, REFUSED),
    # EndorsementCredential
    Rule(EN, "type", ["VerifiableCredential", "EndorsementCredential"], ["VerifiableCredential"], REFUSED),
    Rule(EN, "name", "x", ABSENT, "member_missing"),
    Rule(EN, "id", "urn:uuid:1b6f1c1e-0000-4000-8000-000000000009", ABSENT, "member_missing"),
    Rule(EN, "issuer", "did:key:z6Mk", ABSENT, REFUSED),
    Rule(EN, "validFrom", full_records.WHEN, ABSENT, "member_missing"),
    Rule(EN, f"{S}/id", "https://a.example", ABSENT, REFUSED),
    Rule(EN, f"{S}/type", "EndorsementSubject", "AchievementSubject", REFUSED,
         "the schema takes any single word for type"),
    Rule(EN, f"{S}/endorsementComment", ABSENT, 7, "number_for_text"),
    # ClrCredential, ClrSubject, Association
    Rule(CL, "@context", [V2, CLC, OBC], [V2, OBC, CLC], "context_order"),
    Rule(CL, "type", ["VerifiableCredential", "ClrCredential"], ["VerifiableCredential"], REFUSED),
    Rule(CL, "name", "x", ABSENT, "member_missing"),
    Rule(CL, "id", "https://school.example/t", ABSENT, "member_missing"),
    Rule(CL, "issuer", "https://school.example", ABSENT, REFUSED),
    Rule(CL, "partial", True, "true", REFUSED),
    Rule(CL, f"{S}/verifiableCredential", [full_records.badge()], [], "member_missing"),
    Rule(CL, f"{S}/verifiableCredential", [full_records.badge(), full_records.endorsement()], ["eyJ.e30.c2ln"],
         REFUSED),
    *(Rule(CL, f"{S}/verifiableCredential/0/{name}", good, ABSENT, REFUSED) for name, good in [
        ("@context", [V2, OBC]), ("type", ["VerifiableCredential", "OpenBadgeCredential"]), ("issuer", "did:key:z6Mk"),
        ("validFrom", full_records.WHEN), ("credentialSubject", full_records.badge()["credentialSubject"])]),
    Rule(CL, f"{S}/association/0/type", "Association", ["Association"], "type_in_list"),
    *(Rule(CL, f"{S}/association/0/associationType", good, f"{good}s", "value_unknown") for good in (
        "exactMatchOf", "isChildOf", "isParentOf", "isPartOf", "isPeerOf", "isRelatedTo", "precedes", "replacedBy")),
    Rule(CL, f"{S}/association/0/associationType", "precedes", "ext:cousinOf", "value_unknown"),
    Rule(CL, f"{S}/association/0/sourceId", full_records.AT, ABSENT, REFUSED),
    Rule(CL, f"{S}/association/0/targetId", full_records.AT, "https://a.example", "reference_missing",
         NO_CROSS_REFERENCES),
    Rule(CL, f"{S}/association/0/targetId", f"{full_records.AT}/2", full_records.badge()["id"], "reference_other",
         NO_CROSS_REFERENCES),
]


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return {kind: official_schema(path)
            for kind, (_make, _check, path) in KINDS.items()}


def changed(rule: Rule, value: Any) -> Any:
    document = copy.deepcopy(KINDS[rule.kind][0]())
    *path, last = [int(part) if part.isdigit() else part for part in rule.path.split("/")]
    node = document
    for part in path:
        node = node[part]
    if value is ABSENT:
        node.pop(last, None)
    else:
        node[last] = value
    return document


def told(kind: str, document: Any) -> set[str]:
    """The codes of reading, ``REFUSED`` if it refuses."""
    try:
        check_credential(document)
        return {remark.code for remark in KINDS[kind][1](document)}
    except (MalformedValueError, RangeValueError) as error:
        assert error.pointer is not None
        return {REFUSED}


def ids(rule: Rule) -> str:
    return f"{rule.kind}-{rule.path}-{rule.outcome}"


@pytest.mark.spec("OB-3.0", "#data-models")
@pytest.mark.spec("CLR-2.0", "#data-models")
@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_rule_is_kept_or_told(rule: Rule) -> None:
    assert told(rule.kind, changed(rule, rule.good)) == set()
    assert rule.outcome in told(rule.kind, changed(rule, rule.bad))


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_the_official_schema_says_the_same_of_a_rule(rule: Rule, schemas: Any) -> None:
    assert schemas[rule.kind].is_valid(changed(rule, rule.good))
    assert schemas[rule.kind].is_valid(changed(rule, rule.bad)) == bool(rule.schema_differs)


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_record_has_nothing_to_remark_and_passes_the_schema(kind: str, schemas: Any) -> None:
    schemas[kind].validate(KINDS[kind][0]())
    assert told(kind, KINDS[kind][0]()) == set()


def differs(path: tuple[Any, ...], value: Any, codes: set[str]) -> str:
    """Why the schema and we may differ on ``value`` at ``path`` of a full record; "" if we may not.

    Args:
        codes: What we say of it; nothing: we accept and the schema refuses.
    """
    if "endorsement" in path or "verifiableCredential" in path[:-2]:
        return "a credential inside is judged by itself"
    return _why_stricter(path, value, codes) if codes else _why_lenient(path, value)


def _why_lenient(path: tuple[Any, ...], value: Any) -> str:
    if value is None or value == [None]:
        return "null is refused by the walk over the words, in every member alike"
    if value == []:
        return "an empty array says what an absent member says"
    if path[0] in MEMBERS_OF_THE_DATA_MODEL:
        return "a member of the data model, judged by credkit.credential and whoever reads it"
    return ""


def _why_stricter(path: tuple[Any, ...], value: Any, codes: set[str]) -> str:
    if path[0] in MEMBERS_OF_THE_DATA_MODEL or path[:2] in (("evidence",), ("evidence", 0)) and value in ([], ...):
        return "a member of the data model, judged by credkit.credential: there is one, so it says something"
    if path[0] == "@context":
        return "the schema takes any single context, the data model an array that begins with its own"
    if value == {} or (isinstance(value, dict) and path[-1] in ("criteria", "issuer")):
        return "the schema takes an empty language map for any text, and an object that says nothing"
    if value in ("", "x") and codes <= {"form_unknown", REFUSED}:
        return "the schema takes any text for a URL, a type or a date"
    if codes == {"form_unknown"} and path[-1] in ("hashed", "identityHash"):
        return "what is said to be hashed must look like a hash"
    if codes & {"reference_missing", "value_not_listed"} or path[-3:-1] == ("result", 2):
        return NO_CROSS_REFERENCES
    if codes == {"one_of_missing"} and "result" in path:
        return "a result that says nothing is no result"
    if value == [{}, {}]:
        return "the schema takes an empty language map for any text, and an object that says nothing"
    return ""


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_and_we_agree_on_generated_records_or_the_difference_has_a_reason(kind: str, schemas: Any) -> None:
    make, _check, _schema = KINDS[kind]
    untouched = make()
    changes = [(path, value) for path in leaves(untouched, inner=True) for value in (*JUNK, ...)]
    for path, value in changes[:: 7 if FULL else 61]:  # strides that meet every kind of junk
        document = copy.deepcopy(untouched)
        if value is ...:
            remove(document, path)
        else:
            put(document, path, value)
        codes = told(kind, document)
        if bool(codes) == schemas[kind].is_valid(document):
            assert differs(path, value, codes), (path, value, codes)
    assert len(changes) > 250
