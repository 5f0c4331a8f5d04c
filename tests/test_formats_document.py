"""The table of formats says what the registries say."""

from __future__ import annotations

from credkit.formats import FORMATS
from credkit.keys import PUBLIC_KEY_TYPES
from credkit.proofs import SUITES
from credkit.status import STATUS_TYPES, TOKEN_STATUS_TYPES
from tests.support import formats_table


def test_the_table_of_formats_is_what_the_registries_give() -> None:
    committed = formats_table.DOCUMENT.read_text(encoding="utf-8")

    assert committed == formats_table.text(), "run: python -m tests.support.formats_table"


def test_every_name_of_the_registries_has_a_row() -> None:
    text = formats_table.text()

    names = [each.name for each in FORMATS] + [each.name for each in SUITES] + [each.name for each in PUBLIC_KEY_TYPES]
    names += [name for name, _ in (*STATUS_TYPES, *TOKEN_STATUS_TYPES)]
    assert not [name for name in names if f"| {name} |" not in text]
