"""One authority and one certificate a host, made once a run, as PEM files hold them."""

from __future__ import annotations

import functools

from cryptography import x509

from tests.support.certificates import Issued, authority, leaf
from tests.support.world import NOW


@functools.cache
def anchor() -> Issued:
    """The authority."""
    return authority(NOW)


def key_identifier() -> bytes:
    """What certificates of the authority name as their authority key identifier."""
    return x509.SubjectKeyIdentifier.from_public_key(anchor().key.public_key()).digest


@functools.cache
def certified(host: str) -> Issued:
    """A certificate for ``host``."""
    return leaf(NOW, anchor(), [host])


def certificate_of(host: str) -> tuple[bytes, bytes]:
    """A certificate for ``host`` followed by the anchor, and its key, both PEM."""
    return certified(host).pem + anchor().pem, certified(host).key_pem
