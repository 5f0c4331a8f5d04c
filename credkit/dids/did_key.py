"""did:key: the identifier is the key. Spec: DID-KEY #format"""

from __future__ import annotations

from dataclasses import dataclass

from credkit.dids._method import FetchDocument, Found
from credkit.dids.document import RELATIONSHIPS, build_did_document
from credkit.errors import InvalidDidError, MalformedValueError
from credkit.keys import PublicKey, public_key_from_multibase


@dataclass(frozen=True)
class DidKey:
    """See ``DidMethod``. The only verification method is ``did:key:z…#z…``, for every purpose."""

    prefixes: tuple[str, ...] = ("did:key:",)
    is_offline: bool = True

    def find(self, did: str, fetch: FetchDocument, allow_loopback: bool) -> Found:
        """See ``DidMethod.find``."""
        multikey = did.removeprefix("did:key:")
        try:
            key = public_key_from_multibase(multikey)
        except MalformedValueError as error:
            raise InvalidDidError("the identifier is not a proper did:key") from error
        return Found(build_did_document(did, [(multikey, key, RELATIONSHIPS)]), {f"{did}#{multikey}": key})


def did_key_of(public_key: PublicKey) -> str:
    """The did:key of a public key."""
    return "did:key:" + public_key.to_multibase()


DID_KEY = DidKey()
