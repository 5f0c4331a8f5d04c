"""What an issuer keeps to beyond the specification: nothing, or the High Assurance Interoperability Profile.

What a profile demands is on, what it forbids is off. ``Profile.settle`` says what it makes of the settings, the rest
stands in its members; nobody else asks for its name.

Spec: HAIP-1.0 #section-4, #section-6.1, #section-7; FAPI-2.0 #section-5.3.2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from credkit.errors import ConfigError, StateError
from credkit.formats import jwt_vc, ldp_vc, sd_jwt_vc
from credkit.protocols.client_attestation import ALGORITHMS as CLIENT_ALGORITHMS
from credkit.protocols.haip import ES256, checked_certificate
from credkit.protocols.oid4vci import v1_0
from credkit.x509 import OwnCertificate
from issuer.config import Config
from issuer.store import Grant

HAIP_SCHEME: Final = "haip-vci"


@dataclass(frozen=True)
class Profile:
    """See the module.

    Attributes:
        name: As ``init --profile`` knows it; "" for none.
        grants: By which grants records are offered and collected, the usual one first.
        formats: In which forms records are given out.
        algorithms: What holders' keys and key attestations may be signed with. ``client_algorithms``: wallets'
            attestations.
        scheme: Of the links to a wallet.
        batch_size: How many keys one request may bring, for as many copies of a record.
        code_s: The longest life of an authorization code, None for that of the settings.
        is_certified: Whether tokens of ours bring the office's certificate, and attestations those of their makers;
            records are then bound to bare keys.
        is_bound: Whether every access token is bound to a key (DPoP).
        by_scope: Whether wallets say by scope what they want; the identifiers of the records come with the token.
        strict: Whether departures of older drafts are refused (``compat``).
    """

    name: str
    grants: Sequence[Grant]
    formats: Sequence[str]
    algorithms: Sequence[str]
    client_algorithms: Sequence[str]
    scheme: str = v1_0.OFFER_SCHEME
    batch_size: int = 16
    code_s: int | None = None
    is_certified: bool = False
    is_bound: bool = False
    by_scope: bool = False
    strict: bool = False

    def settle(self, config: Config) -> Config:
        """The settings as this profile leaves them.

        Raises:
            ConfigError: it demands attestations of wallets, and nobody is named who may make them.
        """
        lifetimes = config.lifetimes
        if self.code_s is not None:
            lifetimes = replace(lifetimes, code_s=min(lifetimes.code_s, self.code_s))
        if self.is_certified and config.attesters is None:
            raise ConfigError("The profile haip needs BACKPACK_ATTESTERS: certificates of those who vouch for wallets.")
        return replace(config, lifetimes=lifetimes, strict=config.strict or self.strict,
                       attestation_required=config.attestation_required or self.is_certified)

    def check_certificate(self, certificate: OwnCertificate | None, origin: str) -> None:
        """Whether an office at ``origin`` may sign with this certificate, or without any.

        Raises:
            ConfigError: the profile demands another.
        """
        if not self.is_certified:
            return
        if urlsplit(origin).hostname not in checked_certificate(certificate).hosts:
            raise ConfigError("The certificate does not name the host of this issuer.")

    def grant(self, wanted: Grant | None) -> Grant:
        """By which grant to offer: the wanted one, else the usual.

        Raises:
            StateError: the profile forbids it.
        """
        if wanted is not None and wanted not in self.grants:
            raise StateError("The profile of this issuer forbids to offer in this way.")
        return wanted or self.grants[0]


OPEN: Final = Profile("", ("pre-authorized", "code"), (ldp_vc.NAME, jwt_vc.NAME, sd_jwt_vc.NAME),
                      v1_0.DEFAULT_ALGORITHMS, CLIENT_ALGORITHMS)
HAIP: Final = Profile("haip", ("code",), (sd_jwt_vc.NAME,), (ES256,), (ES256,), HAIP_SCHEME, batch_size=1, code_s=60,
                      is_certified=True, is_bound=True, by_scope=True, strict=True)
PROFILES: Final = (HAIP,)


def find_profile(name: str | None) -> Profile:
    """The profile of this name; none in particular for "" or None.

    Raises:
        ConfigError: an unknown name.
    """
    for profile in (OPEN, *PROFILES):
        if profile.name == (name or ""):
            return profile
    raise ConfigError("The issuer was set up with a profile that this program does not know.")
