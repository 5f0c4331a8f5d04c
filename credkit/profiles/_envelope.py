"""What an achievement credential, a transcript and an endorsement have in common around their subject.

Spec: OB-3.0 #achievementcredential, #endorsementcredential; CLR-2.0 #clrcredential; requirements.md §2.1, §2.3
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from credkit.credential import V1_CONTEXT
from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles._checking import ClassCheck, text_of
from credkit.shape import as_list, is_url, pointer

OPEN_BADGES_CONTEXT: Final = re.compile(r"https://purl\.imsglobal\.org/spec/ob/v3p0/context(-3\.\d\.\d)*\.json")
CLR_CONTEXT: Final = re.compile(r"https://purl\.imsglobal\.org/spec/clr/v2p0/context(-2\.\d\.\d)*\.json")
OLDER: Final = "Verifiable Credentials 1.1"
_V1_NAMES: Final = {"validFrom": "issuanceDate"}


def only_subject(document: JSONObject) -> JSONObject:
    """The one ``credentialSubject`` object; an array of one counts as the object itself.

    Raises:
        MalformedValueError: none, several, or not an object.
    """
    subjects = as_list(document.get("credentialSubject"))
    if len(subjects) != 1 or not isinstance(subjects[0], dict):
        raise MalformedValueError("credentialSubject must be one object", pointer="/credentialSubject")
    subject: JSONObject = subjects[0]
    return subject


def is_older(document: Any) -> bool:
    """Whether a document is written in the words of VCDM 1.1."""
    contexts = as_list(document.get("@context")) if isinstance(document, dict) else []
    return bool(contexts) and contexts[0] == V1_CONTEXT


def check_envelope(document: JSONObject, checking: ClassCheck, *, required: Iterable[str],
                   contexts: tuple[re.Pattern[str], ...], derived: bool) -> None:
    """Check everything but the subject.

    Args:
        contexts: What the second and further entries of ``@context`` must be.

    Raises:
        MalformedValueError: a member of the wrong kind.
    """
    older = is_older(document)
    if older:
        checking.remark("/@context", "older_badge", OLDER)
    for each in required:
        name = _V1_NAMES.get(each, each) if older else each
        if not derived and document.get(name) in (None, []):
            checking.remark(pointer(name), "member_missing", name)
    named = as_list(document.get("@context"))[1 : len(contexts) + 1]
    if len(named) < len(contexts) or not all(
            isinstance(url, str) and form.fullmatch(url) for form, url in zip(contexts, named, strict=True)):
        checking.remark("/@context", "context_order")
    issuer = document.get("issuer")
    for at, profile in _places(issuer, "issuer"):
        if not is_url(profile):
            checking.check_node(profile, "Profile", at)
    for name, class_name in (("image", "Image"), ("evidence", "Evidence")):
        for at, node in _places(document.get(name), name):
            checking.check_node(node, class_name, at)
    _check_members(document, checking)


def _check_members(document: JSONObject, checking: ClassCheck) -> None:
    for name in ("name", "description"):
        _check_texts(document.get(name), f"/{name}")
    for name in ("validFrom", "validUntil", "awardedDate"):
        checking.check_moment(document, name)
    if len(as_list(document.get("credentialStatus"))) > 1:
        checking.remark("/credentialStatus", "several_values", "credentialStatus")
    for at, service in _places(document.get("refreshService"), "refreshService"):
        if not isinstance(service, dict) or not is_url(service.get("id")):
            checking.remark(at + "/id", "member_missing", "id")
    checking.check_endorsements(document)


def _places(value: Any, name: str) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [(f"/{name}/{index}", item) for index, item in enumerate(value)]
    return [] if value is None else [(f"/{name}", value)]


def _check_texts(value: Any, at: str) -> None:
    for item in as_list(value):
        if not text_of(item) and item != "":
            raise MalformedValueError("a text has the wrong form", pointer=at)
