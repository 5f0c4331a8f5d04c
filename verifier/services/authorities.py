"""Whether a record's signer is among the authorities that a query names: our own list must know it, and certificates
that came with the record must not say otherwise.

Whoever sends a record chooses the certificates beside it, so that they alone prove nothing.

Spec: OPENID4VP #name-trusted-authorities-query
"""

from __future__ import annotations

import base64

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from credkit.encoding import base64url_encode
from credkit.errors import CredkitError, QueryNotSatisfied, UnsupportedError
from credkit.jose import peek_header
from credkit.protocols import dcql
from credkit.protocols.oid4vp.messages import Presentation
from credkit.verification import Policy
from verifier.services.presented import Presented

_MAX_CERTIFICATES = 10
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion)


def check_authorities(query: dcql.CredentialQuery, presented: Presented, policy: Policy) -> None:
    """Silence means that the signer is one of those the query names, or that it names none.

    Raises:
        QueryNotSatisfied: it is not.
        UnsupportedError: nobody here can tell.
    """
    if not query.trusted_authorities:
        return
    found = key_identifiers(presented.presentation)
    comparable = bool(found) and any(entry.type == dcql.AKI for entry in query.trusted_authorities)
    if comparable and not dcql.is_authorised(query, [(dcql.AKI, value) for value in found]):
        raise QueryNotSatisfied("a record is signed by somebody else than was asked for")
    if policy.trust is None:
        raise UnsupportedError("whether the signer is one of those that were asked for cannot be told")
    if any(report.trusted_name is None for report in presented.records):
        raise QueryNotSatisfied("a record is signed by somebody else than was asked for")


def key_identifiers(presentation: Presentation) -> frozenset[str]:
    """The authority key identifiers (base64url) in the certificates of an SD-JWT's header; of other forms there are
    none, and what cannot be read is left out.
    """
    if not isinstance(presentation, str):
        return frozenset()
    try:
        chain = peek_header(presentation.partition("~")[0]).get("x5c")
    except CredkitError:
        return frozenset()
    if not isinstance(chain, list) or len(chain) > _MAX_CERTIFICATES:
        return frozenset()
    return frozenset(value for each in chain if isinstance(each, str) and (value := _key_identifier(each)))


def _key_identifier(certificate: str) -> str | None:
    try:
        read = x509.load_der_x509_certificate(base64.b64decode(certificate, validate=True))
        found = next((each.value for each in read.extensions if isinstance(each.value, x509.AuthorityKeyIdentifier)),
                     None)
    except _UNREADABLE:
        return None
    return None if found is None or found.key_identifier is None else base64url_encode(found.key_identifier)
