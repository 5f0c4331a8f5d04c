"""The only file that chooses implementations: clock, network, randomness, contexts, database."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import contexts
from credkit.dids import Resolver
from credkit.environment import Environment, SystemClock, SystemRandomness
from credkit.errors import ConfigError
from credkit.http import SafeFetcher
from credkit.jsonld import Processor
from credkit.ports import Clock, Fetcher, JSONObject
from credkit.storage import migrate, open_engine
from wallet.config import Config
from wallet.services.inbox import Inbox
from wallet.services.items import summarize
from wallet.services.presenting import Presenting
from wallet.services.receiving import Receiving
from wallet.store import Store
from wallet.vault import Cost, Vault

MIGRATIONS = Path(__file__).parent / "migrations"


class LockedMemory:
    """The memory of a wallet nobody has unlocked: it knows nothing and keeps nothing."""

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        """None."""
        return None

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        """Nothing is kept; ``VaultMemory`` takes over where a vault is open."""


@dataclass(frozen=True)
class Services:
    """A wallet at work: everything pages and commands call. ``library`` and ``activity`` are plain functions."""

    config: Config
    clock: Clock
    vault: Vault
    inbox: Inbox
    receiving: Receiving
    presenting: Presenting
    session_key: bytes


def build_services(config: Config, *, clock: Clock | None = None, fetcher: Fetcher | None = None) -> Services:
    """A wallet from its data folder, which is made if it is not there.

    Args:
        clock, fetcher: The real ones unless a test brings its own.

    Raises:
        ConfigError: the folder or its database cannot be made or opened, or are newer than this program.
    """
    clock = clock or SystemClock()
    fetcher = fetcher or SafeFetcher(allow_loopback_http=config.loopback_http, ca_file=config.ca_file)
    randomness = SystemRandomness()
    try:
        config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError("the data folder cannot be made") from error
    engine = open_engine(config.database_url)
    migrate(engine, MIGRATIONS)
    environment = Environment(
        clock=clock, fetcher=fetcher, randomness=randomness, jsonld=Processor(contexts.load),
        resolver=Resolver(fetcher, clock, allow_loopback=config.loopback_http), memory=LockedMemory())
    vault = Vault(Store(engine), clock, randomness, summarize, idle_s=config.lifetimes.session_idle_s,
                  cost=Cost(**vars(config.guess_cost)))
    return Services(config, clock, vault, Inbox(environment), Receiving(environment), Presenting(environment),
                    _session_key(config))


def is_initialised(config: Config) -> bool:
    """Whether there is a wallet in the data folder; looking changes nothing."""
    return config.session_key_file.exists()


def _session_key(config: Config) -> bytes:
    """The secret of the page cookie, made once; two processes that start together agree on one."""
    path = config.session_key_file
    try:
        if not path.exists():
            draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(secrets.token_bytes(32))
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        key = path.read_bytes()
    except OSError as error:
        raise ConfigError("the data folder cannot be read or written") from error
    if len(key) != 32:
        raise ConfigError("the file session.key in the data folder is damaged")
    return key
