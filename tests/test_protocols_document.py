"""The table of what is spoken names tests that are there."""

from __future__ import annotations

from tests.support import protocols_table
from tests.support.shared import ROOT


def test_the_document_is_what_the_table_gives() -> None:
    committed = protocols_table.DOCUMENT.read_text(encoding="utf-8")

    assert committed == protocols_table.text(), "run: python -m tests.support.protocols_table"


def test_every_test_that_is_named_is_there() -> None:
    missing = []
    for each in protocols_table.named():
        path, _, name = each.partition("::")
        if f"\ndef {name}(" not in (ROOT / "tests" / path).read_text(encoding="utf-8"):
            missing.append(each)

    assert missing == []


def test_what_nobody_holds_says_why() -> None:
    rows = (*protocols_table.ISSUER, *protocols_table.WALLET, *protocols_table.VERIFIER, *protocols_table.EXCHANGES)
    assert [row.demand for row in rows if bool(row.tests) == bool(row.why_not)] == []
