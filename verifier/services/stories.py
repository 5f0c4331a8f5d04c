"""From a report to what people are told: the checks, and what the records say where their signature held.

A story is plain JSON, because it is all that is kept of an answer: reports without proofs, never what the wallet sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from credkit.ports import JSONObject
from credkit.verification import Outcome, Report
from verifier.services.records import describe

_FIXED_BY_SIGNATURE: Final = ("shape", "vocabulary", "proof", "issuer-binding")


def tell(report: Report) -> JSONObject:
    """The story: ``{"report", "sheets": [sheet, …]}``, a sheet per record being ``{"report", "record", "members"}``."""
    return {"report": without_proofs(report.to_json()), "sheets": [_sheet(entry) for entry in signed_reports(report)]}


def signature_held(report: Report) -> bool:
    """Whether the words of the document are the words that were signed, by the issuer they name."""
    outcomes = {check.id: check.outcome for check in report.checks}
    return all(outcomes.get(check_id) is Outcome.PASSED for check_id in _FIXED_BY_SIGNATURE)


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
    types = report.peek_document.get("type")
    return (
        "VerifiablePresentation" in (types if isinstance(types, list) else [types]) or report.check("query") is not None
    )


def signed_reports(report: Report) -> Iterator[Report]:
    """The reports on credentials: this one, or those inside a presentation or an answer."""
    if not is_container(report):
        yield report
    else:
        for member in report.members:
            yield from signed_reports(member)


def _sheet(report: Report) -> JSONObject:
    inner = without_proofs(report.to_json())
    for name in ("document", "members", "endorsements"):
        inner.pop(name, None)
    return {
        "report": inner,
        "record": asdict(describe(report.peek_document)) if signature_held(report) else None,
        "members": [_sheet(member) for member in report.members],
        "endorsements": [_sheet(member) for member in report.endorsements],
    }
