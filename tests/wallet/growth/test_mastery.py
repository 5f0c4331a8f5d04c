"""Mastery: counts, never averages; exactly matching standards are one, related ones are not; real CASE packages."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from credkit.errors import MalformedValueError, ParsingError, StateError, TooComplexError
from credkit.ports import JSONObject
from tests.support.shared import read_json, samples
from tests.support.world import World
from tests.wallet.growth.voices import voice
from tests.wallet.results import (
    GUIDS,
    SCHOOL,
    TUTOR,
    association,
    family_year,
    fractions,
    put,
    record,
    source,
    standard,
)
from wallet.services.growth import mastery, masterywords
from wallet.services.growth.evidence import Evidence, evidences_of
from wallet.services.growth.mastery import MasteryMap
from wallet.services.record import case
from wallet.vault import OpenVault

VOICE = voice()
LEVEL = ("RubricCriterionLevel", "Level")


def skill(guid: str, level: str = "", day: str = "2026-02-02", kind: str = "Competency", by: str = SCHOOL,
          **more: Any) -> JSONObject:
    return record(kind, f"Skill {guid[:8]}", day, [(LEVEL, level, {})] if level else [], by=by,
                  alignments=[standard(guid, f"Standard {guid[:8]}", guid[:8])], **more)


def evidence(*documents: JSONObject, status: Any = "good") -> list[Evidence]:
    return [each for document in documents for each in evidences_of(source(document, status=status))]


def map_of(*documents: JSONObject, packages: tuple[JSONObject, ...] = (fractions(),)) -> MasteryMap:
    frameworks = [(str(number), case.read_package(package)) for number, package in enumerate(packages)]
    return mastery.build_maps(frameworks, evidence(*documents))[0]


def states(found: MasteryMap) -> dict[str, str]:
    return {standard.code: standard.state for standard in found.standards()}


def test_a_map_counts_what_is_shown_and_by_whom() -> None:
    found = map_of(*family_year())

    assert states(found) == {"4.NF.A.1": "shown", "4.NF.A.2": "started", "4.NF.B.3": "shown", "4.NF.B.4": "none"}
    assert masterywords.map_sentence(found, VOICE) == (
        "2 of 4 standards shown: 1 by Bright Tutoring, 1 by Lincoln Elementary School.")
    assert [(group.title, group.grade) for group in found.groups] == [("Number and Operations—Fractions", "4")]
    assert masterywords.next_step(found, VOICE) == "Next step: ask what is still missing for “4.NF.A.2”."


def test_without_the_list_there_is_no_total() -> None:
    (found,) = mastery.build_maps([], evidence(skill(GUIDS[0], "Mastered"), skill(GUIDS[1], "Developing")))

    assert masterywords.map_sentence(found, VOICE) == "1 standard shown: 1 by Lincoln Elementary School."
    assert "ask the school for its list" in masterywords.next_step(found, VOICE)
    assert masterywords.map_json(found, VOICE)["total"] is None


def test_one_standard_shown_by_two_signers_counts_once() -> None:
    found = map_of(skill(GUIDS[0], "Mastered"), skill(GUIDS[0], "Mastered", by=TUTOR), skill(GUIDS[1], "Met"))

    assert masterywords.map_sentence(found, VOICE) == (
        "2 of 4 standards shown: 1 by Lincoln Elementary School, 1 by more than one signer.")
    (first, *_rest) = found.standards()
    assert len(first.evidences) == 2


def test_the_latest_record_that_decides_decides() -> None:
    assert states(map_of(skill(GUIDS[0], "Mastered", "2026-01-01"), skill(GUIDS[0], "Developing", "2026-03-01")))[
        "4.NF.A.1"] == "started"
    assert states(map_of(skill(GUIDS[0], "Developing", "2026-01-01"), skill(GUIDS[0], "Mastered", "2026-03-01")))[
        "4.NF.A.1"] == "shown"
    assert states(map_of(skill(GUIDS[0], "Mastered", "2026-01-01"), skill(GUIDS[0], "Level 7", "2026-03-01")))[
        "4.NF.A.1"] == "shown"


@pytest.mark.parametrize(("level", "reached"), [
    ("Mastered", True), ("met  STANDARD", True), ("Proficient", True), ("Dominado", True),
    ("Did Not Meet Standard", False), ("Below Basic", False), ("Practicing", False), ("Level 3", None), ("97", None),
    ("Not mastered at all", None)])
def test_only_words_that_are_known_say_that_something_was_reached(level: str, reached: bool | None) -> None:
    assert [each.reached for each in evidence(skill(GUIDS[0], level))] == [reached]


def test_the_required_level_decides_and_the_order_of_levels_does_not() -> None:
    levels = [{"id": f"urn:l:{number}", "name": f"Step {number}", "points": str(number)} for number in (1, 2, 3)]

    def reach(achieved: str, order: int) -> list[bool | None]:
        rubric = {"description": {"requiredLevel": "urn:l:2", "rubricCriterionLevel": levels[::order]},
                  "achievedLevel": achieved}
        document = record("Competency", "Skill", "2026-02-02", [(LEVEL, "", rubric)],
                          alignments=[standard(GUIDS[0], "Standard")])
        return [each.reached for each in evidence(document)]

    for order in (1, -1):
        assert [reach(f"urn:l:{number}", order) for number in (1, 2, 3)] == [[False], [True], [True]]


def test_a_required_value_decides() -> None:
    def at(value: str) -> bool | None:
        (found,) = evidence(record("Assessment", "Quiz", "2026-02-02", [
            (("Percent", "Share right"), value, {"description": {"requiredValue": "80"},
                                                 "alignment": [standard(GUIDS[0], "Standard")]})]))
        return found.reached

    assert (at("79.9"), at("80"), at("100"), at("NaN")) == (False, True, True, None)


def test_awarding_a_skill_is_the_claim_but_sitting_a_test_or_taking_a_course_is_not() -> None:
    assert [each.reached for each in evidence(skill(GUIDS[0]))] == [True]
    assert [each.reached for each in evidence(skill(GUIDS[0], kind="Assessment"))] == [None]
    assert evidence(skill(GUIDS[0], kind="Course")) == []


def test_what_was_taken_back_shows_nothing() -> None:
    for status in ("revoked", "suspended"):
        assert evidence(skill(GUIDS[0], "Mastered"), status=status) == []


def test_only_exact_matches_are_one() -> None:
    other = GUIDS[7]
    for kind, expected in (("exactMatchOf", "shown"), ("isRelatedTo", "none"), ("isPeerOf", "none"),
                           ("exemplar", "none"), ("isPartOf", "none"), ("replacedBy", "none")):
        package = fractions()
        package["CFAssociations"].append(association(kind, other, GUIDS[3]))
        found = mastery.build_maps([("1", case.read_package(package))], evidence(skill(other, "Mastered")))
        known = next(each for each in found if each.item_id is not None)
        assert states(known)["4.NF.B.4"] == expected, kind


def test_exact_matches_reach_over_lists_and_chains() -> None:
    chain = [association("exactMatchOf", *pair) for pair in ((GUIDS[5], GUIDS[6]), (GUIDS[6], GUIDS[7]),
                                                             (GUIDS[7], GUIDS[3]))]
    crosswalk = {"CFDocument": {"identifier": "c0000000-0000-4000-8000-000000000000", "title": "Crosswalk"},
                 "CFItems": [{"identifier": GUIDS[5], "fullStatement": "Old standard"}], "CFAssociations": chain}

    found = mastery.build_maps([("1", case.read_package(fractions())), ("2", case.read_package(crosswalk))],
                               evidence(skill(GUIDS[5], "Mastered")))
    assert {each.title: each.shown for each in found} == {"Math standards": 1, "Crosswalk": 1}


def test_a_standard_without_guid_is_found_by_its_address() -> None:
    address = "https://case.example/uri/1"
    package = {"CFItems": [{"identifier": "1", "uri": address, "fullStatement": "Explains why"}]}
    document = record("Competency", "Explains", "2026-02-02",
                      alignments=[{**standard(GUIDS[0], "Explains why", "4.NF.1"), "targetUrl": address}])

    assert map_of(document, packages=(package,)).shown == 1


def test_two_entries_of_one_list_that_match_exactly_are_one_standard() -> None:
    package = fractions()
    package["CFAssociations"].append(association("exactMatchOf", GUIDS[0], GUIDS[1]))

    assert len(map_of(packages=(package,)).standards()) == 3


def test_circles_in_a_list_end() -> None:
    package = fractions()
    root = package["CFItems"][0]["identifier"]
    package["CFAssociations"] += [association("isChildOf", root, root), association("isChildOf", root, GUIDS[0]),
                                  association("exactMatchOf", GUIDS[0], GUIDS[1]),
                                  association("exactMatchOf", GUIDS[1], GUIDS[0])]

    assert map_of(packages=(package,)).standards()


def test_codes_come_as_people_order_them() -> None:
    package = fractions()
    for number, item in enumerate(package["CFItems"][1:]):
        item["humanCodingScheme"] = f"A.{10 - number}"

    assert [each.code for each in map_of(packages=(package,)).standards()] == ["A.7", "A.8", "A.9", "A.10"]


def test_the_table_has_a_line_for_each_standard() -> None:
    text = masterywords.mastery_csv([map_of(*family_year())], VOICE)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))

    assert [(row["Code"], row["State"], row["Latest level"], row["Records"]) for row in rows] == [
        ("4.NF.A.1", "Shown", "Mastered", "1"), ("4.NF.A.2", "Started", "Developing", "1"),
        ("4.NF.B.3", "Shown", "", "1"), ("4.NF.B.4", "Nothing yet", "", "0")]


# Lists ----------------------------------------------------------------------------------------------------------------

PACKAGES = {
    "case/opensalt-samples/opensalt-framework-20c5134f-423d-4097-a971-3dd5152bf507.json": (16, 6),
    "case/smarter-math-mockMATHPackage.json": (48, 1), "case/smarter-dok-mockDOK.json": (15, 12),
    "case/opensalt-testdata/Ordering.json": (28, 24), "case/opensalt-testdata/SmartLevelFramework.json": (14, 12),
    "case/opensalt-testdata/Utf8TestFramework.json": (1, 1), "case/opensalt-testdata/MarkdownFramework.json": (2, 2),
    "case/smarter-ela-g3-c1-t1-mockELA.json": (3, 1),  # two of its five entries carry the GUIDs of two others
}


@pytest.mark.parametrize(("path", "sizes"), PACKAGES.items())
def test_real_packages_are_read_whole(path: str, sizes: tuple[int, int]) -> None:
    framework = case.parse_package(samples(path).read_bytes())

    assert (len(framework.items), len(framework.countable())) == sizes
    assert framework.title and case.from_json(json.loads(json.dumps(case.to_json(framework)))) == framework
    assert mastery.build_maps([("1", framework)], [])[0].shown == 0


def test_a_record_aligned_with_a_real_package_is_found_in_it() -> None:
    path = samples("case/opensalt-samples/opensalt-framework-20c5134f-423d-4097-a971-3dd5152bf507.json")
    item = next(each for each in read_json(path)["CFItems"] if each.get("CFItemType") == "Standard")
    aligned = {**standard(GUIDS[0], item["fullStatement"]), "targetUrl": item["uri"]}
    document = record("Competency", "Ratios", "2026-02-02", alignments=[aligned])

    (found,) = mastery.build_maps([("1", case.parse_package(path.read_bytes()))], evidence(document))
    assert found.shown == 1 and len(found.standards()) == 6


@pytest.mark.parametrize(("data", "error"), [
    (b"", ParsingError), (b"{", ParsingError), (b"[]", MalformedValueError), (b"{}", MalformedValueError),
    (b'{"CFItems": {}}', MalformedValueError), (b'{"CFItems": []}', MalformedValueError),
    (b'{"CFItems": [1, null, {}]}', MalformedValueError), (b'{"CFItems": [NaN]}', ParsingError),
    (b"[" * 100_000, TooComplexError), (b"\x89PNG", ParsingError)])
def test_what_is_no_list_is_refused_in_plain_words(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        case.parse_package(data)


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [[]], {"identifier": 5}, [{"identifier": None}], True])
def test_odd_members_of_a_package_are_passed_over(value: Any) -> None:
    item = {"identifier": GUIDS[0], "fullStatement": value, "humanCodingScheme": value, "educationLevel": value,
            "CFItemType": value}
    link = {"associationType": value, "originNodeURI": value, "destinationNodeURI": value}
    child = {**link, "associationType": "isChildOf", "destinationNodeURI": GUIDS[0]}
    package = {"CFDocument": value, "CFItems": [item, value], "CFAssociations": [link, value, child]}

    assert len(case.read_package(package).items) >= 1


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [None], True, [{"targetType": "CFItem"}], {"targetType": 5}])
def test_odd_alignments_are_passed_over(value: Any) -> None:
    document = skill(GUIDS[0], "Mastered")
    document["credentialSubject"]["achievement"]["alignment"] = value

    assert evidence(document) == [] and not case.has_standards(document)


def test_a_list_is_kept_replaced_and_taken_out(vault: OpenVault, world: World) -> None:
    put(vault, *family_year())
    mastery.keep_framework(vault, world.clock, json.dumps(fractions()).encode())
    mastery.keep_framework(vault, world.clock, json.dumps(fractions("Math standards, new")).encode())

    found = mastery.maps(vault)
    assert [(each.title, each.shown) for each in found] == [
        ("Math standards, new", 2), ("Bright Tutoring's own list", 1)]
    item_id = mastery.find_map(vault, found[0].id).item_id
    assert item_id is not None
    mastery.remove_framework(vault, world.clock, item_id)
    assert sorted(each.title for each in mastery.maps(vault)) == ["Bright Tutoring's own list", "Math standards"]
    with pytest.raises(StateError):
        mastery.remove_framework(vault, world.clock, item_id)
    package = fractions()
    package["CFItems"] += [{"identifier": f"{number}", "fullStatement": "x" * 1000} for number in range(9000)]
    with pytest.raises(TooComplexError):
        mastery.keep_framework(vault, world.clock, json.dumps(package).encode())
