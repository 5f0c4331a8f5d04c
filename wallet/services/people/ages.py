"""How far a learner has come: child, co-manager at 16, owner at 18 or on entering college, at local midnight (R1, R2).

Who was born on 29 February has their birthday on 1 March in other years, which is when the law counts the year as over.

Spec: requirements.md §1.2 (R1, R2), §4; 34 CFR 99.3, 99.5; security.md G07
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from credkit.ports import JSONObject

Stage = Literal["child", "co-manager", "owner"]
CO_MANAGE_AGE: Final = 16
OWN_AGE: Final = 18
NOTICE: Final = timedelta(days=90)


def birthday(born: date, years: int) -> date:
    """The day on which somebody born on ``born`` has lived ``years`` years."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def begins(day: date, time_zone: str) -> datetime:
    """Local midnight at the start of ``day``; where there is none, or two, the first moment of the day."""
    local = datetime.combine(day, time(), tzinfo=_zone(time_zone))
    return local.astimezone(UTC)


def hand_over_at(about: JSONObject) -> datetime | None:
    """When the record becomes the learner's own: at 18, or earlier on entering college; None without a birth date.

    Args:
        about: ``birth_date`` (``YYYY-MM-DD`` or None), ``time_zone`` (IANA name), ``college_from`` (a date or None).
    """
    zone = str(about.get("time_zone") or "UTC")
    days = [birthday(born, OWN_AGE) for born in _dates(about.get("birth_date"))] + _dates(about.get("college_from"))
    return begins(min(days), zone) if days else None


def stage_of(about: JSONObject, now: datetime) -> Stage:
    """The stage at ``now``. Without a birth date the learner stays a child: nobody is let in by a gap."""
    over = hand_over_at(about)
    if over is not None and over <= now:
        return "owner"
    zone = str(about.get("time_zone") or "UTC")
    born = _dates(about.get("birth_date"))
    if born and begins(birthday(born[0], CO_MANAGE_AGE), zone) <= now:
        return "co-manager"
    return "child"


def _dates(text: object) -> list[date]:
    try:
        return [date.fromisoformat(text)] if isinstance(text, str) and text else []
    except ValueError:
        return []


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
