"""What a family carries by hand, and the school's own record that takes its place (requirements.md T4, T5).

A selection with a school's records in it is an unofficial copy, however well it holds. Once a school has sent the full
record of the same student itself, that one counts. Two records are about one student here only if they are one record,
or carry one school's same number: a name alone links nobody (security.md G09).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from credkit.ports import JSONObject
from credkit.shape import as_list, id_of
from verifier.services.records import identities
from verifier.services.results import Results
from verifier.store import ResultRecord

UNOFFICIAL: Final = "unofficial-copy"
REPLACED: Final = "replaced-by-official-record"
_NUMBERS: Final = frozenset({"sourcedId", "sisSourcedId", "oneRosterSourcedId", "lisSourcedId", "identifier"})
Mark = tuple[str, str, str]


@dataclass(frozen=True)
class Official:
    """A school's own record that takes the place of a packet's records by that school.

    Attributes:
        result_id: Of the result it came to here.
        signer: The school's DID; ``known_as`` is what our list calls it.
    """

    result_id: str
    signer: str
    known_as: str


def is_packet(story: Mapping[str, Any]) -> bool:
    """Whether a family chose these records and somebody else than the family signed at least one of them."""
    return "bundle" in story and any(sheet["voice"] != "family" for sheet in story["sheets"])


def officials(story: Mapping[str, Any], results: Results) -> tuple[Official, ...]:
    """The official records that have come here and take the place of what a packet holds, the newest of each school."""
    if not is_packet(story):
        return ()
    carried = set(_marks(story["report"]))
    found: dict[str, Official] = {}
    for result in results.official():
        sender = str(result.story["source"]["sender"])
        theirs = {mark for mark in _marks(result.story["report"]) if mark[0] == sender}
        if sender not in found and carried & theirs:
            found[sender] = Official(result.id, sender, _known_as(result))
    return tuple(found.values())


def notes(story: Mapping[str, Any], replaced_by: Iterable[Official]) -> list[JSONObject]:
    """The same for programs: ``{"id": "unofficial-copy"}``, and for each official record
    ``{"id": "replaced-by-official-record", "signer", "result"}``; empty for what is no packet. The ids are stable.
    """
    if not is_packet(story):
        return []
    return [{"id": UNOFFICIAL}, *({"id": REPLACED, "signer": each.signer, "result": each.result_id}
                                  for each in replaced_by)]


def _known_as(result: ResultRecord) -> str:
    return next((sheet["report"].get("trusted_name") or "" for sheet in result.story["sheets"]), "")


def _marks(report: Mapping[str, Any]) -> Iterator[Mark]:
    """By what a school's verified records are recognised: the school, and the record's id or the student's number."""
    document = report.get("document")
    if isinstance(document, dict):
        issuer = id_of(document.get("issuer")) or ""
        if isinstance(document.get("id"), str):
            yield issuer, "record", document["id"]
        for subject in as_list(document.get("credentialSubject")):
            if isinstance(subject, dict):
                yield from ((issuer, kind, value) for kind, value in identities(subject) if kind in _NUMBERS)
    for member in report.get("members", ()):
        yield from _marks(member)
