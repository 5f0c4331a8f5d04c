"""DCQL over the claims of an SD-JWT VC: kinds, claims paths where JSON means what it says, what was sent."""

from __future__ import annotations

from typing import Any

import pytest

from credkit.errors import ProtocolError, QueryNotSatisfied
from credkit.ports import JSONObject
from credkit.protocols import dcql

CLAIMS: JSONObject = {
    "vct": "https://school.example/vct/course", "cnf": {"jwk": {}}, "title": "Algebra I", "passed": True,
    "address": {"city": "Moab", "street": "Main"}, "degrees": [{"type": "BSc", "year": 2026}, {"type": "MA"}],
    "languages": ["en", "es"], "one": ["only"], "proof": "mine", "@type": "kept",
}


def no_types(credential: JSONObject) -> frozenset[str]:
    raise AssertionError("an SD-JWT has no types to expand")


def query_of(*paths: list[Any], **changes: Any) -> dcql.CredentialQuery:
    claims = {"claims": [{"path": path} for path in paths]} if paths else {}
    entry = {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": [CLAIMS["vct"], "other"]}, **claims, **changes}
    return dcql.parse_query({"credentials": [entry]}).credentials[0]


def match(query: dcql.CredentialQuery, claims: JSONObject = CLAIMS) -> dcql.Match | None:
    return dcql.match(query, claims, no_types, credential_format="dc+sd-jwt")


@pytest.mark.spec("OID4VP-1.0", "#claims_path_pointer")
@pytest.mark.parametrize(("path", "pointers"), [
    (["title"], ["/title"]),
    (["address"], ["/address"]),
    (["address", "city"], ["/address/city"]),
    (["degrees", None, "type"], ["/degrees/0/type", "/degrees/1/type"]),
    (["degrees", None, "year"], ["/degrees/0/year"]),
    (["languages", 1], ["/languages/1"]),
    (["one", 0], ["/one/0"]),
    (["proof"], ["/proof"]),
    (["@type"], ["/@type"]),
    (["title", 0], None),
    (["title", None], None),
    (["title", "city"], None),
    (["degrees", "type"], None),
    (["one", "x"], None),
    (["languages", 2], None),
    (["address", 0], None),
    (["nothing"], None),
])
def test_a_path_selects_what_stands_there_and_no_bare_value_is_an_array(path: list[Any],
                                                                        pointers: list[str] | None) -> None:
    found = match(query_of(path))
    assert (None if found is None else list(found.pointers)) == pointers


@pytest.mark.parametrize(("values", "fits"), [(["Algebra I"], True), (["Algebra II", "Algebra I"], True),
                                              (["algebra i"], False), ([True], False)])
def test_a_value_must_be_one_of_those_asked_for(values: list[Any], fits: bool) -> None:
    query = query_of(claims=[{"path": ["title"], "values": values}])
    assert (match(query) is not None) is fits


def test_kind_format_and_holder_decide_too() -> None:
    assert match(query_of(["title"])) is not None
    assert match(query_of(["title"], meta={})) is not None
    assert match(query_of(["title"], meta={"vct_values": ["other"]})) is None
    assert dcql.match(query_of(["title"]), CLAIMS, no_types) is None
    assert match(query_of(["title"], format="ldp_vc", meta={})) is None
    assert match(query_of(["title"], format="mso_mdoc", meta={})) is None
    unbound = {name: value for name, value in CLAIMS.items() if name != "cnf"}
    assert match(query_of(["title"]), unbound) is None
    assert match(query_of(["title"], require_cryptographic_holder_binding=False), unbound) is not None


def test_without_claims_nothing_is_to_be_disclosed() -> None:
    assert match(query_of()) == dcql.Match((), ())


@pytest.mark.parametrize("values", ["text", [], [1], None])
def test_kinds_that_are_no_texts_are_refused(values: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        query_of(meta={"vct_values": values})
    assert caught.value.error == "invalid_request"


def test_what_was_sent_is_looked_at_again() -> None:
    query = query_of(["title"], ["degrees", 1, "type"])
    dcql.check_presented(query, {"vct": CLAIMS["vct"], "title": "x", "degrees": [{"type": "MA"}]}, no_types)
    for sent in ({"vct": CLAIMS["vct"], "title": "x"}, {"vct": "third", "title": "x", "degrees": [{"type": "MA"}]},
                 {"title": "x", "degrees": [{"type": "MA"}]}, "text"):
        with pytest.raises(QueryNotSatisfied):
            dcql.check_presented(query, sent, no_types)  # type: ignore[arg-type]
