"""A family's wallet, a school and a college, all on one FakeWeb."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from credkit.storage import migrate, open_engine
from tests.support.world import World
from tests.wallet.offices import AskingCollege, OfferingSchool
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import MIGRATIONS, Services, build_services
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


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with nothing in it, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine, MIGRATIONS)
    engine.dispose()  # the last connection to close writes the log back into the file
    return path


@pytest.fixture
def services(tmp_path: Path, world: World, empty_database: Path) -> Services:
    (tmp_path / "wallet").mkdir(mode=0o700)
    shutil.copyfile(empty_database, tmp_path / "wallet" / "wallet.sqlite3")
    config = Config(tmp_path / "wallet", f"sqlite:///{tmp_path / 'wallet' / 'wallet.sqlite3'}",
                    origin="https://wallet.example", guess_cost=GuessCost(19 * 1024, 2, 1))
    return build_services(config, clock=world.clock, fetcher=world.web)


@pytest.fixture
def vault(services: Services) -> OpenVault:
    return services.vault.create(PASSPHRASE).vault
