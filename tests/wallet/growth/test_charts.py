"""Charts and tables: the same numbers in each, nothing a stranger wrote gets out of its place, no formulas."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.ports import JSONObject
from tests.wallet.growth.test_growth import FIRST, SECOND, series_of, view
from tests.wallet.growth.voices import voice
from tests.wallet.results import NAMES, SCHOOL, TUTOR, reading
from wallet.services.growth import glossary, growthviews
from wallet.services.growth.chart import Dot, Panel, Words, build_chart, look_of, ticks_of
from wallet.services.growth.growth import Series
from wallet.services.tables import build_csv, safe_cell

VOICE = voice()
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script>"\' onload=x &amp; ]]> \x00\x08\u202e'


def drawn(series: Series) -> Element:
    svg = growthviews.series_chart(series, VOICE)
    assert svg is not None
    return ElementTree.fromstring(svg)


def words(**changes: Any) -> Words:
    given: dict[str, Any] = {"title": "Title", "description": "Description", "makers": ("A",), "notes": (),
                             "month": date.isoformat, "number": lambda value: f"{value:g}"}
    return Words(**{**given, **changes})


def test_a_chart_has_a_name_and_a_description_with_its_numbers() -> None:
    root = drawn(series_of(FIRST, SECOND))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")

    assert root.get("role") == "img" and title is not None and description is not None
    assert (root.get("aria-labelledby") or "").split() == [title.get("id"), description.get("id")]
    assert title.text == "The score rose from 211 to 222: probably a real gain, just short of clear."
    for number in ("211", "222", "−0.1", "0.39", "2013-04-21"):
        assert number in (description.text or ""), number


def test_a_chart_holds_presentation_attributes_only() -> None:
    root = drawn(series_of(FIRST, SECOND))

    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "circle", "polygon", "line", "text"}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert name not in ("style", "href") and not name.startswith("on") and "url(" not in value


def test_bars_reach_one_error_up_and_down_and_points_lie_at_their_values() -> None:
    root = drawn(series_of(FIRST, SECOND))
    first, second = (float(circle.get("cy") or 0) for circle in root.findall(f"{SVG}circle")[:2])
    unit = (first - second) / 11  # pixels a point
    bars = [(float(line.get("y1") or 0), float(line.get("y2") or 0)) for line in root.findall(f"{SVG}line")
            if line.get("stroke-width") == "2" and line.get("x1") == line.get("x2")]

    assert [round((low - high) / 2 / unit, 1) for high, low in bars] == [4.0, 3.9]


def test_the_fan_opens_by_thirty_hundredths_a_year() -> None:
    root = drawn(series_of(FIRST, SECOND))
    (fan,) = [polygon for polygon in root.findall(f"{SVG}polygon") if polygon.get("fill-opacity")]
    (_, start), (_, up), (_, down) = (tuple(map(float, pair.split(","))) for pair in (fan.get("points") or "").split())
    z_1, z_2 = (float(circle.get("cy") or 0) for circle in root.findall(f"{SVG}circle")[2:4])

    unit = (z_1 - z_2) / (0.38532 + 0.10043)
    assert [(start - up) / unit, (down - start) / unit] == pytest.approx([0.30, 0.30], abs=0.01)


def test_each_of_thirty_six_signers_has_a_look_of_its_own() -> None:
    assert len({look_of(number) for number in range(36)}) == 36


def test_colours_stand_out_from_white_and_none_is_a_traffic_light() -> None:
    for number in range(6):
        red, green, blue = (int(look_of(number)[0][place:place + 2], 16) for place in (1, 3, 5))
        light = sum(weight * ((part / 255 + 0.055) / 1.055) ** 2.4
                    for weight, part in ((0.2126, red), (0.7152, green), (0.0722, blue)))
        assert 1.05 / (light + 0.05) > 4.5
        assert not (green > 1.5 * max(red, blue)) and not (red > 4 * max(green, blue))


def test_what_signers_write_stays_text() -> None:
    document = reading("2026-04-20", "222", rank="65", name=HOSTILE)
    document["issuer"]["name"] = HOSTILE
    svg = growthviews.series_chart(series_of(document), VOICE)

    assert svg is not None and "<script" not in svg and "\x00" not in svg and "onload=x &amp;am" in svg
    ElementTree.fromstring(svg)


def test_a_result_without_error_is_hollow_and_its_line_dashed() -> None:
    root = drawn(series_of(reading("2025-04-20", "211"), reading("2026-04-20", "222", None)))

    assert [circle.get("fill") for circle in root.findall(f"{SVG}circle")[:2]] == ["#1f4e79", "#ffffff"]
    assert any(line.get("stroke-dasharray") for line in root.findall(f"{SVG}line"))
    assert any(text.text == "Hollow: the error is not given" for text in root.findall(f"{SVG}text"))


def test_a_step_between_tests_that_were_not_given_alike_is_dashed() -> None:
    def dashed(*tags: str) -> int:
        root = drawn(series_of(reading("2025-04-20", "211"), reading("2026-04-20", "222", tags=tags)))
        return sum(1 for line in root.findall(f"{SVG}line") if line.get("stroke-dasharray"))

    assert (dashed(), dashed("accommodation:extra time")) == (0, 1)


def test_one_colour_and_shape_for_each_signer() -> None:
    found = series_of(reading("2025-04-20", "211"), reading("2026-04-20", "222", by=TUTOR))
    root = drawn(found)

    assert len(root.findall(f"{SVG}circle")) == 2  # a point and its line in the legend
    assert {text.text for text in root.findall(f"{SVG}text")} >= {NAMES[SCHOOL], NAMES[TUTOR]}


@given(st.lists(st.tuples(st.integers(0, 4000), st.floats(-1e9, 1e9), st.floats(0.001, 1e6) | st.none()), min_size=1,
                max_size=40))
def test_everything_lies_inside_the_picture(values: list[tuple[int, float, float | None]]) -> None:
    dots = tuple(Dot(date(2015, 1, 1) + timedelta(days=day), value, error, 0, True)
                 for day, value, error in sorted(values, key=lambda value: value[0]))
    root = ElementTree.fromstring(build_chart([Panel("Score", 190, dots, pace=0.3)], words(), name="x"))

    height = float(root.get("height") or 0)
    for element in root.iter():
        for name in ("cy", "y1", "y2", "y"):
            assert 0 <= float(element.get(name) or 0) <= height
        for name in ("cx", "x1", "x2", "x"):
            assert 0 <= float(element.get(name) or 0) <= 360


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_are_few_round_and_inside(low: float, span: float) -> None:
    ticks = ticks_of(low, low + span)

    assert 1 <= len(ticks) <= 6
    assert all(low - span * 1e-6 <= tick <= low + span * (1 + 1e-6) for tick in ticks)
    gaps = {round(second - first, 6) for first, second in pairwise(ticks)}
    assert not gaps or max(gaps) - min(gaps) < 1e-4


def test_table_chart_and_csv_hold_the_same_numbers() -> None:
    series = series_of(FIRST, SECOND)
    rows = list(csv.DictReader(io.StringIO(growthviews.growth_csv([series], VOICE).removeprefix("\ufeff"))))

    assert [(row["Score"], row["Standard error"], row["Change"], row["How sure"]) for row in rows] == [
        ("211", "4.0", "", ""), ("222", "3.9", "11", "probably")]
    assert [row["Distance from the middle"] for row in rows] == ["-0.10", "0.39"]
    assert list(rows[0]) == [glossary.ENTRIES[field][0] for field in glossary.GROWTH]


# CSV ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "=HYPERLINK(\"x\")",
                                  "|cmd", "＝1+1", "-", "%0A=1", "\ufeff=1", "\u00a0=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe_cell(cell).startswith("'")


@pytest.mark.parametrize("cell", ["222", "-0.10", "+11", "3.9", "2026-04-20", "MAP Growth", "", "Núñez, José"])
def test_numbers_days_and_words_stay_as_they_are(cell: str) -> None:
    assert safe_cell(cell) == cell


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=5))
def test_what_goes_in_comes_out_of_another_reader(rows: list[list[str]]) -> None:
    text = build_csv(["a", "b", "c"], rows)

    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read == [["a", "b", "c"], *([safe_cell(cell) for cell in row] for row in rows)]
    assert all(not re.match(r"\s*[=@]", cell) for row in read[1:] for cell in row)


def test_a_hostile_name_in_a_record_is_no_formula_in_the_table() -> None:
    document: JSONObject = reading("2026-04-20", "222", name="=HYPERLINK(\"https://evil.example\")")
    text = growthviews.growth_csv(view(document).all_series(), VOICE)

    assert ",=HYPERLINK" not in text and '"=HYPERLINK' not in text and "'=HYPERLINK" in text
