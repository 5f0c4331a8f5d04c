"""A family's wallet, a school and a college, all on one FakeWeb."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World
from tests.wallet.offices import AskingCollege, OfferingSchool
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import Services, build_services
from wallet.config import Config, GuessCost
from wallet.vault import OpenVault


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> OfferingSchool:
    return OfferingSchool(world)


@pytest.fixture
def college(world: World) -> AskingCollege:
    return AskingCollege(world)


@pytest.fixture
def services(tmp_path: Path, world: World) -> Services:
    config = Config(tmp_path / "wallet", f"sqlite:///{tmp_path / 'wallet' / 'wallet.sqlite3'}",
                    origin="https://wallet.example", guess_cost=GuessCost(19 * 1024, 2, 1))
    return build_services(config, clock=world.clock, fetcher=world.web)


@pytest.fixture
def vault(services: Services) -> OpenVault:
    return services.vault.create(PASSPHRASE).vault
