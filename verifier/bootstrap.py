"""The only file that chooses implementations: clock, network, randomness, contexts, database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import contexts
from credkit.dids import Resolver
from credkit.environment import Environment, SystemClock, SystemRandomness, trust_anchors
from credkit.errors import ConfigError
from credkit.http import SafeFetcher
from credkit.jsonld import Processor
from credkit.key_files import read_key_file, write_key_file
from credkit.keys import SoftwareSigner
from credkit.ports import Clock, Fetcher, JSONObject, Memory
from credkit.storage import migrate, open_engine
from credkit.trust.allow_list import AllowList
from credkit.x509 import OwnCertificate, read_own_certificate
from verifier.config import Config
from verifier.services.checks import Checks
from verifier.services.compat import Compat
from verifier.services.exchanging import Exchanging
from verifier.services.naming import Names
from verifier.services.offline import CopyingFetcher
from verifier.services.profiles import find_profile
from verifier.services.requests import Requests
from verifier.services.responses import Responses
from verifier.services.results import Results
from verifier.services.sealing import AnswerKeys
from verifier.services.setup import Identity, initialise, load_identity, load_session_key, load_signer
from verifier.services.trust import Trust
from verifier.store import Store

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class ForgetfulMemory:
    """Status lists for the length of one command, where there is no database."""

    _lists: dict[str, tuple[JSONObject, datetime]] = field(default_factory=dict)

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        """The last verified status list credential from ``url`` and when it was fetched."""
        return self._lists.get(url)

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        """Keep it until the command ends."""
        self._lists[url] = (credential, fetched_at)

    def allow_list(self) -> AllowList:
        """Nobody is trusted where there is no verifier."""
        return AllowList()

    def signer_document(self, url: str) -> tuple[bytes, datetime] | None:
        """There is no copy."""
        return None

    def remember_signer_document(self, url: str, body: bytes, fetched_at: datetime) -> None:
        """Nobody is on the list, so nothing is kept."""


@dataclass(frozen=True)
class Services:
    """A verifier at work: everything pages and commands call."""

    config: Config
    identity: Identity
    signer: SoftwareSigner
    session_key: bytes
    store: Store
    clock: Clock
    trust: Trust
    checks: Checks
    requests: Requests
    responses: Responses
    exchanging: Exchanging
    results: Results


def build_environment(
    config: Config, memory: Memory, *, clock: Clock | None = None, fetcher: Fetcher | None = None
) -> Environment:
    """The kernel's ports; ``clock`` and ``fetcher`` are the real ones unless a test brings its own."""
    clock = clock or SystemClock()
    fetcher = fetcher or SafeFetcher(allow_loopback_http=config.loopback_http, ca_file=config.ca_file)
    if isinstance(memory, Store):
        fetcher = CopyingFetcher(fetcher, memory, clock, allow_loopback=config.loopback_http)
    return Environment(
        clock=clock,
        fetcher=fetcher,
        randomness=SystemRandomness(),
        jsonld=Processor(contexts.load),
        resolver=Resolver(fetcher, clock, allow_loopback=config.loopback_http),
        memory=memory,
        read_resource=contexts.read,
        anchors=trust_anchors(ca_file=config.ca_file, anchors_file=config.anchors_file),
    )


def open_store(config: Config) -> Store:
    """The database of the data folder, made or brought up to date.

    Raises:
        ConfigError: it cannot be opened, or is newer than this program.
    """
    try:
        config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError("The data folder cannot be made.") from error
    engine = open_engine(config.database_url)
    migrate(engine, MIGRATIONS)
    return Store(engine)


def is_initialised(config: Config) -> bool:
    """Whether ``init`` was run for this data folder; looking changes nothing."""
    return config.signing_key_file.exists()


def build_services(config: Config, *, clock: Clock | None = None, fetcher: Fetcher | None = None) -> Services:
    """A verifier from its data folder.

    Raises:
        ConfigError: ``init`` was never run here, or something is damaged.
    """
    if not is_initialised(config):
        raise ConfigError("There is no verifier in this folder yet; run backpack-verifier init first.")
    store = open_store(config)
    identity = load_identity(config, store)
    signer = load_signer(config, identity)
    environment = build_environment(config, store, clock=clock, fetcher=fetcher)
    trust = Trust(store, environment.clock)
    results = Results(store, environment.clock, environment.randomness, config.lifetimes)
    session_key, certificate = load_session_key(config), load_certificate(config)
    profile = find_profile(store.setting("profile"))
    profile.check_certificate(certificate)
    compat, answer_keys = Compat(strict=config.strict or profile.strict), AnswerKeys(session_key)
    requests = Requests(
        store,
        identity,
        Names(identity, signer, certificate),
        answer_keys,
        compat,
        profile,
        environment.clock,
        environment.randomness,
        config.lifetimes,
    )
    responses = Responses(store, identity, trust, results, environment, answer_keys, compat, profile)
    return Services(
        config=config,
        identity=identity,
        signer=signer,
        session_key=session_key,
        store=store,
        clock=environment.clock,
        trust=trust,
        checks=Checks(trust, results, environment, store, allow_loopback=config.loopback_http),
        requests=requests,
        responses=responses,
        exchanging=Exchanging(identity, requests, responses, compat),
        results=results,
    )


def load_certificate(config: Config) -> OwnCertificate | None:
    """The certificate in the data folder and its key, or None.

    Raises:
        ConfigError: they cannot be read or do not belong together.
    """
    if not config.certificate_file.exists():
        return None
    return read_own_certificate(config.certificate_file.read_bytes(), read_key_file(config.certificate_key_file))


def initialise_verifier(
    config: Config,
    *,
    origin: str,
    wallets: tuple[str, ...],
    password_hash: str,
    name: str | None = None,
    certificate: tuple[bytes, bytes] | None = None,
    profile: str = "",
) -> Identity:
    """Make a verifier in an empty data folder (``services.setup.initialise``).

    Args:
        certificate: PEM of a certificate with those that vouch for it, and of its key; they are copied into the folder.
        profile: Name of a profile to keep to (``services.profiles``).
    """
    find_profile(profile).check_certificate(None if certificate is None else read_own_certificate(*certificate))
    store, randomness = open_store(config), SystemRandomness()
    identity = initialise(
        config,
        store,
        randomness,
        origin=origin,
        name=name,
        wallets=wallets,
        password_hash=password_hash,
        profile=profile,
    )
    if certificate is not None:
        write_key_file(config.certificate_key_file, certificate[1])
        write_key_file(config.certificate_file, certificate[0])
    return identity


def family_vocabulary() -> bytes:
    """The bytes of our own vocabulary, which every role serves.

    Raises:
        CorruptContextError: the installation is broken.
    """
    return contexts.read(contexts.FAMILY_V1)
