"""A vault on a database of its own, and one party in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wallet.support import PASSPHRASE, SettableClock, open_vault
from wallet.vault import OpenVault, Vault


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wallet.db"


@pytest.fixture
def vault(path: Path, clock: SettableClock) -> Vault:
    return open_vault(path, clock)


@pytest.fixture
def opened(vault: Vault) -> OpenVault:
    return vault.create(PASSPHRASE).vault
