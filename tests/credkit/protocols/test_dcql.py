"""DCQL: reading a query, choosing what to answer, checking an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from credkit.errors import DataLossError, ProtocolError, QueryNotSatisfied
from credkit.ports import JSONObject
from credkit.protocols import dcql
from tests.credkit.protocols.support import check_reader

BADGE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
VC = "https://www.w3.org/2018/credentials#VerifiableCredential"
FULL: JSONObject = {
    "credentials": [
        {
            "id": "courses",
            "format": "ldp_vc",
            "multiple": True,
            "meta": {"type_values": [[VC, BADGE], ["https://a.example/Course"]]},
            "claims": [
                {"id": "name", "path": ["credentialSubject", "achievement", "name"], "values": ["Algebra I", 3, True]},
                {"id": "all", "path": ["credentialSubject", "result", None, "value"]},
                {"id": "first", "path": ["credentialSubject", "result", 0, "value"]},
            ],
            "claim_sets": [["name", "first"], ["all"]],
        },
        {
            "id": "id-card_2",
            "format": "dc+sd-jwt",
            "meta": {"vct_values": ["https://a.example/id"]},
            "require_cryptographic_holder_binding": False,
            "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
        },
        {"id": "licence", "format": "mso_mdoc", "meta": {"doctype_value": "org.iso.18013.5.1.mDL"}},
    ],
    "credential_sets": [
        {"options": [["courses"], ["id-card_2", "licence"]]},
        {"options": [["licence"]], "required": False},
    ],
}


def query_of(**changes: Any) -> dcql.CredentialQuery:
    entry = {"id": "a", "format": "ldp_vc", "meta": {}, **changes}
    return dcql.parse_query({"credentials": [entry]}).credentials[0]


def no_types(credential: JSONObject) -> frozenset[str]:
    return frozenset()


def declared(credential: JSONObject) -> frozenset[str]:
    """The types as they stand, which are IRIs in these tests."""
    return frozenset(credential.get("type", []))


# Reading


@pytest.mark.spec("OID4VP-1.0", "#dcql_query")
def test_a_query_is_read_with_its_defaults() -> None:
    query = dcql.parse_query(json.dumps(FULL).encode())

    courses, card, licence = query.credentials
    assert courses.type_values == (frozenset({VC, BADGE}), frozenset({"https://a.example/Course"}))
    assert courses.claims == (
        dcql.ClaimsQuery(("credentialSubject", "achievement", "name"), "name", ("Algebra I", 3, True)),
        dcql.ClaimsQuery(("credentialSubject", "result", None, "value"), "all"),
        dcql.ClaimsQuery(("credentialSubject", "result", 0, "value"), "first"),
    )
    assert courses.claim_sets == (("name", "first"), ("all",))
    assert (courses.multiple, licence.multiple) == (True, False)
    assert (courses.require_cryptographic_holder_binding, card.require_cryptographic_holder_binding) == (True, False)
    assert card.trusted_authorities == (dcql.TrustedAuthority("aki", ("s9tIpPmhxdiuNkHMEWNpYim8S8Y",)),)
    assert query.credential_sets == (
        dcql.CredentialSetQuery((("courses",), ("id-card_2", "licence"))),
        dcql.CredentialSetQuery((("licence",),), required=False),
    )
    assert query.credential_query("licence") is licence and query.credential_query("x") is None


def test_members_that_are_not_known_are_ignored_everywhere() -> None:
    document = json.loads(json.dumps(FULL))
    for place in (
        document,
        document["credentials"][0],
        document["credentials"][0]["claims"][0],
        document["credential_sets"][0],
        document["credentials"][1]["trusted_authorities"][0],
    ):
        place["new"] = {"x": [1]}

    assert dcql.parse_query(document).credential_sets == dcql.parse_query(FULL).credential_sets


def test_empty_meta_means_any_type() -> None:
    assert query_of().type_values == ()
    assert query_of(meta={"new": 1}).type_values == ()


CREDENTIAL: JSONObject = {"id": "a", "format": "ldp_vc", "meta": {}}
CLAIM = {"path": ["x"]}
WRONG_SETS: tuple[Any, ...] = (
    [],
    {},
    None,
    ["a"],
    [{}],
    [{"options": []}],
    [{"options": [[]]}],
    [{"options": ["a"]}],
    [{"options": [["b"]]}],
    [{"options": [["a", 1]]}],
    [{"options": [["a"]], "required": "no"}],
    [{"options": [["a"]], "required": None}],
)


@pytest.mark.spec("OID4VP-1.0", "#credential_query")
@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "a b"},
        {"id": "a.b"},
        {"id": "ä"},
        {"id": "a\n"},
        {"id": 1},
        {"id": None},
        {"format": ""},
        {"format": None},
        {"meta": None},
        {"meta": []},
        {"meta": "x"},
        {"multiple": "true"},
        {"multiple": 1},
        {"multiple": None},
        {"require_cryptographic_holder_binding": 0},
        {"meta": {"type_values": []}},
        {"meta": {"type_values": [[]]}},
        {"meta": {"type_values": ["x"]}},
        {"meta": {"type_values": [["x", 1]]}},
        {"meta": {"type_values": "x"}},
        {"meta": {"type_values": [[""]]}},
        {"meta": {"type_values": None}},
        {"format": "dc+sd-jwt", "meta": {"vct_values": "x"}},
        {"format": "dc+sd-jwt", "meta": {"vct_values": []}},
        {"format": "mso_mdoc", "meta": {"doctype_value": []}},
        {"format": "jwt_vc_json", "meta": {"type_values": []}},
        {"trusted_authorities": []},
        {"trusted_authorities": ["x"]},
        {"trusted_authorities": [{"type": "aki"}]},
        {"trusted_authorities": [{"type": "aki", "values": []}]},
        {"trusted_authorities": [{"type": 1, "values": ["x"]}]},
        {"claims": []},
        {"claims": {}},
        {"claims": ["x"]},
        {"claims": [{}]},
        {"claims": None},
        {"claims": [{"path": []}]},
        {"claims": [{"path": "x"}]},
        {"claims": [{"path": [-1]}]},
        {"claims": [{"path": [1.0]}]},
        {"claims": [{"path": [True]}]},
        {"claims": [{"path": [["x"]]}]},
        {"claims": [{"path": [{}]}]},
        {"claims": [{"path": ["x"] * 65}]},
        {"claims": [CLAIM] * 257},
        {"claims": [{**CLAIM, "id": ""}]},
        {"claims": [{**CLAIM, "id": "a.b"}]},
        {"claims": [{**CLAIM, "id": None}]},
        {"claims": [{**CLAIM, "id": "a"}, {"path": ["y"], "id": "a"}]},
        {"claims": [{**CLAIM, "values": []}]},
        {"claims": [{**CLAIM, "values": "x"}]},
        {"claims": [{**CLAIM, "values": [1.5]}]},
        {"claims": [{**CLAIM, "values": [None]}]},
        {"claims": [{**CLAIM, "values": [["x"]]}]},
        {"claims": [{**CLAIM, "values": None}]},
        {"claim_sets": [["a"]]},
        {"claims": [CLAIM], "claim_sets": [["a"]]},
        {"claims": [{**CLAIM, "id": "a"}], "claim_sets": []},
        {"claims": [{**CLAIM, "id": "a"}], "claim_sets": [[]]},
        {"claims": [{**CLAIM, "id": "a"}], "claim_sets": [["b"]]},
        {"claims": [{**CLAIM, "id": "a"}], "claim_sets": ["a"]},
        {"claims": [{**CLAIM, "id": "a"}, {"path": ["y"]}], "claim_sets": [["a"]]},
        {"claims": [{**CLAIM, "id": "a"}], "claim_sets": None},
        {"claims": [{**CLAIM, "id": "a"}], "claim_sets": [[1]]},
    ],
)
def test_a_malformed_credential_query_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as caught:
        dcql.parse_query({"credentials": [{**CREDENTIAL, **changes}]})

    assert (caught.value.error, caught.value.http_status) == ("invalid_request", 400)


@pytest.mark.parametrize("name", ["id", "format", "meta"])
def test_a_credential_query_that_lacks_something_is_refused(name: str) -> None:
    with pytest.raises(ProtocolError):
        dcql.parse_query({"credentials": [{key: value for key, value in CREDENTIAL.items() if key != name}]})


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"credentials": []},
        {"credentials": {}},
        {"credentials": None},
        {"credentials": ["x"]},
        {"credentials": [CREDENTIAL, CREDENTIAL]},
        {"credentials": [{**CREDENTIAL, "id": str(number)} for number in range(65)]},
        *[{"credentials": [CREDENTIAL], "credential_sets": wrong} for wrong in WRONG_SETS],
    ],
)
def test_a_malformed_query_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as caught:
        dcql.parse_query(document)

    assert caught.value.error == "invalid_request"


def test_spoiled_queries_are_refused_in_a_typed_way() -> None:
    assert check_reader(dcql.parse_query, FULL) > 500


# Choosing what to answer

CHOICES: dict[str, Any] = {
    "credentials": [{**CREDENTIAL, "id": name} for name in ("pid", "other", "half_1", "half_2", "nice")],
    "credential_sets": [
        {"options": [["pid"], ["other"], ["half_1", "half_2"]]},
        {"options": [["nice"], ["other"]], "required": False},
    ],
}


@pytest.mark.spec("OID4VP-1.0", "#dcql_query_lang_processing_rules")
@pytest.mark.parametrize(
    ("available", "selection"),
    [
        ({"pid", "other", "nice"}, dcql.Selection(("pid",), ("nice",))),
        ({"pid", "other"}, dcql.Selection(("pid",), ("other",))),
        ({"other", "nice"}, dcql.Selection(("other",), ("nice",))),
        ({"other"}, dcql.Selection(("other",), ())),
        ({"half_1", "half_2"}, dcql.Selection(("half_1", "half_2"), ())),
        ({"half_1", "nice"}, None),
        ({"nice"}, None),
        (set(), None),
    ],
)
def test_of_each_set_the_first_option_that_can_be_met_is_taken(
    available: set[str], selection: dcql.Selection | None
) -> None:
    assert dcql.choose(dcql.parse_query(CHOICES), available) == selection


def test_without_sets_everything_is_asked_for() -> None:
    query = dcql.parse_query({"credentials": CHOICES["credentials"][:2]})

    assert dcql.choose(query, ["other", "pid", "more"]) == dcql.Selection(("pid", "other"))
    assert dcql.choose(query, ["pid"]) is None


def test_an_optional_set_alone_may_be_left_out() -> None:
    query = dcql.parse_query(
        {"credentials": [CREDENTIAL], "credential_sets": [{"options": [["a"]], "required": False}]}
    )

    assert dcql.choose(query, []) == dcql.Selection((), ())


# Checking an answer

WHOLE: JSONObject = {"type": [VC, BADGE], "credentialSubject": {"id": "did:key:z1", "result": [{"value": "A"}]}}


def sets(required: bool = True) -> dcql.Query:
    return dcql.parse_query(
        {
            "credentials": [{**CREDENTIAL, "id": "a"}, {**CREDENTIAL, "id": "b", "multiple": True}],
            "credential_sets": [{"options": [["a"], ["b"]], "required": required}],
        }
    )


def test_an_answer_that_is_what_was_asked_passes() -> None:
    dcql.check_response(sets(), {"a": [WHOLE]}, no_types)
    dcql.check_response(sets(), {"b": [WHOLE, WHOLE]}, no_types)
    dcql.check_response(sets(), {"a": [WHOLE], "b": [WHOLE]}, no_types)
    dcql.check_response(sets(required=False), {}, no_types)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "missing"),
        ({"c": [WHOLE]}, "not asked for"),
        ({"a": [WHOLE], "c": [WHOLE]}, "not asked for"),
        ({"a": []}, "number"),
        ({"a": [WHOLE, WHOLE]}, "number"),
        ({"b": []}, "number"),
        ({"a": ["text"]}, "another kind"),
        ({"a": [None]}, "another kind"),
    ],
)
def test_an_answer_that_is_not_what_was_asked_is_refused(answer: dict[str, Any], reason: str) -> None:
    with pytest.raises(QueryNotSatisfied, match=reason):
        dcql.check_response(sets(), answer, no_types)


def test_without_sets_one_missing_credential_is_refused() -> None:
    query = dcql.parse_query({"credentials": [{**CREDENTIAL, "id": "a"}, {**CREDENTIAL, "id": "b"}]})

    dcql.check_response(query, {"a": [WHOLE], "b": [WHOLE]}, no_types)
    with pytest.raises(QueryNotSatisfied):
        dcql.check_response(query, {"a": [WHOLE]}, no_types)


def test_one_bad_credential_among_many_is_caught() -> None:
    query = dcql.parse_query(
        {"credentials": [{**CREDENTIAL, "multiple": True, "claims": [{"path": ["credentialSubject", "result"]}]}]}
    )
    bare = {"credentialSubject": {"id": "did:key:z1"}}

    dcql.check_response(query, {"a": [WHOLE, WHOLE]}, no_types)
    with pytest.raises(QueryNotSatisfied):
        dcql.check_response(query, {"a": [WHOLE, bare]}, no_types)


def test_a_query_for_another_format_is_never_satisfied_here() -> None:
    query = query_of(format="dc+sd-jwt")

    assert dcql.match(query, WHOLE, no_types) is None
    with pytest.raises(QueryNotSatisfied):
        dcql.check_presented(query, WHOLE, no_types)


# Types


@pytest.mark.spec("OID4VP-1.0", "#w3c_meta_parameter")
@pytest.mark.parametrize(
    ("type_values", "matches"),
    [
        ([[BADGE]], True),
        ([[VC, BADGE]], True),
        ([[VC]], True),
        ([["https://x.example/Y"], [BADGE]], True),
        ([[VC, "https://x.example/Y"]], False),
        ([["OpenBadgeCredential"]], False),
        ([[BADGE + "s"]], False),
    ],
)
def test_all_types_of_one_alternative_must_be_there(type_values: list[list[str]], matches: bool) -> None:
    query = query_of(meta={"type_values": type_values})

    assert (dcql.match(query, WHOLE, declared) is not None) is matches
    if matches:
        dcql.check_presented(query, WHOLE, declared)
    else:
        with pytest.raises(QueryNotSatisfied):
            dcql.check_presented(query, WHOLE, declared)


def test_a_credential_whose_types_cannot_be_told_is_no_match() -> None:
    def cannot_tell(credential: JSONObject) -> frozenset[str]:
        raise DataLossError("no")

    query = query_of(meta={"type_values": [[BADGE]]})

    assert dcql.match(query, WHOLE, cannot_tell) is None
    with pytest.raises(QueryNotSatisfied):
        dcql.check_presented(query, WHOLE, cannot_tell)


# Holder binding and authorities


@pytest.mark.parametrize(
    ("subject", "bound"),
    [
        ({"id": "did:key:z1"}, True),
        ({}, False),
        (None, False),
        ([], False),
        ([{"id": "did:key:z1"}, {}], False),
        ([{"id": "did:key:z1"}], True),
        ("did:key:z1", True),
        ({"id": 7}, False),
    ],
)
def test_a_credential_without_a_holder_is_no_match_where_binding_is_required(subject: Any, bound: bool) -> None:
    credential = {"credentialSubject": subject}

    assert (dcql.match(query_of(), credential, no_types) is not None) is bound
    assert dcql.match(query_of(require_cryptographic_holder_binding=False), credential, no_types) is not None


def test_authorities_of_a_kind_we_do_not_know_match_nothing() -> None:
    assert dcql.match(query_of(trusted_authorities=[{"type": "aki", "values": ["x"]}]), WHOLE, no_types) is None
