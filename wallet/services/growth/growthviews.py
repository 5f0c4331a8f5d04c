"""A series as table, CSV, JSON and chart: four forms of the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from credkit.ports import JSONObject
from wallet.services.growth import glossary, growthwords
from wallet.services.growth.chart import Dot, Panel, Words, build_chart
from wallet.services.growth.growth import Change, Point, Series, Verdict
from wallet.services.growth.norms import Norm
from wallet.services.growth.sittings import Sitting
from wallet.services.growth.standing import PACE, Place, Standing
from wallet.services.growth.voice import Voice
from wallet.services.record.labels import N_
from wallet.services.record.reading import Issuer
from wallet.services.tables import build_csv

_VERDICTS: dict[Verdict, str] = {
    "none": N_("no clear change"), "probable": N_("probably"), "clear": N_("clear change"),
    "unknown": N_("error not given"),
}
_SCORES, _STANDINGS = 190, 130
_MOST_IN_WORDS = 12


@dataclass(frozen=True)
class Row:
    """One test of a series: the score, the change from the number before it, and the standings of the same day."""

    point: Point
    change: Change | None

    @property
    def sitting(self) -> Sitting:
        """The test."""
        return self.point.sitting

    @property
    def norms(self) -> tuple[Norm, ...]:
        """Its signed standings."""
        return self.point.sitting.norms


def rows_of(series: Series) -> tuple[Row, ...]:
    """Oldest first."""
    change_to = {id(change.later): change for change in series.steps}
    return tuple(Row(point, change_to.get(id(point))) for point in series.points)


def finding(change: Change, voice: Voice) -> str:
    """How sure a change is, in two or three words."""
    return voice.gettext(_VERDICTS[change.verdict])


def makers_of(sittings: Sequence[Sitting]) -> tuple[Issuer, ...]:
    """The signers, each once, in the order in which they first signed."""
    return tuple({sitting.issuer.id: sitting.issuer for sitting in sittings}.values())


# Text files -----------------------------------------------------------------------------------------------------------


def growth_csv(found: Sequence[Series], voice: Voice) -> str:
    """Every number of charts and tables, each in a column of its own; days as ISO, decimals with a point."""
    header = [glossary.name_of(field, voice.gettext) for field in glossary.GROWTH]
    return build_csv(header, [_csv_row(series, row, voice) for series in found for row in rows_of(series)])


def _csv_row(series: Series, row: Row, voice: Voice) -> list[str]:
    score, sitting, change = row.point.score, row.sitting, row.change
    span = ""
    if score is not None and score.value is not None and score.error is not None:
        span = f"{score.value - score.error} – {score.value + score.error}"
    return [
        growthwords.subject_name(series.subject, voice) or series.subject.partition(":")[2],
        score.name if score else "",
        sitting.on.isoformat(), sitting.title, growthwords.kind_of_test(sitting, voice), score.text if score else "",
        _plain(score.error) if score else "", span, _plain(change.difference) if change else "",
        f"{change.error:.2f}" if change and change.error is not None else "", finding(change, voice) if change else "",
        "; ".join(norm.text for norm in row.norms), "; ".join(norm.group for norm in row.norms),
        "; ".join(f"{norm.z:.2f}" for norm in row.norms),
        "; ".join(f"{said.name}: {said.text}" for said in sitting.said), voice.signer(sitting.issuer),
    ]


def standing_csv(standings: Sequence[Standing], voice: Voice) -> str:
    """The standings of several tests."""
    header = [glossary.name_of(field, voice.gettext) for field in glossary.STANDING]
    return build_csv(header, [
        [place.sitting.on.isoformat(), place.sitting.title, place.norm.text, place.norm.group, f"{place.norm.z:.2f}",
         "" if standing.rate is None else f"{standing.rate:.2f}", voice.signer(place.sitting.issuer)]
        for standing in standings for place in standing.places])


def series_json(series: Series, voice: Voice) -> JSONObject:
    """The same for machines."""
    change = series.change
    return {
        "id": series.id, "title": series.newest.sitting.title,
        "measure": series.newest.score.name if series.newest.score else None,
        "sentence": growthwords.sentence(series, voice),
        "next_step": growthwords.next_step(series),
        "change": change and {
            "from": change.earlier.sitting.on.isoformat(), "to": change.later.sitting.on.isoformat(),
            "difference": float(change.difference), "error": change.error, "verdict": change.verdict,
            "weak": change.weak},
        "results": [_result_json(row) for row in rows_of(series)],
        "standings": [standing_json(standing, voice) for standing in series.standings],
        "limits": [limit.code for limit in series.limits],
    }


def _result_json(row: Row) -> JSONObject:
    score, sitting = row.point.score, row.sitting
    return {
        "day": sitting.on.isoformat(), "item_id": sitting.item_id, "issuer": sitting.issuer.id,
        "purpose": sitting.purpose or None, "grade_level": sitting.grade or None,
        "score": score and score.text, "error": None if score is None or score.error is None else float(score.error),
        "change": None if row.change is None else float(row.change.difference),
        "said": [{"kind": said.kind, "name": said.name, "value": said.text} for said in sitting.said],
    }


def standing_json(standing: Standing, voice: Voice) -> JSONObject:
    """A standing for machines."""
    return {
        "sentence": growthwords.standing_sentence(standing, voice), "rate": standing.rate, "band": standing.band,
        "weak": standing.weak, "limits": [limit.code for limit in standing.limits],
        "places": [{"day": place.sitting.on.isoformat(), "value": place.norm.text, "kind": place.norm.kind,
                    "group": place.norm.group, "z": round(place.norm.z, 4)} for place in standing.places],
    }


def _plain(value: Decimal | None) -> str:
    return "" if value is None else str(value)


# Charts ---------------------------------------------------------------------------------------------------------------


def series_chart(series: Series, voice: Voice) -> str | None:
    """Scores with their errors and, where one was signed, the standing below; None where there is nothing to draw."""
    makers = makers_of([point.sitting for point in series.points])
    unsure = {id(change.later) for change in series.steps if change.weak or change.verdict == "unknown"}
    dots = tuple(_score_dot(point, makers, care=id(point) in unsure)
                 for point in series.points if point.value is not None)
    panels = [Panel(voice.gettext(N_("Score, with ±1 standard error")), _SCORES, dots)] if dots else []
    notes = [voice.gettext(N_("Hollow: the error is not given"))] if any(not dot.firm for dot in dots) else []
    standing = series.standings[:1]
    return _chart(panels, notes, standing, makers, growthwords.sentence(series, voice), series.id, voice)


def standing_chart(standing: Standing, name: str, voice: Voice) -> str | None:
    """The standing alone, over all tests of a subject."""
    makers = makers_of([place.sitting for place in standing.places])
    said = growthwords.standing_sentence(standing, voice)
    return _chart([], [], (standing,), makers, said, name, voice)


def _chart(panels: list[Panel], notes: list[str], standing: Sequence[Standing], makers: tuple[Issuer, ...], said: str,
           name: str, voice: Voice) -> str | None:
    for each in standing:
        places = tuple(_place_dot(place, makers, care=each.weak) for place in each.places)
        panels = [*panels, Panel(voice.gettext(N_("Standing (0 = middle of the group)")), _STANDINGS, places,
                                 PACE if len(places) > 1 else None, least_span=1.0)]
        if len(places) > 1:
            notes = [*notes, voice.gettext(N_("Shaded: the usual pace, ±0.30 a year"))]
    if not panels:
        return None
    if any(dot.care for panel in panels for dot in panel.dots):
        notes = [*notes, voice.gettext(N_("Dashed: take this step with care"))]
    words = Words(
        title=said, description=_in_words(panels, voice),
        makers=tuple(voice.short(voice.signer(maker)) for maker in makers), notes=tuple(notes), month=voice.month,
        number=lambda value: voice.signed(value) if value < 0 else voice.number(round(value, 4)))
    return build_chart(panels, words, name=f"chart{name}")


def _in_words(panels: Sequence[Panel], voice: Voice) -> str:
    """The chart for those who do not see it: each value with its day; of many, the newest ones."""
    parts = []
    for panel in panels:
        dots = panel.dots[-_MOST_IN_WORDS:]
        parts.append(f"{panel.title}: " + "; ".join(
            f"{voice.day(dot.on)}: {voice.signed(dot.value) if dot.value < 0 else voice.number(round(dot.value, 2))}"
            for dot in dots))
    return ". ".join(parts) + "."


def _score_dot(point: Point, makers: tuple[Issuer, ...], *, care: bool) -> Dot:
    error = point.score.error if point.score is not None else None
    return Dot(point.sitting.on, float(point.value or 0), None if error is None else float(error),
               _index(point.sitting, makers), error is not None, care)


def _place_dot(place: Place, makers: tuple[Issuer, ...], *, care: bool) -> Dot:
    return Dot(place.sitting.on, place.norm.z, None, _index(place.sitting, makers), True, care)


def _index(sitting: Sitting, makers: tuple[Issuer, ...]) -> int:
    return next(number for number, maker in enumerate(makers) if maker.id == sitting.issuer.id)
