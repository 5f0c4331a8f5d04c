"""SD-JWT: a signed token of which the holder shows some claims, each behind the digest of a disclosure.

Spec: RFC9901
"""

from __future__ import annotations

from credkit.formats._sd_jwt.expanding import Expanded, expand, peek_sd_jwt, verify_sd_jwt
from credkit.formats._sd_jwt.issuing import issue_sd_jwt
from credkit.formats._sd_jwt.parts import (
    MAX_DIGESTS,
    Path,
    SdJwt,
    claimed_time,
    digest_of,
    holds_document,
    parse_sd_jwt,
    read_disclosure,
)
from credkit.formats._sd_jwt.presenting import bind_key, check_key_binding, choose

__all__ = ["MAX_DIGESTS", "Expanded", "Path", "SdJwt", "bind_key", "check_key_binding", "choose", "claimed_time",
           "digest_of", "expand", "holds_document", "issue_sd_jwt", "parse_sd_jwt", "peek_sd_jwt", "read_disclosure",
           "verify_sd_jwt"]
