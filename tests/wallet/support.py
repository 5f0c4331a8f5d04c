"""What the wallet's tests share: a clock that stands still until told, and a vault on a fresh database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from credkit.ports import JSONObject
from credkit.storage import open_engine
from tests.support import once
from tests.support.world import World
from wallet.bootstrap import Services, build_services
from wallet.config import Config, GuessCost
from wallet.store import Store
from wallet.vault import Cost, OpenVault, Vault

PASSPHRASE = "seven green kites over Utah"
LOGIN_KEY = bytes(32)
FLOOR = Cost(memory_kib=19 * 1024, passes=2, lanes=1)
MIGRATIONS = Path(__file__).resolve().parents[2] / "wallet" / "migrations"


@dataclass
class SettableClock:
    """A ``Clock`` that a test moves."""

    moment: datetime = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def move(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


class SystemRandomness:
    """The operating system's randomness."""

    def token_bytes(self, n: int) -> bytes:
        return secrets.token_bytes(n)


def open_store(path: Path) -> Store:
    """A migrated database at ``path``."""
    engine = open_engine(f"sqlite:///{path}")
    once.migrated(engine, MIGRATIONS)
    return Store(engine)


def titles(item_type: str, body: JSONObject) -> JSONObject:
    """A summary that keeps the title."""
    return {"title": body.get("title")}


def wallet_in(folder: Path, world: World) -> Services:
    """A family's wallet in ``folder``, or the one that lies there already."""
    config = Config(folder, f"sqlite:///{folder / 'wallet.sqlite3'}", origin="https://wallet.example",
                    guess_cost=GuessCost(19 * 1024, 2, 1))
    return build_services(config, clock=world.clock, fetcher=world.web)


def open_vault(path: Path, clock: SettableClock) -> Vault:
    """A vault over the database at ``path``, at the lowest cost allowed."""
    return Vault(open_store(path), clock, SystemRandomness(), titles, idle_s=900, cost=FLOOR,
                 login_key=LOGIN_KEY)


def items_of(vault: OpenVault) -> list[tuple[str, int]]:
    """Ids and versions of everything a vault holds but its index: equal before and after means nothing was changed."""
    return [(item_id, line.version) for item_id, line in sorted(vault._space.mine().items())]
