"""What an operation that shows a part needs at least, without encoding, JSON or JSON-LD."""

from __future__ import annotations

from credkit.encoding import sha256
from credkit.keys import SoftwareSigner
from credkit.proofs._bbs import SHA_256, sk_to_pk
from credkit.proofs._bbs.curve import pairs_alike, read_g2, sum_of

_MESSAGE = b"\0" * 64


class Signatures:
    """ecdsa-sd-2023: ``count`` signatures under one key; deriving needs none."""

    def __init__(self, signer: SoftwareSigner, count: int) -> None:
        self._signer, self._count = signer, count
        self._signature = signer.sign(_MESSAGE)

    def sign(self) -> None:
        """Each by itself."""
        for _ in range(self._count):
            self._signer.sign(_MESSAGE)

    def derive(self) -> None:
        """Nothing."""

    def verify(self) -> None:
        """Each by itself."""
        for _ in range(self._count):
            self._signer.public_key.verify(self._signature, _MESSAGE)


class SignaturesAndHashes:
    """dc+sd-jwt: a digest of every disclosure, the issuer's signature and the holder's."""

    def __init__(self, signer: SoftwareSigner, issued: list[str], shown: list[str]) -> None:
        self._signer = signer
        self._issued, self._shown = ([text.encode() for text in texts] for texts in (issued, shown))
        self._signature = signer.sign(_MESSAGE)

    def issue(self) -> None:
        """One signature over the digests of all."""
        self._sign(self._issued)

    def present(self) -> None:
        """The holder's signature over the digest of what is shown; which that is, the digests of all tell."""
        self._sign([*self._issued, b"".join(self._shown)])

    def verify(self) -> None:
        """Two signatures, and the digests of what is shown."""
        for data in (*self._shown, b"".join(self._shown)):
            sha256(data)
        for _ in range(2):
            self._signer.public_key.verify(self._signature, _MESSAGE)

    def _sign(self, hashed: list[bytes]) -> None:
        for data in hashed:
            sha256(data)
        self._signer.sign(_MESSAGE)


class GroupOperations:
    """bbs-2023: the multiplications and pairings for ``count`` messages of which one is shown."""

    def __init__(self, count: int) -> None:
        generators = SHA_256.generators(count)
        self._points = [generators.base, *generators.points]
        self._scalars = [7**300 % 2**250 + index for index in range(count + 2)]
        self._key = read_g2(sk_to_pk(self._scalars[0]))

    def sign(self) -> None:
        """One sum over all messages."""
        sum_of(self._points, self._scalars)

    def derive(self) -> None:
        """The signed sum, three points of the proof and two commitments, one over what is kept back."""
        sum_of(self._points, self._scalars)
        for size in (1, 1, 2, 2):
            sum_of(self._points[:size], self._scalars[:size])
        sum_of(self._points[1:], self._scalars[1:])

    def verify(self) -> None:
        """Two commitments and one equation of pairings."""
        sum_of(self._points[:3], self._scalars[:3])
        sum_of([*self._points, self._points[0]], [*self._scalars, 5])
        pairs_alike(self._key, 0, self._points[0], self._points[1])
