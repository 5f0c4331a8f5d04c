"""Signed-looking records about tests, standards, attendance and grades, for the pure parts and for a vault."""

from __future__ import annotations

from typing import Any

from credkit.ports import JSONObject
from wallet.services.growth.sources import Source
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OpenVault

SCHOOL, TUTOR = "https://school.example", "https://tutor.example"
NAMES = {SCHOOL: "Lincoln Elementary School", TUTOR: "Bright Tutoring"}
SCORE = ("ext:RITScore", "RIT score")
SEM = ("ext:StandardErrorOfMeasurement", "Standard error of the RIT score")
LEXILE = ("ext:LexileMeasure", "Lexile measure")


def percentile(group: str = "US grade 4, spring, NWEA 2025 norms") -> tuple[str, str]:
    return "ext:PercentileRank", f"Percentile, {group}"


def record(kind: str, name: str, day: str, results: list[tuple[tuple[str, str], str, dict[str, Any]]] | None = None, *,
           by: str = SCHOOL, tags: tuple[str, ...] = (), achievement: str | None = None, signed: str | None = None,
           identifier: str | None = None, number: str = "S-1001", alignments: list[JSONObject] | None = None,
           **subject: Any) -> JSONObject:
    """An achievement credential of ``kind`` (achievementType), unsigned. Results: ((type, name), value, more members).

    Members of ``more`` named in ``description`` go to the result's description.
    """
    described, found = [], []
    for number_of, ((result_type, result_name), value, more) in enumerate(results or []):
        identity = f"urn:rd:{number_of}"
        described.append({"id": identity, "type": ["ResultDescription"], "name": result_name, "resultType": result_type,
                          **more.get("description", {})})
        found.append({"type": ["Result"], "resultDescription": identity, **({"value": value} if value else {}),
                      **{name: given for name, given in more.items() if name != "description"}})
    about: JSONObject = {
        "id": achievement or f"{by}/achievements/{name.casefold().replace(' ', '-')}", "type": ["Achievement"],
        "achievementType": kind, "name": name, "description": name, "criteria": {"narrative": "As usual."},
        "inLanguage": "en", "tag": list(tags), "resultDescription": described}
    if alignments:
        about["alignment"] = alignments
    return {
        "@context": [], "id": identifier or f"{by}/credentials/{kind}-{name}-{day}-{signed}".replace(" ", "-"),
        "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": name,
        "issuer": {"id": "did:web:" + by.removeprefix("https://"), "type": ["Profile"], "name": NAMES.get(by, by)},
        "validFrom": f"{signed or day}T00:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"], "activityEndDate": f"{day}T00:00:00Z",
            "identifier": [{"type": "IdentityObject", "hashed": False, "identityHash": number,
                            "identityType": "sourcedId"}],
            "achievement": about, "result": found, **subject},
    }


def reading(day: str, rit: str, sem: str | None = "4.0", rank: str | None = None, lexile: str | None = None, *,
            group: str = "US grade 4, spring, NWEA 2025 norms", grade: int = 4, tags: tuple[str, ...] = (),
            name: str = "MAP Growth Reading 2-5", **more: Any) -> JSONObject:
    """One reading test of the shape of requirements §5.3."""
    results: list[Any] = [(SCORE, rit, {"description": {"valueMin": "100", "valueMax": "350"}})]
    results += [(SEM, sem, {})] if sem is not None else []
    results += [(percentile(group), rank, {"description": {"valueMin": "1", "valueMax": "99"}})] if rank else []
    results += [(LEXILE, lexile, {})] if lexile else []
    return record("Assessment", name, day, results, tags=("interim", "reading", f"grade:{grade}", "language:en", *tags),
                  **more)


def standard(guid: str, name: str, code: str = "", framework: str = "Math standards") -> JSONObject:
    """An alignment with one entry of a CASE list."""
    return {"type": ["Alignment"], "targetType": "CFItem", "targetName": name, "targetCode": code,
            "targetFramework": framework, "targetUrl": f"https://case.example/uri/{guid}"}


def source(document: JSONObject, *, status: Any = "good", item_id: str = "item") -> Source:
    return Source(document, item_id, None, status)


def put(vault: OpenVault, *documents: JSONObject, status: str = "good") -> list[str]:
    """Lay records into a vault as if they had been received; returns their item ids."""
    return [vault.add(CREDENTIAL, {
        "credential": document, "received_at": "2026-06-01T00:00:00Z", "received_from": SCHOOL, "status": status,
        "checked_at": "2026-06-01T00:00:00Z", "issuance_id": None, "key_method": None}) for document in documents]


GUIDS = tuple(f"{number:08x}-0000-4000-8000-000000000000" for number in range(1, 10))


def fractions(title: str = "Math standards", **more: Any) -> JSONObject:
    """A CASE package: one domain of grade 4 with four standards, two of them related."""
    texts = (("4.NF.A.1", "Explain why a fraction a/b is equivalent to (n × a)/(n × b)."),
             ("4.NF.A.2", "Compare two fractions with different numerators and denominators."),
             ("4.NF.B.3", "Understand a fraction a/b as a sum of fractions 1/b."),
             ("4.NF.B.4", "Multiply a fraction by a whole number."))
    root = "a0000000-0000-4000-8000-000000000000"
    items = [{"identifier": root, "uri": f"https://case.example/uri/{root}", "humanCodingScheme": "4.NF",
              "fullStatement": "Number and Operations—Fractions", "CFItemType": "Domain", "educationLevel": ["04"]}]
    items += [{"identifier": guid, "uri": f"https://case.example/uri/{guid}", "humanCodingScheme": code,
               "fullStatement": text, "CFItemType": "Standard", "educationLevel": ["04"]}
              for guid, (code, text) in zip(GUIDS, texts, strict=False)]
    links = [association("isChildOf", guid, root) for guid in GUIDS[:4]] + [association("isRelatedTo", *GUIDS[1:3])]
    return {"CFDocument": {"identifier": "b0000000-0000-4000-8000-000000000000", "title": title, "language": "en"},
            "CFItems": items, "CFAssociations": links, **more}


def association(kind: str, origin: str, destination: str) -> JSONObject:
    return {"associationType": kind, "originNodeURI": {"identifier": origin},
            "destinationNodeURI": {"identifier": destination}}


def family_year() -> tuple[JSONObject, ...]:
    """What a family may have after a few years: reading at school and with a tutor, state tests, skills, one worry."""
    nwea = "US grade {}, spring, NWEA 2025 norms"
    state = ("ScaledScore", "Scaled score")
    return (
        reading("2024-04-20", "203", "4.1", "40", "610", grade=2, group=nwea.format(2)),
        reading("2025-04-20", "211", "4.0", "46", "799", grade=3, group=nwea.format(3)),
        reading("2025-10-02", "216", None, "55", "880", by=TUTOR, group="US grade 4, fall, NWEA 2025 norms"),
        reading("2026-04-20", "222", "3.9", "65", "997", group=nwea.format(4)),
        record("Assessment", "State Mathematics Grade 3", "2025-05-02", [
            (state, "481", {}), (("ext:PercentileRank", "Percentile, state grade 3, spring 2025"), "52", {}),
            (("PerformanceLevel", "Achievement level"), "Partially Proficient", {})],
            tags=("math", "grade:3", "summative")),
        record("Assessment", "State Mathematics Grade 4", "2026-05-02", [
            (state, "495", {}), (("ext:PercentileRank", "Percentile, state grade 4, spring 2026"), "44", {}),
            (("ext:StudentGrowthPercentile", "Student growth percentile"), "38", {})],
            tags=("math", "grade:4", "summative")),
        record("Course", "Algebra I", "2026-06-30", [(("Percent", "Grade so far"), "91", {"status": "InProgress"})],
               signed="2026-03-01"),
        record("Course", "Algebra I", "2026-06-30", [(("Percent", "Grade so far"), "74", {"status": "InProgress"})],
               signed="2026-05-20"),
        record("ext:AttendanceSummary", "Attendance, spring 2026", "2026-06-01", [
            (("ext:DaysAbsent", "Days absent"), "9", {}), (("ext:DaysEnrolled", "School days"), "80", {}),
            (("ext:DaysTardy", "Days tardy"), "2", {})], term="Spring 2026"),
        record("Competency", "Equal fractions", "2026-02-02", [(("RubricCriterionLevel", "Level"), "Mastered", {})],
               alignments=[standard(GUIDS[0], "Explain why fractions are equivalent", "4.NF.A.1")]),
        record("Competency", "Compare fractions", "2026-03-02", [(("RubricCriterionLevel", "Level"), "Developing", {})],
               alignments=[standard(GUIDS[1], "Compare two fractions", "4.NF.A.2")]),
        record("Competency", "Adding fractions", "2026-03-09", by=TUTOR,
               alignments=[standard(GUIDS[2], "Understand a fraction as a sum", "4.NF.B.3")]),
        record("Badge", "Decimals", "2026-03-09", by=TUTOR,
               alignments=[standard(GUIDS[8], "Read and write decimals", "D.1", "Bright Tutoring's own list")]),
    )
