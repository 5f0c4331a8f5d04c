"""What ui/promises says is what is stored and how long: each table and field, in every role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData

from credkit.storage import migrate, open_engine
from issuer.services import passes
from wallet.config import Lifetimes
from wallet.services.consent import USUAL_DAYS
from wallet.services.people import ages, people
from wallet.services.record import rules

ROOT = Path(__file__).resolve().parents[1]
INVENTORY: dict[str, Any] = json.loads((ROOT / "ui/promises/data-inventory.json").read_text(encoding="utf-8"))
PRIVACY: dict[str, Any] = json.loads((ROOT / "ui/promises/privacy.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("role", ["issuer", "wallet", "verifier"])
def test_the_inventory_names_every_field_that_a_new_database_has(role: str, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    migrate(engine, ROOT / role / "migrations")
    found = MetaData()
    found.reflect(engine)
    stored = {table.name: {column.name for column in table.columns} for table in found.tables.values()}
    del stored["alembic_version"]

    assert {name: set(table["fields"]) for name, table in INVENTORY[role].items()} == stored


def test_every_table_says_why_for_whom_and_how_long() -> None:
    for role, tables in INVENTORY.items():
        for name, table in tables.items():
            assert all(table[key] for key in ("purpose", "category", "visibility", "retention", "ends")), (role, name)
            assert all(table["fields"].values()), (role, name)


def test_the_figures_of_the_privacy_promise_are_those_of_the_program() -> None:
    kept, over = PRIVACY["retention"], PRIVACY["hand_over"]

    assert kept["wallet_session_minutes"] * 60 == Lifetimes().session_idle_s
    assert kept["pass_for_apps_days"] == passes.USUAL_DAYS
    assert kept["invitation_hours"] * 3600 == people.INVITATION_LIFETIME.total_seconds()
    assert (over["co_managed_at"], over["own_at"], over["notice_days"]) == (
        ages.CO_MANAGE_AGE, ages.OWN_AGE, ages.NOTICE.days)
    assert PRIVACY["consent"]["default_period_days"] == USUAL_DAYS
    default = PRIVACY["default_visibility"]
    assert {name: default.get(name, default["everything_else"]) for name in rules.DEFAULTS} == dict(rules.DEFAULTS)
