"""Names and numbers in records shown in part: what is withheld there must not keep two records of one person apart.

A family that shows the value of an identity alone withholds of which kind it is. Then nobody can tell a name from a
number, but the same value from the same signer still means the same person.
"""

from __future__ import annotations

from credkit.ports import JSONObject
from credkit.shape import as_list

_SIGNERS_OWN = "sourcedId"


def with_kinds(credential: JSONObject) -> JSONObject:
    """A copy for ``check_same_person`` in which an identity of a withheld kind counts as a number of its signer."""
    subjects = [_with_kinds(subject) for subject in as_list(credential.get("credentialSubject"))]
    return {**credential, "credentialSubject": subjects}


def _with_kinds(subject: object) -> object:
    if not isinstance(subject, dict):
        return subject
    return {**subject, "identifier": [_completed(entry) for entry in as_list(subject.get("identifier"))]}


def _completed(identity: object) -> object:
    if not isinstance(identity, dict):
        return identity
    return {"hashed": False, "identityType": _SIGNERS_OWN, **identity}
