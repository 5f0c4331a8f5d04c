"""Passwords of operators: kept as Argon2id hashes, checked in the same time whether the account exists or not."""

from __future__ import annotations

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_MEMORY_KIB = 19_456
_ITERATIONS = 2
_DECOY = "$argon2id$v=19$m=19456,t=2,p=1$zHk4XhqQZLLInERnRO6gnA$Z8BXX/MLhVf6k0R+efhHOn7qMvmjRzTBlppPQncLBoo"
LONGEST = 1024
"""Longer passwords are refused unread: hashing costs time."""


def hash_password(password: str, salt: bytes) -> str:
    """The PHC string to store; ``salt`` is 16 fresh random bytes (OWASP parameters: 19 MiB, two passes)."""
    hasher = Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=1, memory_cost=_MEMORY_KIB)
    return hasher.derive_phc_encoded(password.encode())


def is_password(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one behind ``stored``; with None the same work is done and the answer is no."""
    if len(password) > LONGEST:
        return False
    try:
        Argon2id.verify_phc_encoded(password.encode("utf-8", "replace"), stored or _DECOY)
    except InvalidKey:
        return False
    return stored is not None
