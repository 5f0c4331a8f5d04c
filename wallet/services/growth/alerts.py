"""Early, quiet notices from records: attendance and grades. Computed here from what lies here; nobody else is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from credkit.ports import JSONObject
from credkit.shape import format_date_time
from wallet.services.growth import scales
from wallet.services.growth.sources import Source, open_sources
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.reading import Issuer, Record, issuer_of, read_record
from wallet.vault import OpenVault

Kind = Literal["absent", "absent-more", "late", "grade-dropped", "grade-low", "grade-missing", "work-missing"]
Scale = Literal["percent", "letter", ""]

ATTENDANCE: Final = "ext:AttendanceSummary"
_UNFINISHED: Final = frozenset({"InProgress", "Enrolled", "Provisional"})
_LEFT_OUT: Final = frozenset({"revoked", "suspended"})
_STALE_DAYS: Final = 150
_LOOK_BACK_DAYS: Final = 400
_LEAST_SCHOOL_DAYS: Final = 10
_OFTEN: Final = Decimal("0.10")
"""Missing one day in ten is what schools call chronic absence."""

_MORE: Final = Decimal("0.05")
_DROP_POINTS: Final = 10
_LOW_PERCENT: Final = 60
_GRACE_DAYS: Final = 14
_LETTERS: Final = {letter: rank for rank, letter in enumerate(
    ("F", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A", "A+"))}
_DROP_LETTERS: Final = 3
_NUMERIC: Final = frozenset({"Percent", "ext:NumericGrade"})
_WHAT: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("rate", re.compile("rate|tasa|porcentaje")),
    ("absent", re.compile("absen|ausen|inasisten")),
    ("late", re.compile("tard|late|retras")),
    ("enrolled", re.compile("enrol|membership|session|schoolday|matricul")),
    ("present", re.compile("present|inattendance|attended|asist")),
)
_MISSING_WORK: Final = re.compile("missing(?:assignment|work)?|notsubmitted|sinentregar", re.IGNORECASE)


@dataclass(frozen=True)
class Alert:
    """One notice.

    Attributes:
        title: The course, or empty for attendance.
        before, now: Grades as signed, or days as text: what the sentence names.
        total: School days of the term, where the sentence names them.
        on: The day of the record that says it.
    """

    kind: Kind
    title: str
    language: str | None
    before: str
    now: str
    total: str
    term: str
    on: date
    issuer: Issuer
    item_id: str
    index: int | None


@dataclass(frozen=True)
class _Seen:
    """A grade of a course at one time; ``number`` on 0 to 100 or a letter's rank."""

    source: Source
    record: Record
    on: datetime
    text: str
    scale: Scale
    number: Decimal
    unfinished: bool


def alerts(vault: OpenVault, now: datetime) -> tuple[Alert, ...]:
    """What a parent would want to know soon, newest first; nothing that is older than a term."""
    entries = vault.entries(CREDENTIAL)
    lines = [entry.summary for entry in entries]
    since = format_date_time(now - timedelta(days=_LOOK_BACK_DAYS))
    underway = {_course_name(line) for line in lines if line["kind"] == "course" and line["valid_from"] >= since
                and _UNFINISHED.intersection(line.get("statuses", _UNFINISHED))}

    def may_tell(line: JSONObject) -> bool:
        tells = (_course_name(line) in underway if line["kind"] == "course"
                 else line["achievement_type"] == ATTENDANCE or line["kind"] == "transcript")
        return tells and str(line["valid_from"]) >= since

    found = open_sources(vault, (entry for entry in entries if may_tell(entry.summary)), editions=True)
    return build_alerts(found, now)


def _course_name(line: JSONObject) -> tuple[str, str]:
    return line["issuer_id"] or "", line["title"]


def build_alerts(found: Iterable[Source], now: datetime) -> tuple[Alert, ...]:
    """The same from records that were read already."""
    attendance: list[tuple[Source, Record]] = []
    courses: dict[tuple[str, str], list[tuple[Source, Record]]] = {}
    for source in found:
        record = read_record(source.document)
        if source.status in _LEFT_OUT or record.valid_from is None:
            continue
        if record.achievement_type == ATTENDANCE:
            attendance.append((source, record))
        elif record.kind == "course":
            name = record.code or record.title
            courses.setdefault((issuer_of(source.document).id, name.casefold()), []).append((source, record))
    raised = [*_attendance(attendance), *(alert for rows in courses.values() for alert in _course(rows, now))]
    fresh = [alert for alert in raised if 0 <= (now.date() - alert.on).days <= _STALE_DAYS]
    return tuple(sorted(fresh, key=lambda alert: (alert.on, alert.kind, alert.title), reverse=True))


# Attendance -----------------------------------------------------------------------------------------------------------


def read_days(record: Record) -> dict[str, Decimal]:
    """``absent``, ``late``, ``enrolled`` days of an attendance summary, as far as it gives them."""
    found: dict[str, Decimal] = {}
    for result in sorted(record.results, key=lambda each: (each.result_type, each.name)):
        number = scales.read_number(result.value.rstrip("%"))
        for said in (result.result_type.removeprefix("ext:"), result.name):
            letters = re.sub(r"[^a-záéíóúñ]", "", said.casefold())
            what = next((what for what, pattern in _WHAT if pattern.search(letters)), None)
            if what is not None and number is not None and number >= 0:
                found.setdefault(what, number)
                break
    if "enrolled" not in found and {"absent", "present"} <= found.keys():
        found["enrolled"] = found["absent"] + found["present"]
    if "absent" not in found and {"enrolled", "present"} <= found.keys():
        found["absent"] = max(found["enrolled"] - found["present"], Decimal(0))
    return found


def _attendance(rows: list[tuple[Source, Record]]) -> list[Alert]:
    """From the newest summary of each signer, with the one before it to see a rise."""
    by_issuer: dict[str, list[tuple[Source, Record]]] = {}
    for source, record in sorted(rows, key=lambda row: (_day(row[1]), _signed(row[1]))):
        by_issuer.setdefault(issuer_of(source.document).id, []).append((source, record))
    raised = []
    for each in by_issuer.values():
        source, record = each[-1]
        days = read_days(record)
        enrolled = days.get("enrolled", Decimal(0))
        if enrolled < _LEAST_SCHOOL_DAYS:
            continue
        absent, late = days.get("absent", Decimal(0)), days.get("late", Decimal(0))
        if max(absent, late) > enrolled:
            continue  # no such term
        before = _absence_before(each[:-1], record)
        if absent / enrolled >= _OFTEN:
            raised.append(_notice("absent", source, record, now=absent, total=enrolled))
        elif before is not None and absent / enrolled - before >= _MORE:
            raised.append(_notice("absent-more", source, record, now=absent, total=enrolled))
        if late / enrolled >= _OFTEN:
            raised.append(_notice("late", source, record, now=late, total=enrolled))
    return raised


def _absence_before(earlier: list[tuple[Source, Record]], latest: Record) -> Decimal | None:
    for _source, record in reversed(earlier):
        days = read_days(record)
        if _day(record) < _day(latest) and days.get("enrolled", Decimal(0)) >= _LEAST_SCHOOL_DAYS and "absent" in days:
            return days["absent"] / days["enrolled"]
    return None


def _notice(kind: Kind, source: Source, record: Record, *, now: Decimal, total: Decimal) -> Alert:
    return Alert(kind, "", record.language, "", str(now.normalize() + 0), str(total.normalize() + 0), record.term,
                 _day(record), issuer_of(source.document), source.item_id, source.index)


# Grades ---------------------------------------------------------------------------------------------------------------


def _course(rows: list[tuple[Source, Record]], now: datetime) -> list[Alert]:
    seen = sorted((_seen(source, record) for source, record in rows), key=lambda each: (each.on, not each.unfinished))
    latest = seen[-1]
    if not latest.unfinished:
        return []
    raised = []
    best = max((each for each in seen[:-1] if each.scale == latest.scale and latest.scale
                and (latest.on - each.on).days <= _STALE_DAYS), key=lambda each: each.number, default=None)
    least = _DROP_POINTS if latest.scale == "percent" else _DROP_LETTERS
    if best is not None and best.number - latest.number >= least:
        raised.append(_grade("grade-dropped", latest, before=best.text))
    elif latest.scale and latest.number < (_LOW_PERCENT if latest.scale == "percent" else 1):
        raised.append(_grade("grade-low", latest))
    missing = _missing_work(latest.record)
    if missing:
        raised.append(_grade("work-missing", latest, now=missing))
    ended = latest.record.ends_at
    if ended is not None and (now - ended).days > _GRACE_DAYS:
        raised.append(_grade("grade-missing", latest, on=ended.date()))
    return raised


def _seen(source: Source, record: Record) -> _Seen:
    text, number = "", Decimal(0)
    scale: Scale = ""
    for result in sorted(record.results, key=lambda each: (each.result_type, each.name)):
        value = scales.read_number(result.value.rstrip("%"))
        if result.result_type in _NUMERIC and value is not None and 0 <= value <= 100:
            text, scale, number = result.value, "percent", value
        elif result.result_type == "LetterGrade" and result.value.strip().upper() in _LETTERS and scale != "percent":
            text, scale, number = result.value, "letter", Decimal(_LETTERS[result.value.strip().upper()])
    states = {result.status for result in record.results if result.status}
    return _Seen(source, record, _signed(record), text, scale, number, bool(states & _UNFINISHED))


def _missing_work(record: Record) -> str:
    for result in record.results:
        number = scales.read_number(result.value)
        if number is not None and number > 0 and (_MISSING_WORK.search(result.result_type.removeprefix("ext:"))
                                                  or _MISSING_WORK.fullmatch(result.name.replace(" ", ""))):
            return str(number.normalize() + 0)
    return ""


def _grade(kind: Kind, seen: _Seen, *, before: str = "", now: str = "", on: date | None = None) -> Alert:
    return Alert(kind, seen.record.title, seen.record.language, before, now or seen.text, "", seen.record.term,
                 on or seen.on.date(), issuer_of(seen.source.document), seen.source.item_id, seen.source.index)


def _day(record: Record) -> date:
    moment = record.ends_at or record.starts_at or record.valid_from
    return moment.date() if moment is not None else date.min


def _signed(record: Record) -> datetime:
    return record.valid_from or datetime.min.replace(tzinfo=UTC)


def alert_json(alert: Alert) -> JSONObject:
    """A notice for machines."""
    return {"kind": alert.kind, "title": alert.title or None, "before": alert.before or None, "now": alert.now or None,
            "total": alert.total or None, "term": alert.term or None, "day": alert.on.isoformat(),
            "issuer": alert.issuer.id, "item_id": alert.item_id}
