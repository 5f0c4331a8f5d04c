"""Growth: the worked example, sums done independently, and everything that must weaken or withhold a statement."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from math import sqrt
from statistics import NormalDist, median, quantiles, stdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.ports import JSONObject
from tests.support.shared import samples
from tests.wallet.growth.voices import voice
from tests.wallet.results import LEXILE, SCHOOL, TUTOR, percentile, put, reading, record, source
from wallet.services.growth import growth, growthwords, norms
from wallet.services.growth.growth import Overview, Series, build_overview
from wallet.services.growth.sittings import Sitting, read_sitting
from wallet.services.growth.standing import Standing, band_of, slope
from wallet.vault import OpenVault

VOICE = voice()


def read(*documents: JSONObject, status: Any = "good") -> tuple[Sitting, ...]:
    found = [read_sitting(source(document, status=status, item_id=str(number)))
             for number, document in enumerate(documents)]
    return tuple(sitting for sitting in found if sitting is not None)


def view(*documents: JSONObject, status: Any = "good") -> Overview:
    return build_overview(read(*documents, status=status))


def series_of(*documents: JSONObject, kind: str = "ext:RITScore") -> Series:
    (found,) = [series for series in view(*documents).all_series()
                if series.newest.score is not None and series.newest.score.kind == kind]
    return found


def codes(series: Series) -> set[str]:
    return {limit.code for limit in series.limits}


def said(series: Series) -> str:
    return growthwords.sentence(series, VOICE)


# The worked example of requirements §5.3 ------------------------------------------------------------------------------

FIRST = reading("2013-04-21", "211", "4.0", "46", "799", group="US grade 4, spring, NWEA 2011 norms")
SECOND = reading("2014-04-21", "222", "3.9", "65", "997", group="US grade 5, spring, NWEA 2011 norms", grade=5)


def test_the_worked_example_comes_out_as_it_was_worked() -> None:
    series = series_of(FIRST, SECOND)
    change, (standing,) = series.change, series.standings

    assert change is not None and change.difference == 11 and change.verdict == "probable" and not change.weak
    assert change.error == pytest.approx(5.6, abs=0.05) and change.ratio == pytest.approx(1.97, abs=0.005)
    assert [round(place.norm.z, 2) for place in standing.places] == [-0.10, 0.39]
    assert standing.rate == 0.49 and standing.band == "faster"
    assert said(series) == "The score rose from 211 to 222: probably a real gain, just short of clear."
    assert "faster than classmates" in growthwords.standing_sentence(standing, VOICE)
    lexile = series_of(FIRST, SECOND, kind=LEXILE[0])
    assert lexile.change is not None and lexile.change.difference == 198 and lexile.change.verdict == "unknown"


def test_two_scales_are_never_one_series() -> None:
    found = view(FIRST, SECOND).all_series()

    assert [[point.score.text for point in series.points if point.score] for series in found] == [
        ["211", "222"], ["799", "997"]]


# Change on one scale --------------------------------------------------------------------------------------------------

tenths = st.integers(min_value=1000, max_value=3500).map(lambda number: Decimal(number) / 10)
errors = st.integers(min_value=1, max_value=200).map(lambda number: Decimal(number) / 10)


@given(first=tenths, second=tenths, error_1=errors, error_2=errors)
def test_a_verdict_is_what_the_two_errors_allow(
        first: Decimal, second: Decimal, error_1: Decimal, error_2: Decimal) -> None:
    change = series_of(reading("2025-04-20", str(first), str(error_1)),
                       reading("2026-04-20", str(second), str(error_2))).change

    error = sqrt(float(error_1) ** 2 + float(error_2) ** 2)
    ratio = abs(float(second) - float(first)) / error
    assert change is not None and change.error == pytest.approx(error) and change.ratio == pytest.approx(ratio)
    if abs(ratio - 1) > 1e-9 and abs(ratio - 2) > 1e-9:
        assert change.verdict == ("none" if ratio < 1 else "probable" if ratio < 2 else "clear")


@pytest.mark.parametrize(("second", "verdict"), [
    ("204.9", "none"), ("205", "probable"), ("209.9", "probable"), ("210", "clear"), ("190", "clear"),
    ("195", "probable"), ("200", "none")])
def test_the_borders_are_exactly_one_and_two_errors_of_the_difference(second: str, verdict: str) -> None:
    change = series_of(reading("2025-04-20", "200", "3"), reading("2026-04-20", second, "4")).change

    assert change is not None and change.error == 5 and change.verdict == verdict


@pytest.mark.parametrize(("scores", "sentence"), [
    (("200", "210"), "The score rose from 200 to 210: a clear gain."),
    (("200", "206"), "The score rose from 200 to 206: probably a real gain."),
    (("200", "201"), "The score went from 200 to 201: no clear change."),
    (("200", "200"), "The score stayed at 200: no clear change."),
    (("210", "200"), "The score went from 210 down to 200: a clear change."),
])
def test_one_sentence_says_the_change_and_how_sure_it_is(scores: tuple[str, str], sentence: str) -> None:
    assert said(series_of(reading("2025-04-20", scores[0], "3"), reading("2026-04-20", scores[1], "4"))) == sentence


def test_people_are_told_about_the_year_not_about_the_summer() -> None:
    found = series_of(reading("2024-10-01", "196"), reading("2025-04-20", "205"), reading("2025-09-15", "199"),
                      reading("2026-04-22", "214"))

    assert found.change is not None
    assert found.change.earlier.sitting.on == date(2025, 4, 20) and found.change.difference == 9
    assert [step.difference for step in found.steps] == [9, -6, 15]


def test_a_scale_of_one_grade_is_not_compared_with_the_next_grade() -> None:
    def state(day: str, score: str, grade: int, *tags: str, kind: str = "Scaled score") -> JSONObject:
        return record("Assessment", f"State Math Grade {grade}", day, [(("ScaledScore", kind), score, {})],
                      tags=("math", f"grade:{grade}", *tags))

    plain = view(state("2025-05-01", "481", 3), state("2026-05-01", "495", 4)).all_series()
    assert len(plain) == 2 and all(series.change is None and "plain-scale" in codes(series) for series in plain)
    same_grade = view(state("2025-10-01", "481", 3, "season:fall"), state("2026-05-01", "495", 3)).all_series()
    assert len(same_grade) == 1 and same_grade[0].change is not None
    for more in (("scale:vertical",), ()):
        vertical = view(state("2025-05-01", "481", 3, *more, kind="Vertical scale score"),
                        state("2026-05-01", "495", 4, *more, kind="Vertical scale score")).all_series()
        assert len(vertical) == 1 and vertical[0].change is not None and "plain-scale" not in codes(vertical[0])


def test_points_of_two_forms_are_not_compared() -> None:
    def quiz(day: str, form: str) -> JSONObject:
        return record("Assessment", "Unit quiz", day, [(("RawScore", "Points"), "12", {})], tags=("math",),
                      achievement=f"{SCHOOL}/achievements/{form}")

    assert len(view(quiz("2025-10-01", "form-a"), quiz("2025-11-01", "form-b")).all_series()) == 2
    assert len(view(quiz("2025-10-01", "form-a"), quiz("2025-11-01", "form-a")).all_series()) == 1


def test_two_publishers_scales_are_two_scales_even_under_one_name() -> None:
    def benchmark(by: str, day: str) -> JSONObject:
        return record("Assessment", "Benchmark", day, [(("ScaledScore", "Vertical scale score"), "300", {})],
                      tags=("math", "scale:vertical"), by=by)

    assert len(view(benchmark(SCHOOL, "2025-05-01"), benchmark(TUTOR, "2026-05-01")).all_series()) == 2


def test_an_error_belongs_to_the_score_it_names_and_to_none_if_that_cannot_be_told() -> None:
    lexile_error = ("ext:StandardErrorOfMeasurement", "Standard error of the Lexile measure")
    document = reading("2026-04-20", "222", "3.9", lexile="997")
    document["credentialSubject"]["achievement"]["resultDescription"].append(
        {"id": "urn:rd:9", "name": lexile_error[1], "resultType": lexile_error[0]})
    document["credentialSubject"]["result"].append({"resultDescription": "urn:rd:9", "value": "60"})
    (sitting,) = read(document)
    assert {score.kind: score.error for score in sitting.scores} == {
        "ext:RITScore": Decimal("3.9"), LEXILE[0]: Decimal(60)}

    (ambiguous,) = read(record("Assessment", "Reading", "2026-04-20", [
        (("ScaledScore", "Scaled score"), "500", {}), (("ext:RITScore", "RIT"), "222", {}),
        (("ext:StandardErrorOfMeasurement", "Standard error"), "4", {})], tags=("reading",)))
    assert [score.error for score in ambiguous.scores] == [None, None]


# Standing -------------------------------------------------------------------------------------------------------------


@given(st.integers(min_value=1, max_value=99))
def test_percentiles_nce_t_and_z_are_places_on_one_curve(rank: int) -> None:
    z = NormalDist().inv_cdf(rank / 100)

    assert norms.z_of("ext:PercentileRank", Decimal(rank)) == pytest.approx(z)
    assert norms.z_of("ext:NCE", Decimal(str(round(50 + 21.06 * z, 6)))) == pytest.approx(z, abs=1e-5)
    assert norms.z_of("ext:TScore", Decimal(str(round(50 + 10 * z, 6)))) == pytest.approx(z, abs=1e-5)
    assert norms.z_of("ext:ZScore", Decimal(str(round(z, 6)))) == pytest.approx(z, abs=1e-5)


def test_the_slope_is_the_median_of_all_pairs() -> None:
    random.seed(7)
    points = [(year / 2, random.gauss(0.2 * year, 0.4)) for year in range(9)]

    pairs = [(points[j][1] - points[i][1]) / (points[j][0] - points[i][0]) for i in range(9) for j in range(i + 1, 9)]
    assert slope(points) == pytest.approx(median(pairs))
    wild = [*points[:-1], (points[-1][0], 40.0)]  # one wrong value hardly moves it
    assert abs(slope(wild) - slope(points)) < 0.2


@pytest.mark.parametrize(("rate", "band"), [
    (0.0, "same"), (0.30, "same"), (-0.30, "same"), (0.31, "faster"), (0.60, "faster"), (0.61, "much-faster"),
    (-0.31, "slower"), (-0.61, "much-slower")])
def test_the_bands_lie_where_half_of_all_students_do(rate: float, band: str) -> None:
    assert band_of(rate) == band


def test_without_a_signed_comparison_with_a_named_group_there_is_no_standing() -> None:
    bare = series_of(reading("2025-04-20", "211"), reading("2026-04-20", "222"))
    assert bare.standings == () and "no-norm" in codes(bare)

    for name in ("", "spring", "grade 4"):
        unnamed = series_of(reading("2025-04-20", "211", rank="46", group=name),
                            reading("2026-04-20", "222", rank="65", group=name))
        assert unnamed.standings == () and "unnamed-norm" in codes(unnamed), name


def test_other_norm_years_and_groups_weaken_the_pace() -> None:
    years = series_of(reading("2025-04-20", "211", rank="46", group="US grade 3, spring, NWEA 2020 norms"),
                      reading("2026-04-20", "222", rank="65", group="US grade 4, spring, NWEA 2025 norms")).standings[0]
    groups = series_of(reading("2025-04-20", "211", rank="46", group="US, NWEA 2025 norms"),
                       reading("2026-04-20", "222", rank="65", group="Utah, state 2025 norms")).standings[0]

    assert years.weak and "norm-years" in {limit.code for limit in years.limits}
    assert groups.weak and "norm-groups" in {limit.code for limit in groups.limits}
    for each in (years, groups):
        assert growthwords.standing_sentence(each, VOICE).endswith("Take this with care.")


def test_groups_with_two_results_each_stand_apart() -> None:
    def both(day: str, nation: str, state: str) -> JSONObject:
        return record("Assessment", "Reading", day, [
            (("ScaledScore", "Scaled score"), "500", {}), (percentile("nation 2025"), nation, {}),
            (percentile("Utah 2025"), state, {})], tags=("reading",))

    found = series_of(both("2025-04-20", "40", "50"), both("2026-04-20", "50", "50"), kind="ScaledScore").standings
    assert [(standing.rate, standing.weak) for standing in found] == [(0.0, False), (0.25, False)]


def test_standing_goes_over_tests_that_share_no_scale() -> None:
    state = percentile("state grade 3, spring 2025")
    found = view(record("Assessment", "State Math Grade 3", "2025-05-01", [
        (("ScaledScore", "Score"), "481", {}), (state, "50", {})], tags=("math", "grade:3")),
        record("Assessment", "State Math Grade 4", "2026-05-01", [
            (("ScaledScore", "Score"), "495", {}), (percentile("state grade 4, spring 2025"), "84", {})],
            tags=("math", "grade:4")))

    (subject,) = found.subjects
    assert len(subject.series) == 2 and all(series.change is None for series in subject.series)
    assert [standing.rate for standing in subject.standings] == [1.0]
    assert growthwords.subject_sentence(subject, VOICE).startswith("Moves up much faster")


def test_too_near_in_time_gives_no_yearly_pace() -> None:
    standing = series_of(reading("2025-10-01", "211", rank="46"), reading("2026-01-20", "222", rank="65")).standings[0]

    assert standing.rate is None and {"too-close"} <= {limit.code for limit in standing.limits}


def test_a_pace_always_says_that_extremes_move_to_the_middle() -> None:
    assert "middle" in codes(series_of(FIRST, SECOND))


# Real shape, independent sums: simulated state scores of 150 students ------------------------------------------------


def sgp_rows() -> dict[tuple[str, str], list[dict[str, str]]]:
    students: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    with samples("growth/sgpdata_long_subset.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["VALID_CASE"] == "VALID_CASE":
                students[row["ID"], row["CONTENT_AREA"]].append(row)
    return students


def norm_table() -> dict[tuple[str, str, str], tuple[float, float]]:
    with samples("growth/sgpdata_norms_computed.csv").open(encoding="utf-8", newline="") as file:
        return {(row["CONTENT_AREA"], row["YEAR"], row["GRADE"]): (float(row["mean"]), float(row["std"]))
                for row in csv.DictReader(file)}


def state_test(row: dict[str, str], z: float) -> JSONObject:
    year = row["YEAR"][-4:]
    return record(
        "Assessment", f"State {row['CONTENT_AREA'].title()} Grade {row['GRADE']}", f"{year}-04-30",
        [(("ScaledScore", "Scaled score"), row["SCALE_SCORE"], {}),
         (("ext:ZScore", f"z-score, state grade {row['GRADE']}, {year} norms"), f"{z:.4f}", {}),
         (("PerformanceLevel", "Achievement level"), row["ACHIEVEMENT_LEVEL"], {})],
        tags=(row["CONTENT_AREA"].casefold(), f"grade:{row['GRADE']}", "summative"))


def test_the_pace_of_every_student_is_that_of_an_independent_computation() -> None:
    table, checked, yearly = norm_table(), 0, []
    for rows in sgp_rows().values():
        rows = sorted((row for row in rows if row["SCALE_SCORE"] not in ("", "NA")), key=lambda row: row["YEAR"])
        places = [(int(row["YEAR"][-4:]), (float(row["SCALE_SCORE"]) - mean) / std)
                  for row in rows for mean, std in [table[row["CONTENT_AREA"], row["YEAR"], row["GRADE"]]]]
        if len(places) < 2:
            continue
        (subject,) = view(*[state_test(row, z) for row, (_year, z) in zip(rows, places, strict=True)]).subjects
        found: Standing = (subject.standings or subject.series[0].standings)[0]
        days = [date(year, 4, 30).toordinal() / 365.25 for year, _z in places]
        signed = [round(z, 4) for _year, z in places]
        pairs = [(signed[j] - signed[i]) / (days[j] - days[i])
                 for i in range(len(places)) for j in range(i + 1, len(places))]
        assert found.rate == pytest.approx(median(pairs), abs=0.0051)
        yearly += [b - a for (y, a), (y2, b) in zip(places, places[1:], strict=False) if y2 - y == 1]
        checked += 1
    assert checked > 200
    low, _middle, high = quantiles(yearly, n=4)
    assert 0.45 < stdev(yearly) < 0.65 and -0.42 < low < -0.2 and 0.2 < high < 0.42  # what the bands were taken from


# What weakens or withholds a statement --------------------------------------------------------------------------------


def test_one_result_is_no_change() -> None:
    found = series_of(reading("2026-04-20", "222"))

    assert found.change is None and "one-point" in codes(found)
    assert said(found) == "There is one result so far: 222." and growthwords.next_step(found) == "wait"


def test_without_an_error_nothing_is_said_about_how_sure_a_change_is() -> None:
    found = series_of(reading("2025-04-20", "200", None), reading("2026-04-20", "250"))

    assert found.change is not None and found.change.verdict == "unknown" and "no-error" in codes(found)
    assert "we cannot say more" in said(found) and growthwords.next_step(found) == "ask-error"


def test_a_test_in_another_language_may_have_another_group() -> None:
    def spanish(day: str, rit: str, rank: str) -> JSONObject:
        document = reading(day, rit, rank=rank)
        document["credentialSubject"]["achievement"]["tag"] = ["reading", "language:spa"]
        return document

    found = series_of(spanish("2025-04-20", "211", "46"), spanish("2026-04-20", "222", "65"))
    assert "other-language" in codes(found) and found.change is not None and not found.change.weak


@pytest.mark.parametrize("tag", ["accommodation:read-aloud", "language:es"])
def test_tests_that_were_not_given_alike_are_compared_with_care(tag: str) -> None:
    second = reading("2026-04-20", "222")
    achievement = second["credentialSubject"]["achievement"]
    achievement["tag"] = [each for each in achievement["tag"] if not each.startswith("language")] + [tag]
    found = series_of(reading("2025-04-20", "200"), second)

    assert found.change is not None and found.change.verdict == "clear" and found.change.weak
    assert "may be a gain" in said(found) and codes(found) & {"accommodations", "languages"}


def test_a_result_that_is_not_final_or_not_finished_says_so() -> None:
    def with_status(status: str) -> JSONObject:
        document = reading("2026-04-20", "222")
        document["credentialSubject"]["result"][0]["status"] = status
        return document

    provisional = series_of(reading("2025-04-20", "200"), with_status("Provisional"))
    unfinished = series_of(reading("2025-04-20", "200"), with_status("InProgress"))
    assert provisional.change is not None and provisional.change.weak and "provisional" in codes(provisional)
    assert unfinished.change is None and "not-finished" in codes(unfinished)


def test_what_was_taken_back_is_left_out_and_said() -> None:
    good, back = read(FIRST), read(SECOND, status="revoked")
    found = build_overview((*good, *back))

    assert found.taken_back == 1 and len(found.all_series()[0].points) == 1
    unsure = build_overview(read(FIRST, SECOND, status="unknown")).all_series()[0]
    assert "unchecked" in codes(unsure)


def test_growth_percentiles_are_shown_as_signed_and_never_computed() -> None:
    document = record("Assessment", "State Math Grade 4", "2026-05-01", [
        (("ext:StudentGrowthPercentile", "Student growth percentile"), "38", {}),
        (("ext:GradeEquivalent", "Grade equivalent"), "5.2", {})], tags=("math",))
    (series,) = view(document).all_series()

    assert [(each.kind, each.text) for each in series.newest.sitting.said] == [
        ("ext:GradeEquivalent", "5.2"), ("ext:StudentGrowthPercentile", "38")]
    assert series.newest.score is None and {"no-score", "as-issued", "grade-equivalent"} <= codes(series)
    assert growthwords.next_step(series) == "ask-number"


def test_one_signer_naming_two_students_is_noticed() -> None:
    assert "students-differ" in codes(series_of(FIRST, {**reading("2014-04-21", "222", number="S-2002")}))


# Hostile values -------------------------------------------------------------------------------------------------------

HOSTILE = ["NaN", "nan", "Infinity", "-inf", "1e400", "9" * 400, "1e2", "0x1F", "222,5", "1,222", "٢٢٢", "222 ", "",
           " ", "=1+1", "222\n", "--5", "+", "１２３", "<script>", "2" * 10]


@pytest.mark.parametrize("value", [*HOSTILE, None, 222, 222.5, True, [], {}, ["222"], {"@value": "222"}, {"en": "222"}])
@pytest.mark.parametrize("place", ["score", "error", "norm", "minimum", "day"])
def test_no_value_breaks_a_sum_or_a_page(value: Any, place: str) -> None:
    hostile = reading("2026-04-20", "222", "3.9", "65")
    subject = hostile["credentialSubject"]
    if place == "minimum":
        subject["achievement"]["resultDescription"][0]["valueMin"] = value
    elif place == "day":
        subject["activityEndDate"] = value
    else:
        subject["result"][("score", "error", "norm").index(place)]["value"] = value

    found = view(reading("2025-04-20", "211", "4.0", "46"), hostile)
    for series in found.all_series():
        assert said(series) and growthwords.limit_sentences(series.limits, VOICE)
        for step in series.steps:
            assert abs(step.difference) < 10**9


@pytest.mark.parametrize("value", ["NaN", "1e400", "9" * 400, "222,5", "about 222"])
def test_what_is_no_number_is_shown_and_left_out_of_every_sum(value: str) -> None:
    found = series_of(reading("2025-04-20", "211"), reading("2026-04-20", value))

    assert found.change is None and "not-a-number" in codes(found)
    assert found.newest.score is not None and found.newest.score.text == value


def test_a_value_outside_its_own_scale_is_left_out() -> None:
    assert "out-of-range" in codes(series_of(reading("2025-04-20", "211"), reading("2026-04-20", "999")))
    for rank in ("0", "100", "-3", "250"):
        found = series_of(reading("2025-04-20", "211", rank="46"), reading("2026-04-20", "222", rank=rank))
        assert len(found.standings[0].places) == 1 and "out-of-range" in codes(found)


@pytest.mark.parametrize("error", ["0", "-4", "NaN", ""])
def test_an_error_that_is_none_counts_as_not_given(error: str) -> None:
    found = series_of(reading("2025-04-20", "211"), reading("2026-04-20", "222", error))

    assert found.change is not None and found.change.verdict == "unknown"


@pytest.mark.parametrize(("written", "value"), [("997L", 997), ("BR120L", -120), ("EM15Q", -15), ("997", 997)])
def test_measures_may_carry_their_letter(written: str, value: int) -> None:
    kind = "ext:QuantileMeasure" if written.endswith("Q") else LEXILE[0]
    (sitting,) = read(record("Assessment", "Reading", "2026-04-20", [((kind, "Measure"), written, {})]))

    assert [score.value for score in sitting.scores] == [value]


def test_the_order_of_results_and_tags_changes_nothing() -> None:
    turned = reading("2026-04-20", "222", "3.9", "65", "997", tags=("math",))
    for name in ("result",):
        turned["credentialSubject"][name].reverse()
    turned["credentialSubject"]["achievement"]["resultDescription"].reverse()
    turned["credentialSubject"]["achievement"]["tag"].reverse()

    assert read(turned) == read(reading("2026-04-20", "222", "3.9", "65", "997", tags=("math",)))


# In a vault -----------------------------------------------------------------------------------------------------------


def test_tests_in_a_transcript_and_alone_count_once(vault: OpenVault) -> None:
    alone = reading("2026-04-20", "222")
    transcript = {"type": ["VerifiableCredential", "ClrCredential"], "id": "https://school.example/t",
                  "name": "Transcript", "issuer": {"id": "did:web:school.example"}, "validFrom": "2026-06-01T00:00:00Z",
                  "credentialSubject": {"verifiableCredential": [reading("2025-04-20", "211"), alone]}}
    put(vault, alone, transcript, record("Course", "Algebra I", "2026-06-01"))

    (series,) = growth.overview(vault).all_series()
    assert [point.sitting.index for point in series.points] == [0, None]


def test_a_newer_edition_replaces_the_older(vault: OpenVault) -> None:
    put(vault, reading("2026-04-20", "224", identifier="https://school.example/c/1", signed="2026-06-02"),
        reading("2026-04-20", "222", identifier="https://school.example/c/1", signed="2026-05-02"))

    (series,) = growth.overview(vault).all_series()
    assert [point.score.text for point in series.points if point.score] == ["224"]
