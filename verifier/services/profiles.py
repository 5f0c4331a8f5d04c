"""What a verifier keeps to beyond the specification: nothing, or the High Assurance Interoperability Profile.

What a profile demands is on, what it forbids is off: a request that would break it is not made, an answer that breaks
it is refused.

Spec: HAIP-1.0 #section-5, #section-6.1, #section-7
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from credkit.errors import ConfigError, CredkitError, ProtocolError, StateError
from credkit.formats.sd_jwt_vc import parse_sd_jwt
from credkit.jose import peek_header
from credkit.protocols import dcql
from credkit.protocols.haip import ES256, checked_certificate
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import Presentation
from credkit.protocols.oid4vp.v1_0 import SD_JWT_ALGORITHMS
from credkit.x509 import OwnCertificate
from verifier.services.naming import Manner

HAIP_SCHEME: Final = "haip-vp"


@dataclass(frozen=True)
class Profile:
    """See the module.

    Attributes:
        name: As ``init --profile`` knows it; "" for none.
        usual: How a request is made if nobody says otherwise.
        prefixes, response_modes, formats: What may be asked with.
        algorithms: What SD-JWTs and their holders may be signed with.
        scheme: Of the links to a wallet.
        is_certified: Whether a record must bring its signer's certificate and be bound to a bare key.
        strict: Whether departures of older drafts are refused (``compat``).
    """

    name: str
    usual: Manner
    prefixes: Sequence[str]
    response_modes: Sequence[str]
    formats: Sequence[str]
    algorithms: Sequence[str]
    scheme: str = v1_0.REQUEST_SCHEME
    is_certified: bool = False
    strict: bool = False

    def check_request(self, manner: Manner, query: dcql.Query) -> None:
        """Whether such a request may be made.

        Raises:
            StateError: the profile forbids it.
        """
        if manner.prefix not in self.prefixes or manner.response_mode not in self.response_modes:
            raise StateError("The profile of this verifier forbids to ask in this way.")
        if not all(entry.format in self.formats for entry in query.credentials):
            raise StateError("The profile of this verifier forbids to ask for records in this format.")

    def check_certificate(self, certificate: OwnCertificate | None) -> None:
        """Whether this certificate may name the verifier.

        Raises:
            ConfigError: the profile demands another.
        """
        if self.is_certified:
            checked_certificate(certificate)

    def check_presentation(self, presentation: Presentation) -> None:
        """Whether a record is secured and bound as the profile demands.

        Raises:
            ProtocolError: ``invalid_request``: it is not.
        """
        if not self.is_certified:
            return
        try:
            sd_jwt = parse_sd_jwt(presentation)
            headers = [peek_header(part) for part in (sd_jwt.jwt, sd_jwt.key_binding) if part is not None]
        except CredkitError as error:
            raise ProtocolError("invalid_request", "the answer holds something that is no SD-JWT") from error
        if "x5c" not in headers[0] or any(header.get("alg") != ES256 for header in headers):
            raise ProtocolError("invalid_request", "a record is not signed with ES256 and a certificate beside it")


OPEN: Final = Profile("", Manner(), v1_0.PREFIXES, v1_0.RESPONSE_MODES, dcql.FORMATS, SD_JWT_ALGORITHMS)
HAIP: Final = Profile(
    "haip",
    Manner(v1_0.X509_HASH, response_mode=v1_0.DIRECT_POST_JWT),
    (v1_0.X509_HASH,),
    (v1_0.DIRECT_POST_JWT,),
    (dcql.SD_JWT,),
    (ES256,),
    HAIP_SCHEME,
    is_certified=True,
    strict=True,
)
PROFILES: Final = (HAIP,)


def find_profile(name: str | None) -> Profile:
    """The profile of this name; none in particular for "" or None.

    Raises:
        ConfigError: an unknown name.
    """
    for profile in (OPEN, *PROFILES):
        if profile.name == (name or ""):
            return profile
    raise ConfigError("The verifier was set up with a profile that this program does not know.")
