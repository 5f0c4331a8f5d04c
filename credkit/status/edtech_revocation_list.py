"""1EdTech's revocation list: a plain list of taken-back credentials, not signed, at an address that each of them names.

Only for reading: it tells the issuer's host which record is looked at, and everybody which were taken back. What binds
it is the record's own signature, which names the address, and the issuer that the list itself names (security.md C02).

Spec: OB-3.0 #1edtech-revocation-list; requirements.md §2.5
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from credkit.credential import plain_id
from credkit.errors import MalformedValueError, StatusVerificationError, TooComplexError, UnsupportedError
from credkit.ports import JSONObject
from credkit.shape import as_list, id_of, is_url, member

ENTRY_TYPE = "1EdTechRevocationList"
MAXIMUM_ENTRIES = 100_000
_MEMBERS = ("revokedCredential", "revokedCredentials")
"""The model's name, and the plural that some hosts write."""


@dataclass(frozen=True)
class StatusEntry:
    """Where the list of a record lies."""

    list_url: str


def parse_entry(entry: Any, *, at: str = "/credentialStatus") -> StatusEntry:
    """Read one ``credentialStatus`` of type 1EdTechRevocationList.

    Raises:
        MalformedValueError: ``id`` is missing or no URL.
    """
    url = member(entry, "id", str, at=at)
    if not is_url(url):
        raise MalformedValueError("the list's address is not a URL", pointer=at + "/id")
    return StatusEntry(url)


def names_issuer(revocations: JSONObject, issuer: str) -> bool:
    """Whether the list says that it is ``issuer``'s."""
    return id_of(revocations.get("issuer")) == issuer


def check_list(revocations: JSONObject, entry: StatusEntry, issuer: str) -> None:
    """Refuse what is no such list, stands for another address, or is another issuer's.

    Raises:
        StatusVerificationError: see above. TooComplexError: more than 100,000 entries.
    """
    listed = next((revocations[name] for name in _MEMBERS if name in revocations), None)
    if not isinstance(listed, list):
        raise StatusVerificationError("what stands at the list's address is no list of taken-back records")
    if len(listed) > MAXIMUM_ENTRIES:
        raise TooComplexError("the list of taken-back records is too long")
    if "id" in revocations and revocations["id"] != entry.list_url:
        raise StatusVerificationError("the list of taken-back records names another address")
    if "issuer" in revocations and not names_issuer(revocations, issuer):
        raise StatusVerificationError("the list of taken-back records is somebody else's")


def is_revoked(revocations: JSONObject, credential_id: Any) -> bool:
    """Whether a checked list names the credential: listed, and ``revoked`` true or absent.

    Raises:
        UnsupportedError: a record without an id, which no list can name.

    Spec: requirements.md §2.5 step 6; OB-3.0 #equality (ids are compared trimmed and percent-decoded)
    """
    if not isinstance(credential_id, str):
        raise UnsupportedError("the record has no id by which it could be looked up")
    wanted = plain_id(credential_id)
    for name in _MEMBERS:
        for item in as_list(revocations.get(name)):
            named = id_of(item)
            if named is not None and plain_id(named) == wanted and _counts(item):
                return True
    return False


def _counts(item: Any) -> bool:
    return not isinstance(item, dict) or item.get("revoked") is not False
