"""Hashed identities: whether an IdentityObject means a name or number that somebody already knows.

A hash of a guessable value hides nothing; it is a help for matching. We never write one.

Spec: OB-3.0 #identityobject, #identityhash; requirements.md §2.5
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Final

from credkit.profiles._checking import first_value, text_of

_HASHES: Final = ("sha256", "md5")


def matches_identity(identity: Any, value: str) -> bool:
    """Whether an IdentityObject, hashed or plain, is ``value``; never raises on hostile input.

    md5 counts here, as the standard allows it; reading remarks it (``weak_hash``).
    """
    if not isinstance(identity, dict):
        return False
    written = text_of(first_value(identity.get("identityHash")))
    if identity.get("hashed") is not True:
        return written == value
    name, _sign, digest = written.partition("$")
    if name not in _HASHES:
        return False
    salted = (value + text_of(first_value(identity.get("salt")))).encode("utf-8", "surrogatepass")
    found = hashlib.new(name, salted, usedforsecurity=False).hexdigest()
    return hmac.compare_digest(found.encode("ascii"), digest.lower().encode("utf-8", "surrogatepass"))
