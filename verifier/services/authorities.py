"""Whether a record's signer is among the authorities that a query names: its certificate says so, and somebody trusted
vouches for it; or else our own list knows the signer, and no certificate says otherwise.

Whoever sends a record chooses the certificates beside it, so that by themselves they prove nothing.

Spec: OPENID4VP #name-trusted-authorities-query
"""

from __future__ import annotations

from credkit.errors import CredkitError, QueryNotSatisfied, UnsupportedError
from credkit.jose import peek_header
from credkit.ports import JSONObject
from credkit.protocols import dcql
from credkit.protocols.oid4vp.messages import Presentation
from credkit.verification import Outcome, Policy
from credkit.x509 import authority_key_identifier
from verifier.services.presented import Presented

_MAX_CERTIFICATES = 10


def check_authorities(query: dcql.CredentialQuery, presented: Presented, policy: Policy) -> None:
    """Silence means that the signer is one of those the query names, or that it names none.

    Raises:
        QueryNotSatisfied: it is not.
        UnsupportedError: nobody here can tell.
    """
    if not query.trusted_authorities:
        return
    found = key_identifiers(presented.presentation)
    if found and any(entry.type == dcql.AKI for entry in query.trusted_authorities):
        if not dcql.is_authorised(query, [(dcql.AKI, value) for value in found if value]):
            raise QueryNotSatisfied("a record is signed by somebody else than was asked for")
        if found[0] and _is_certified(presented) and dcql.is_authorised(query, [(dcql.AKI, found[0])]):
            return
    if policy.trust is None:
        raise UnsupportedError("whether the signer is one of those that were asked for cannot be told")
    if any(report.trusted_name is None for report in presented.records):
        raise QueryNotSatisfied("a record is signed by somebody else than was asked for")


def _is_certified(presented: Presented) -> bool:
    """Whether the kernel took the signer's key out of the first certificate, which somebody trusted vouches for, and
    not from where a ``kid`` leads.
    """
    named_elsewhere = "#" in str(_header(presented.presentation).get("kid", ""))
    checks = [report.check(name) for report in presented.records for name in ("proof", "issuer-binding")]
    return not named_elsewhere and all(check is not None and check.outcome is Outcome.PASSED for check in checks)


def key_identifiers(presentation: Presentation) -> tuple[str | None, ...]:
    """The authority key identifiers (base64url) in the certificates of an SD-JWT's header, the signer's first, None for
    one that has none or cannot be read; of other forms there are no certificates.
    """
    chain = _header(presentation).get("x5c")
    if not isinstance(chain, list) or len(chain) > _MAX_CERTIFICATES:
        return ()
    return tuple(authority_key_identifier(each) if isinstance(each, str) else None for each in chain)


def _header(presentation: Presentation) -> JSONObject:
    if not isinstance(presentation, str):
        return {}
    try:
        return peek_header(presentation.partition("~")[0])
    except CredkitError:
        return {}
