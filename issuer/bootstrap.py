"""The only file that chooses implementations: clock, network, randomness, contexts, database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import contexts
from credkit.dids import Resolver
from credkit.environment import Environment, SystemClock, SystemRandomness
from credkit.errors import ConfigError
from credkit.http import SafeFetcher
from credkit.jsonld import Processor
from credkit.key_files import write_key_file
from credkit.ports import Clock, Fetcher, Randomness
from credkit.storage import migrate, open_engine
from credkit.x509 import read_own_certificate
from issuer.config import Config, check_origin
from issuer.services.app_access import AppAccess
from issuer.services.app_reading import AppReading
from issuer.services.approvals import Approvals, Handler
from issuer.services.apps import Apps
from issuer.services.attesters import Attesters
from issuer.services.authorizing import Authorizing
from issuer.services.awarding import KIND as BADGE
from issuer.services.awarding import Awarding
from issuer.services.claims import Claims
from issuer.services.clients import Clients
from issuer.services.compat import Compat
from issuer.services.deleting import Deleting
from issuer.services.dpop import Dpop
from issuer.services.drafting import Drafting
from issuer.services.endorsing import KIND as ENDORSEMENT
from issuer.services.endorsing import Endorsing
from issuer.services.exchanging import Exchanging
from issuer.services.forms import KIND as AWARD
from issuer.services.forms import Forms
from issuer.services.guardians import Guardians
from issuer.services.guessing import Guesses
from issuer.services.handing_in import HandingIn
from issuer.services.imports import Imports
from issuer.services.issuance import Issuing
from issuer.services.offers import Offers
from issuer.services.office import Identity, Office
from issuer.services.passes import Passes
from issuer.services.profiles import find_profile
from issuer.services.reissuing import KIND as REISSUE
from issuer.services.reissuing import Reissuing
from issuer.services.revocation import Revoking
from issuer.services.sealing import Sealing
from issuer.services.setup import initialise, load_certificate, load_identity, load_keys, load_profile
from issuer.services.staff import StaffRoom
from issuer.services.students import Students
from issuer.services.sweeping import Sweeping
from issuer.services.tokens import Tokens
from issuer.services.transfers import Transfers
from issuer.store import Store

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Services:
    """An issuer at work: everything pages and commands call."""

    office: Office
    imports: Imports
    students: Students
    deleting: Deleting
    awarding: Awarding
    claims: Claims
    compat: Compat
    sealing: Sealing
    offers: Offers
    authorizing: Authorizing
    tokens: Tokens
    dpop: Dpop
    clients: Clients
    issuing: Issuing
    exchanging: Exchanging
    revoking: Revoking
    staff: StaffRoom
    approvals: Approvals
    forms: Forms
    endorsing: Endorsing
    guardians: Guardians
    reissuing: Reissuing
    transfers: Transfers
    passes: Passes
    apps: Apps
    app_access: AppAccess
    app_reading: AppReading
    handing_in: HandingIn
    sweeping: Sweeping


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
    """Whether ``init`` was run to its end for this data folder; in a folder without keys looking changes nothing.

    Raises:
        ConfigError: the database cannot be opened.
    """
    if not config.keys_folder.exists():
        return False
    with open_store(config).reading() as unit:
        return unit.setting("origin") is not None


def initialise_issuer(config: Config, *, origin: str, password_hash: str, name: str | None = None,
                      wallets: Sequence[str] = (), language: str = "en", profile: str = "",
                      certificate: tuple[bytes, bytes] | None = None, clock: Clock | None = None,
                      randomness: Randomness | None = None) -> Identity:
    """Make an issuer in the data folder; see ``issuer.services.setup.initialise``.

    Args:
        certificate: PEM of a certificate with those that vouch for it, and of its key; they are copied into the folder.
        profile: Name of a profile to keep to (``services.profiles``).
    """
    chosen = find_profile(profile)
    chosen.settle(config)
    chosen.check_certificate(None if certificate is None else read_own_certificate(*certificate),
                             check_origin(origin, loopback_http=config.loopback_http))
    identity = initialise(config, open_store(config), clock or SystemClock(), randomness or SystemRandomness(),
                          origin=origin, password_hash=password_hash, name=name, wallets=wallets, language=language,
                          profile=profile)
    if certificate is not None:
        write_key_file(config.certificate_key_file, certificate[1])
        write_key_file(config.certificate_file, certificate[0])
    return identity


def build_services(config: Config, *, clock: Clock | None = None, fetcher: Fetcher | None = None,
                   randomness: Randomness | None = None) -> Services:
    """An issuer from its data folder; the ports are the real ones unless a test brings its own.

    Raises:
        ConfigError: ``init`` was never run here, or something is damaged.
    """
    if not config.keys_folder.exists():
        raise ConfigError("There is no issuer in this folder yet. Run backpack-issuer init first.")
    store = open_store(config)
    identity, profile, certificate = load_identity(config, store), load_profile(store), load_certificate(config)
    profile.check_certificate(certificate, identity.origin)
    config = profile.settle(config)
    clock = clock or SystemClock()
    randomness = randomness or SystemRandomness()
    fetcher = fetcher or SafeFetcher(allow_loopback_http=config.loopback_http, ca_file=config.ca_file)
    office = Office(
        config=config, identity=identity, store=store, clock=clock, profile=profile,
        keys=load_keys(config, identity, randomness, certificate if profile.is_certified else None),
        randomness=randomness, processor=Processor(contexts.load),
        resolver=Resolver(fetcher, clock, allow_loopback=config.loopback_http), fetcher=fetcher,
    )
    drafting = Drafting(office)
    offers = Offers(office)
    guesses = Guesses(office)
    authorizing = Authorizing(office, offers, guesses)
    tokens = Tokens(office, offers, guesses, authorizing)
    compat, attesters = Compat(strict=config.strict), _attesters(office)
    issuing = Issuing(office, tokens, compat, attesters)
    reissuing = Reissuing(office, drafting, offers)
    handlers: dict[str, Handler] = {REISSUE: reissuing}
    approvals = Approvals(office, handlers)
    forms = handlers[AWARD] = Forms(office, drafting, approvals)
    awarding = handlers[BADGE] = Awarding(office, drafting, approvals)
    endorsing = handlers[ENDORSEMENT] = Endorsing(office, drafting, approvals)
    return Services(
        office=office, imports=Imports(office, drafting, forms), students=Students(office), deleting=Deleting(office),
        awarding=awarding, claims=Claims(office, drafting), compat=compat, sealing=Sealing(office),
        offers=offers, authorizing=authorizing, tokens=tokens, dpop=Dpop(office),
        clients=Clients(office, attesters, on_older=compat.old_wallet), issuing=issuing,
        exchanging=Exchanging(office, offers, issuing, compat), revoking=Revoking(office),
        staff=StaffRoom(office), approvals=approvals, forms=forms,
        endorsing=endorsing, guardians=Guardians(office, drafting), reissuing=reissuing,
        transfers=Transfers(office, drafting, offers, issuing, approvals), passes=Passes(office), apps=Apps(office),
        app_access=AppAccess(office, guesses), app_reading=AppReading(office, issuing),
        handing_in=HandingIn(office, _environment(office)), sweeping=Sweeping(office),
    )


def _attesters(office: Office) -> Attesters | None:
    """Who may vouch for wallets and their keys, if the settings name anybody."""
    if office.config.attesters is None:
        return None
    return Attesters(office.config.attesters, office.clock, office.fetcher, certified=office.profile.is_certified)


def _environment(office: Office) -> Environment:
    """What checking somebody else's record may use."""
    return Environment(office.clock, office.fetcher, office.randomness, office.processor, office.resolver, office.store,
                       contexts.read)


def family_vocabulary() -> bytes:
    """The bytes of our own vocabulary, which every role serves.

    Raises:
        CorruptContextError: the installation is broken.
    """
    return contexts.read(contexts.FAMILY_V1)
