"""From a report to what people are told: the checks, and what the records say where their signature held.

A story is plain JSON, because it is all that is kept of an answer: reports without proofs, never what the wallet sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from credkit.ports import JSONObject
from credkit.profiles import clr_2, family
from credkit.shape import as_list, format_date_time, id_of
from credkit.verification import Outcome, Report
from verifier.services.claims import describe_claims
from verifier.services.enclosed import read_papers, without_papers
from verifier.services.records import Record, describe

_FIXED_BY_SIGNATURE: Final = ("shape", "vocabulary", "proof", "issuer-binding")
_FAMILY_KEY: Final = "did:key:"


@dataclass(frozen=True)
class Source:
    """How what was checked came here.

    Attributes:
        host: Of the wallet that a link led to; None for a file, a pasted text or an answer.
        sender: did:web of the school that sent its full record itself.
        offline: Nobody was asked.
        copies_of: When the oldest copy was made that stood in for asking; None if there was none.
        more: Whole records came where single values were asked for.
    """

    host: str | None = None
    sender: str | None = None
    offline: bool = False
    copies_of: datetime | None = None
    more: bool = False

    def to_json(self) -> JSONObject:
        """The form that is stored."""
        copies_of = None if self.copies_of is None else format_date_time(self.copies_of)
        return {"host": self.host, "sender": self.sender, "offline": self.offline, "copies_of": copies_of} | (
            {"more": True} if self.more else {})


def tell(report: Report, source: Source) -> JSONObject:
    """The story: ``{"report", "sheets": [sheet, …], "source", "authority", "bundle"?, "papers"?}``.

    A sheet per record is ``{"report", "record", "members", "endorsements", "voice"}``; ``voice`` says whose words they
    are: ``known`` (on our list), ``family`` (came along, signed by a key that is no office's) or ``other``. Where a
    family chose the records, ``bundle`` is the sheet of what holds them together, and each record has one of its own;
    ``papers`` are old papers that nobody verified, as long as nobody changed them (``enclosed.read_papers``).
    ``authority`` holds, for each grant by which somebody presents for the student, ``{"outcome", "grant": sheet}``.
    """
    story: JSONObject = {"report": without_proofs(report.to_json()), "source": source.to_json()}
    story["authority"] = list(_authority(report))
    if clr_2.is_selection(report.peek_document):
        # Whether the family's own key is on our list is not asked; each record in it has its own signer.
        frame = _without_trust(report)
        story["report"] = without_papers(without_proofs(frame.to_json()))
        story["papers"] = read_papers(report.peek_document) if signature_held(report) else []
        sheets = [_sheet(member) for member in report.members if not _is_grant_report(member)]
        return {**story, "sheets": sheets, "bundle": _sheet(replace(frame, members=()), came_along=True)}
    return {**story, "sheets": [_sheet(entry) for entry in signed_reports(report)]}


def signature_held(report: Report) -> bool:
    """Whether the words of the document are the words that were signed, by the issuer they name."""
    outcomes = {check.id: check.outcome for check in report.checks}
    needed = [check_id for check_id in _FIXED_BY_SIGNATURE if check_id != "vocabulary" or not holds_claims(report)]
    return all(outcomes.get(check_id) is Outcome.PASSED for check_id in needed)


def holds_claims(report: Report) -> bool:
    """Whether this is a report on an SD-JWT, whose document is its claims and whose signature covers every letter."""
    return report.check("vocabulary") is None and isinstance(report.peek_document.get("vct"), str)


def without_proofs(value: Any) -> Any:
    """A copy of JSON without any ``proof`` of its documents, so that what is kept cannot be presented again."""
    if isinstance(value, dict):
        return {
            name: without_proofs(item)
            for name, item in value.items()
            if not (name == "proof" and isinstance(item, (dict, list)))
        }
    if isinstance(value, list):
        return [without_proofs(item) for item in value]
    return value


def is_container(report: Report) -> bool:
    """Whether this is a report on a presentation or a whole answer, which only wraps what was signed."""
    if holds_claims(report):
        return False
    types = report.peek_document.get("type")
    return (
        "VerifiablePresentation" in (types if isinstance(types, list) else [types]) or report.check("query") is not None
    )


def signed_reports(report: Report) -> Iterator[Report]:
    """The reports on records: this one, or those inside a presentation or an answer, without grants."""
    if not is_container(report):
        yield report
    else:
        for member in report.members:
            if not _is_grant_report(member):
                yield from signed_reports(member)


def is_grant(document: JSONObject) -> bool:
    """Whether this is no record but a permission to act for a student."""
    return not family.GRANT_TYPES.isdisjoint(name for name in as_list(document.get("type")) if isinstance(name, str))


def _is_grant_report(report: Report) -> bool:
    return not holds_claims(report) and is_grant(report.peek_document)


def _authority(report: Report) -> Iterator[JSONObject]:
    """By which grants somebody presents for the student: those that are their own, and what came of checking them."""
    check = report.check("authority")
    if check is not None:
        presenter = id_of(report.peek_document.get("issuer" if clr_2.is_selection(report.peek_document) else "holder"))
        for member in report.members:
            subjects = as_list(member.peek_document.get("credentialSubject"))
            if _is_grant_report(member) and presenter in {id_of(subject) for subject in subjects}:
                yield {"outcome": str(check.outcome), "grant": _sheet(member)}
    for member in report.members:
        yield from _authority(member)


def _sheet(report: Report, *, came_along: bool = False, put_there: frozenset[int] = frozenset()) -> JSONObject:
    """The sheet of one report.

    Args:
        came_along: It is a comment that nobody but its signer put where it stands.
        put_there: Python ids of the comments that stand inside the document around this one.
    """
    voice = _voice(report, came_along)
    inner = without_proofs((_without_trust(report) if voice == "family" else report).to_json())
    for name in ("document", "members", "endorsements"):
        inner.pop(name, None)
    put_there = put_there or frozenset(id(entry) for entry in _embedded(report.peek_document))
    return {
        "report": inner,
        "record": asdict(_described(report)) if signature_held(report) else None,
        "members": [_sheet(member, put_there=put_there) for member in report.members],
        "endorsements": [
            _sheet(comment, came_along=came_along or id(comment.peek_document) not in put_there)
            for comment in report.endorsements
        ],
        "voice": voice,
    }


def _described(report: Report) -> Record:
    return describe_claims(report.peek_document) if holds_claims(report) else describe(report.peek_document)


def _without_trust(report: Report) -> Report:
    return replace(report, checks=tuple(check for check in report.checks if check.id != "trust"))


def _voice(report: Report, came_along: bool) -> str:
    if report.trusted_name is not None:
        return "known"
    if holds_claims(report):
        return "other"
    by_key = (id_of(report.peek_document.get("issuer")) or "").startswith(_FAMILY_KEY)
    return "family" if by_key and (came_along or family.is_mine(report.peek_document)) else "other"


def _embedded(value: Any) -> Iterator[JSONObject]:
    """The endorsements that stand inside a document: what its signer put there, not what came along with it."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield from (entry for entry in as_list(node.get("endorsement")) if isinstance(entry, dict))
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
