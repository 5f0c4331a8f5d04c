"""The allow list: what it accepts, what it refuses, and that names never stand in for identifiers."""

from __future__ import annotations

from typing import Any

import pytest

from credkit.errors import IssuerNotTrusted, ProblemError
from credkit.trust import SOURCES
from credkit.trust.allow_list import AllowList, TrustedIssuer, build_trusted_issuer, parse_allow_list

SCHOOL = {"did": "did:web:lincoln-high.example", "name": "Lincoln High School"}
TUTOR = {"did": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "name": "Señora García Peña"}


def test_a_list_comes_back_as_it_went_in() -> None:
    assert parse_allow_list({"issuers": [SCHOOL, TUTOR]}).to_json() == {"issuers": [SCHOOL, TUTOR]}


def test_an_empty_list_trusts_nobody() -> None:
    empty = parse_allow_list({"issuers": []})

    assert empty == AllowList()
    with pytest.raises(IssuerNotTrusted):
        empty.check_issuer(SCHOOL["did"])


def test_a_listed_issuer_is_found_under_the_name_we_gave_it() -> None:
    assert parse_allow_list({"issuers": [SCHOOL]}).check_issuer(SCHOOL["did"]) == TrustedIssuer(**SCHOOL)


@pytest.mark.parametrize(
    "did",
    [
        "did:web:LINCOLN-HIGH.example",
        "did:web:lincoln-high.example.",
        "did:web:lincoln-high.example#key",
        "did:web:lincoln-high.example:staff",
        "did:web:lincoln-high",
        " did:web:lincoln-high.example",
        "Lincoln High School",
        "",
    ],
)
def test_an_identifier_that_only_looks_alike_is_not_trusted(did: str) -> None:
    assert parse_allow_list({"issuers": [SCHOOL]}).find(did) is None


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "did:web:x.example",
        {},
        {"issuers": None},
        {"issuers": {}},
        {"issuers": [None]},
        {"issuers": ["did:web:x.example"]},
        {"issuers": [{"did": "did:web:x.example"}]},
        {"issuers": [{"name": "X"}]},
        {"issuers": [{"did": 1, "name": "X"}]},
        {"issuers": [{"did": "did:web:x.example", "name": ["X"]}]},
        {"issuers": [{"did": "x.example", "name": "X"}]},
        {"issuers": [{"did": "did:web:x.example#key", "name": "X"}]},
        {"issuers": [{"did": "javascript:alert(1)", "name": "X"}]},
        {"issuers": [{"did": "did:web:x.example", "name": "  "}]},
        {"issuers": [{"did": "did:web:x.example", "name": "x" * 301}]},
        {"issuers": [{"did": "did:web:x.example", "name": "loo\u202ehcs"}]},
        {"issuers": [{"did": "did:web:x", "name": "\ud800"}]},
        {"issuers": [SCHOOL, SCHOOL]},
    ],
)
def test_a_list_of_another_form_is_refused_in_one_sentence(document: Any) -> None:
    with pytest.raises(ProblemError) as refusal:
        parse_allow_list(document)

    assert refusal.value.detail


def test_an_https_issuer_can_be_listed() -> None:
    assert build_trusted_issuer(" https://1edtech.example/keys ", "1EdTech").did == "https://1edtech.example/keys"


def test_the_allow_list_is_a_registered_source() -> None:
    assert "allow_list" in SOURCES
