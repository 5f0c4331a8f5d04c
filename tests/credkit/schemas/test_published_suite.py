"""The JSON Schema Test Suite: what it says of an instance, our engine says too (security.md C09)."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from credkit.errors import UnsupportedError
from credkit.schemas import DRAFTS, _draft_of, _engine, _is_of_one_draft
from tests.support.shared import ROOT, read_json

VERSIONS = tuple(dict.fromkeys(DRAFTS.values()))
# What could not be checked: a schema of one version that refers to one of another.
OF_TWO_VERSIONS = "optional/cross-draft"
# The suite takes `format` for a remark; for a credential it is a rule (VC-JSON-SCHEMA #validation).
FORMATS = "format"


@cache
def suite(draft: str) -> dict[str, Any]:
    """``tests``: file → [[schema, [[instance, valid]]]]; ``remotes``: URL → schema."""
    found: dict[str, Any] = read_json(ROOT / "tests" / "vectors" / "json-schema" / f"{draft}.json")
    return found


def outcome_of(draft: str, schema: Any, instance: Any) -> str:
    """As ``check_against`` decides it, in this process; ``version`` where the schema is of a version we do not know."""
    try:
        if isinstance(schema, dict) and "$schema" in schema and _draft_of(schema["$schema"]) != draft:
            return "version"
    except UnsupportedError:
        return "version"
    if not _is_of_one_draft(schema, draft):
        return "version"
    question = {"draft": draft, "schema": schema, "others": suite(draft)["remotes"], "document": instance}
    return str(_engine._answer(question)["outcome"])


@pytest.mark.parametrize(("draft", "name"), [(draft, name) for draft in VERSIONS for name in suite(draft)["tests"]])
def test_what_the_suite_says_of_an_instance_we_say(draft: str, name: str) -> None:
    for schema, instances in suite(draft)["tests"][name]:
        for instance, valid in instances:
            outcome = outcome_of(draft, schema, instance)
            where = (schema, instance, outcome)
            if outcome in ("valid", "invalid"):
                assert outcome == ("valid" if valid else "invalid") or (name == FORMATS and outcome == "invalid"), where
            else:
                assert outcome == "version" or (outcome == "reference" and name == OF_TWO_VERSIONS), where


@pytest.mark.parametrize(("draft", "count"), [("draft-07", 2), ("2019-09", 8), ("2020-12", 10)])
def test_all_of_the_suite_but_a_few_is_decided(draft: str, count: int) -> None:
    outcomes = [outcome_of(draft, schema, instance)
                for found in suite(draft)["tests"].values() for schema, instances in found for instance, _ in instances]

    undecided = [outcome for outcome in outcomes if outcome not in ("valid", "invalid")]
    assert len(outcomes) > 1400
    assert len(undecided) == count, undecided
