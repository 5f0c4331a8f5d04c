"""A family's wallet, a school and a college, all on one FakeWeb."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World
from tests.wallet.offices import AskingCollege, OfferingSchool
from tests.wallet.support import PASSPHRASE, wallet_in
from wallet.bootstrap import Services
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
    return wallet_in(tmp_path / "wallet", world)


@pytest.fixture
def vault(services: Services) -> OpenVault:
    return services.vault.create(PASSPHRASE).vault
