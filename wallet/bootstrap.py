"""The only file that chooses implementations: clock, network, randomness, contexts, database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import contexts
from credkit.dids import Resolver, did_web_of
from credkit.environment import Environment, SystemClock, SystemRandomness, trust_anchors
from credkit.errors import ConfigError
from credkit.http import SafeFetcher
from credkit.jsonld import Processor
from credkit.key_files import read_key_file, write_key_file
from credkit.keys import SoftwareSigner
from credkit.ports import Clock, Fetcher, JSONObject, Randomness
from credkit.storage import migrate, open_engine
from credkit.x509 import read_own_certificate
from wallet.config import Config
from wallet.services import authority
from wallet.services.inbox import Inbox
from wallet.services.interactions import Interactions
from wallet.services.people.backups import Backups
from wallet.services.people.ending import Ending
from wallet.services.people.handover import HandOver
from wallet.services.people.host import FRAGMENT, Host
from wallet.services.people.leaving import Leaving
from wallet.services.people.people import People
from wallet.services.people.recovery import Recovery
from wallet.services.presenting import Presenting
from wallet.services.receiving import Receiving
from wallet.services.record.items import GRANT, LIMIT, summarize
from wallet.services.sharing.shares import Sharing
from wallet.services.sweeping import Sweeping
from wallet.services.wire import Attester
from wallet.store import Store
from wallet.vault import Cost, Summarize, Vault

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
    interactions: Interactions
    presenting: Presenting
    sharing: Sharing
    host: Host
    people: People
    leaving: Leaving
    ending: Ending
    handover: HandOver
    backups: Backups
    recovery: Recovery
    sweeping: Sweeping
    session_key: bytes


def build_services(config: Config, *, clock: Clock | None = None, fetcher: Fetcher | None = None,
                   randomness: Randomness | None = None) -> Services:
    """A wallet from its data folder, which is made if it is not there.

    Args:
        clock, fetcher, randomness: The real ones unless a test brings its own.

    Raises:
        ConfigError: the folder or its database cannot be made or opened, or are newer than this program.
    """
    clock = clock or SystemClock()
    fetcher = fetcher or SafeFetcher(allow_loopback_http=config.loopback_http, ca_file=config.ca_file)
    randomness = randomness or SystemRandomness()
    try:
        config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError("the data folder cannot be made") from error
    engine = open_engine(config.database_url)
    migrate(engine, MIGRATIONS)
    environment = Environment(
        clock=clock, fetcher=fetcher, randomness=randomness, jsonld=Processor(contexts.load),
        resolver=Resolver(fetcher, clock, allow_loopback=config.loopback_http), memory=LockedMemory(),
        read_resource=contexts.read, anchors=trust_anchors(ca_file=config.ca_file, anchors_file=config.anchors_file))
    session_key = _secret_file(config.session_key_file)
    store = Store(engine)
    vault = Vault(store, clock, randomness, _summarizer(environment), idle_s=config.lifetimes.session_idle_s,
                  cost=Cost(**vars(config.guess_cost)), login_key=session_key, entitle=authority.entitler(clock))
    host = _host(environment, store, config)
    people = People(environment, store, host)
    ending = Ending(environment, store, host, people)
    attester = _attester(config)
    receiving = Receiving(environment, attester)
    return Services(config, clock, vault, Inbox(environment, attester is not None), receiving,
                    Interactions(environment, receiving), Presenting(environment),
                    Sharing(environment, store, config.origin), host, people,
                    Leaving(environment, host, people, ending), ending, HandOver(environment, host),
                    Backups(environment, store, vault), Recovery(environment, store, vault), Sweeping(store, clock),
                    session_key)


def _summarizer(environment: Environment) -> Summarize:
    """The index line of every item; those that decide about people only if their signature holds."""
    def line(item_type: str, body: JSONObject) -> JSONObject:
        if item_type in (GRANT, LIMIT):
            return authority.summarize(item_type, body, environment)
        return summarize(item_type, body)

    return line


def _attester(config: Config) -> Attester | None:
    """Whoever runs this wallet vouches for it, if they have a certificate for that."""
    if config.provider_files is None:
        return None
    try:
        return Attester(read_own_certificate(*(path.read_bytes() for path in config.provider_files)), config.origin)
    except OSError as error:
        raise ConfigError("the certificate of the wallet or its key cannot be read") from error


def _host(environment: Environment, store: Store, config: Config) -> Host:
    secret = _secret_file(config.host_key_file)
    signer = SoftwareSigner.from_secret(
        "Ed25519", secret, verification_method=f"{did_web_of(config.origin)}#{FRAGMENT}")
    return Host(environment, store, config.origin, signer)


def is_initialised(config: Config) -> bool:
    """Whether there is a wallet in the data folder; looking changes nothing."""
    return config.session_key_file.exists()


def _secret_file(path: Path) -> bytes:
    """A secret of 32 bytes, made once; two processes that start together agree on one."""
    if not path.exists():
        write_key_file(path, secrets.token_bytes(32))
    key = read_key_file(path)
    if len(key) != 32:
        raise ConfigError(f"the file {path.name} in the data folder is damaged")
    return key


def family_vocabulary() -> bytes:
    """The bytes of our own vocabulary, which every role serves.

    Raises:
        CorruptContextError: the installation is broken.
    """
    return contexts.read(contexts.FAMILY_V1)
