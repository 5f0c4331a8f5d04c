"""Comments on records: endorsements that stand inside a document and those that travel beside it (P1).

A comment is judged by the same pipeline as a record and reported beside the record it is about. It never decides about
the record: who changes a comment has not changed the record, and a record is no less signed because somebody says a
word about it. So ``endorsements`` is a check of its own that no record requires, and what a comment says may be shown
as signed only if the comment's own report is verified.

Spec: OB-3.0 #endorsementcredential; 34 CFR 99.21(b)(2), (c)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from credkit.credential import CREDENTIAL_TYPE
from credkit.errors import IssuerBindingError, MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles import clr_2, endorsement
from credkit.shape import as_list
from credkit.verification.report import Report, failed, passed, worst_of

ENDORSEMENTS = "endorsements"
ABOUT = "about"
_OPAQUE = frozenset({"verifiableCredential", "proof", "@context"})
_COMMENT_TYPES = {CREDENTIAL_TYPE, endorsement.TYPE_NAME}


def embedded_comments(document: JSONObject) -> Iterator[JSONObject]:
    """The endorsements inside a document, wherever in it they stand; not those inside its members."""
    for name, value in _members_of(document):
        if name == "endorsement":
            yield from (entry for entry in as_list(value) if isinstance(entry, dict))


def names_in(document: JSONObject) -> frozenset[str]:
    """What an endorsement inside a document may be about: the document, what it describes, and the records inside."""
    own = {value for name, value in _members_of(document) if name == "id" and isinstance(value, str)}
    return frozenset(own | _record_ids(document))


def members_of(document: JSONObject) -> Iterator[JSONObject]:
    """The records inside a transcript, read without judging."""
    if clr_2.is_mine(document):
        for subject in as_list(document.get("credentialSubject")):
            if isinstance(subject, dict):
                yield from (entry for entry in as_list(subject.get("verifiableCredential")) if isinstance(entry, dict))


def travelling(entries: Sequence[JSONObject]) -> frozenset[int]:
    """Which of the presented credentials are nothing but comments on another one there, or on a member of one.

    A comment on a person (a DID) belongs to that person's key, and a comment on a comment to nobody.

    Returns:
        Their places in ``entries``.
    """
    names = {name for entry in entries if not endorsement.is_mine(entry) for name in _record_ids(entry)}
    return frozenset(
        index for index, entry in enumerate(entries) if _is_comment(entry)
        and (about := endorsement.subject_id_of(entry)) in names and not str(about).startswith("did:"))


def judge(comment: Report, names: frozenset[str]) -> Report:
    """The report on a comment with the check ``about``: whether it is one, and about something in ``names``.

    Who says a word about a record need not be on a list of trusted issuers; the report tells whether it is.
    """
    document = comment.peek_document
    if not _is_comment(document):
        about = failed(ABOUT, MalformedValueError("this is no comment on a record", pointer="/type"))
    elif endorsement.subject_id_of(document) not in names:
        about = failed(ABOUT, IssuerBindingError("the comment is about another record",
                                                 pointer="/credentialSubject/id"))
    else:
        about = passed(ABOUT)
    return replace(comment, checks=(*comment.checks, about), optional=comment.optional | {"trust"})


def place(report: Report, comments: Sequence[Report]) -> Report:
    """``report`` with each comment beside the record it is about: this one, or one of its members."""
    if not comments:
        return report
    members = tuple(place(member, comments) for member in report.members)
    return attach(replace(report, members=members), [
        comment for comment in comments
        if endorsement.subject_id_of(comment.peek_document) == report.peek_document.get("id")])


def place_embedded(report: Report, comments: Sequence[Report]) -> Report:
    """Like ``place``, but what is about no member stays with ``report``, in whose document the comments stand."""
    inside = {name for member in report.members for name in _record_ids(member.peek_document)}
    by_place: tuple[list[Report], list[Report]] = ([], [])
    for comment in comments:
        by_place[endorsement.subject_id_of(comment.peek_document) in inside].append(comment)
    members = tuple(place(member, by_place[True]) for member in report.members)
    return attach(replace(report, members=members), by_place[False])


def attach(report: Report, comments: Sequence[Report]) -> Report:
    """``report`` with these comments, and the check ``endorsements`` over all it has."""
    if not comments:
        return report
    said = (*report.endorsements, *comments)
    others = tuple(check for check in report.checks if check.id != ENDORSEMENTS)
    return replace(report, checks=(*others, worst_of(ENDORSEMENTS, said)), endorsements=said)



def _is_comment(document: JSONObject) -> bool:
    names = as_list(document.get("type"))
    return all(isinstance(name, str) for name in names) and set(names) == _COMMENT_TYPES


def _record_ids(document: JSONObject) -> set[str]:
    own = {document["id"]} if isinstance(document.get("id"), str) else set()
    return own | {name for member in members_of(document) for name in _record_ids(member)}


def _members_of(document: JSONObject) -> Iterator[tuple[str, Any]]:
    """Every member of every object in a document; documents of their own and proofs are not looked into."""
    waiting: list[Any] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += [item for item in node if isinstance(item, (dict, list))]
            continue
        for name, value in node.items():
            yield name, value
            if isinstance(value, (dict, list)) and name not in _OPAQUE and name != "endorsement":
                waiting.append(value)
