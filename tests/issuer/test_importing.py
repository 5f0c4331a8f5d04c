"""Reading school exports: the samples of others, the demo's own, and files that mean harm."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from credkit.errors import CredkitError
from issuer.importing import MAX_FILE_BYTES, _zip, read_export
from issuer.importing.errors import FileProblem, IncompleteFile, TooLargeFile, UnknownFile, UnreadableFile
from issuer.importing.model import NOTES, Roster, group_notes
from issuer.services.rosters import roster_from_json, roster_to_json
from tests.support.shared import samples

USERS = "sourcedId,givenName,familyName\nS-1,Noor,\nS-2,María de los Ángeles,Núñez-Villaseñor\n"
CLASSES = "sourcedId,title,termSourcedIds\nC-1,Algebra I,T-1\n"
ENROLLMENTS = "classSourcedId,userSourcedId,role\nC-1,S-1,student\nC-1,S-2,student\n"
MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n"
GRADED = {
    "lineItems.csv": "sourcedId,title,classSourcedId,resultValueMin,resultValueMax\nL-1,Final grade,C-1,0,100\n",
    "results.csv": "lineItemSourcedId,studentSourcedId,scoreStatus,score,textScore\nL-1,S-1,fully graded,91,A-\n",
}


def packed(files: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def export(**changes: bytes | str | None) -> bytes:
    """A small OneRoster zip; a change by file name without ``.csv``, None takes the file away."""
    files: dict[str, bytes | str] = {"manifest.csv": MANIFEST, "users.csv": USERS, "classes.csv": CLASSES,
                                     "enrollments.csv": ENROLLMENTS}
    for name, content in changes.items():
        files.pop(f"{name}.csv", None)
        if content is not None:
            files[f"{name}.csv"] = content
    return packed(files)


def codes(roster: Roster) -> dict[str, list[tuple[str, int | None]]]:
    found: dict[str, list[tuple[str, int | None]]] = {}
    for note in roster.notes:
        found.setdefault(note.code, []).append((note.file, note.line))
    return found


def courses(roster: Roster) -> Iterable[Any]:
    return (course for student in roster.students for course in student.courses)


@pytest.mark.parametrize("suffix", ["xml", "json"])
def test_the_pesc_sample_is_read_whole(suffix: str) -> None:
    data = samples(f"pesc/bc-highschooltranscript-v1.5.0.{suffix}").read_bytes()
    roster = read_export(data)
    assert [(student.number, student.name) for student in roster.students] == [("124583642", "HAZEL HUDSON")]
    assert roster.course_count == 24
    first = roster.students[0].courses[0]
    assert (first.title, first.code, first.status) == ("FOUNDATIONS OF MATHEMATICS 11", "FOM 11", "Completed")
    assert [(grade.kind, grade.value) for grade in first.grades] == [("LetterGrade", "A"), ("Percent", "92")]
    assert first.term is not None and first.term.label == "2019-06 2018-2019"
    assert (first.credits_available, first.credits_earned) == (4.0, 4.0)
    assert first.school is not None and first.school.name == "WALNUT GROVE SECONDARY"
    assert {note.values["name"] for note in roster.notes if note.code == "element_not_used"} >= {"Birth", "Requirement"}


def test_the_pesc_sample_names_the_line_of_each_course() -> None:
    data = samples("pesc/bc-highschooltranscript-v1.5.0.xml").read_bytes()
    lines = data.decode().split("\n")
    for course in courses(read_export(data)):
        assert course.line is not None and lines[course.line - 1].strip() == "<Course>"


@pytest.mark.parametrize(("name", "students", "count"), [
    ("Test_full_data_set", 4, 2), ("Test_minimal_data_set", 4, 4), ("oneroster_test_data", 1, 1),
    ("v1p2_full_dataset", 4, 2),
])
def test_the_oneroster_samples_have_no_results_so_every_class_says_that_it_is_not_finished(
    name: str, students: int, count: int
) -> None:
    roster = read_export(samples(f"oneroster/catalyst-moodle/{name}.zip").read_bytes())
    assert (len(roster.students), roster.course_count) == (students, count)
    assert {course.status for course in courses(roster)} == {"Enrolled"}
    assert len(codes(roster)["no_result"]) == count


def test_the_samples_report_every_row_that_was_left_out() -> None:
    found = codes(read_export(samples("oneroster/catalyst-moodle/v1p2_full_dataset.zip").read_bytes()))
    assert found["row_inactive"] == [("academicSessions.csv", 2), ("academicSessions.csv", 4), ("classes.csv", 3)]
    assert found["no_such_class"] == [("enrollments.csv", 5), ("enrollments.csv", 6), ("enrollments.csv", 7)]
    assert found["file_not_used"] == [("userprofiles.csv", None)]


def test_the_demo_export_has_grades_and_three_courses_in_progress(export: bytes) -> None:
    roster = read_export(export)
    lucia = roster.students[0]
    assert lucia.name == "Lucía Guadalupe Hernández Villaseñor" and len(lucia.courses) == 24
    by_status = {status: [course.title for course in lucia.courses if course.status == status]
                 for status in ("Completed", "InProgress", "Enrolled")}
    assert (len(by_status["Completed"]), by_status["InProgress"]) == (21, ["Precalculus"])
    assert by_status["Enrolled"] == ["English 12: Writing for College and Work", "Environmental Science"]
    assert codes(roster)["not_a_final_grade"]


def test_a_course_without_a_result_never_looks_finished() -> None:
    for course in courses(read_export(export())):
        assert (course.status, course.grades, course.credits_earned) == ("Enrolled", (), None)


def test_a_final_grade_becomes_letter_and_percent() -> None:
    first, second = courses(read_export(packed({"manifest.csv": MANIFEST, "users.csv": USERS, "classes.csv": CLASSES,
                                                "enrollments.csv": ENROLLMENTS, **GRADED})))
    assert [(grade.kind, grade.value, grade.highest) for grade in first.grades] == [
        ("LetterGrade", "A-", None), ("Percent", "91", "100")]
    assert (first.status, second.status) == ("Completed", "Enrolled")


@pytest.mark.parametrize(("row", "status", "code"), [
    ("L-1,S-1,partially graded,91,A-", "InProgress", "not_fully_graded"),
    ("L-1,S-1,fully graded,ninety,", "InProgress", "number_unreadable"),
    ("L-9,S-1,fully graded,91,A-", "Enrolled", "no_such_line_item"),
    ("L-1,S-9,fully graded,91,A-", "Enrolled", "no_student_for_result"),
])
def test_a_score_that_is_no_course_grade_is_reported_and_finishes_nothing(row: str, status: str, code: str) -> None:
    results = "lineItemSourcedId,studentSourcedId,scoreStatus,score,textScore\n" + row + "\n"
    roster = read_export(export(lineItems=GRADED["lineItems.csv"], results=results))
    assert next(iter(courses(roster))).status == status
    assert codes(roster)[code] == [("results.csv", 2)]


def test_quotes_line_breaks_and_a_byte_order_mark_are_read_and_lines_are_still_right() -> None:
    users = '\ufeffsourcedId,givenName,familyName\nS-1,"Ana\nLuz","O""Neil, Jr."\nS-2,Bo,\n'
    enrollments = ENROLLMENTS + "C-1,S-9,student\n"
    roster = read_export(export(users=users, enrollments=enrollments))
    assert roster.students[0].family_name == 'O"Neil, Jr.'
    assert codes(roster)["no_such_user"] == [("enrollments.csv", 4)]


def test_a_name_is_kept_composed_and_without_characters_that_hide_or_move_others() -> None:
    users = "sourcedId,givenName,familyName\nS-1,Ana\u202e\u200b  Mari\u0301a,Nu\u0303n\u0303ez\nS-2,Bo,\n"
    assert read_export(export(users=users)).students[0].name == "Ana María Nũñez"


def test_columns_may_stand_in_any_order_and_case_and_in_a_folder() -> None:
    users = "FAMILYNAME,SourcedId,givenname,extra\nRuiz,S-1,Ana,x\nDíaz,S-2,Eva,y\n"
    files = {"lincoln/users.csv": users, "lincoln/classes.csv": CLASSES, "lincoln/enrollments.csv": ENROLLMENTS}
    roster = read_export(packed(files))
    assert [student.name for student in roster.students] == ["Ana Ruiz", "Eva Díaz"]
    assert "manifest_missing" in codes(roster)


def test_notes_that_say_the_same_stand_together() -> None:
    roster = read_export(export(enrollments="classSourcedId,userSourcedId,role\nC-1,S-1,teacher\nC-1,S-2,teacher\n",
                                roles="userSourcedId,role\nS-1,student\n"))
    grouped = {note.code: lines for note, lines in group_notes(roster.notes)}
    assert grouped["not_a_student"] == (2, 3)


def test_a_roster_waits_in_the_database_without_changing(export: bytes) -> None:
    roster = read_export(export)
    again = roster_from_json(json.loads(json.dumps(roster_to_json(roster))))
    assert again == roster


def test_every_note_has_a_sentence_with_its_places() -> None:
    for code in NOTES:
        assert NOTES[code].endswith(".")


BOMB = packed({"users.csv": b"a" * 60_000_000})
HOSTILE: list[tuple[str, bytes, type[CredkitError]]] = [
    ("empty", b"", UnreadableFile),
    ("binary", bytes(range(256)) * 40, UnknownFile),
    ("text", b"Hola, mundo", UnknownFile),
    ("ten megabytes of nothing", b"\0" * 10_000_000, UnknownFile),
    ("too large", b"PK\x03\x04" + b"\0" * MAX_FILE_BYTES, TooLargeFile),
    ("zip head only", b"PK\x03\x04", UnreadableFile),
    ("truncated zip", export()[:-40], UnreadableFile),
    ("half a zip", export()[: len(export()) // 2], UnreadableFile),
    ("damaged zip", export().replace(b"users.csv", b"uzers.csv", 1), UnreadableFile),
    ("zip bomb", BOMB, TooLargeFile),
    ("too many files", packed({f"{n}.csv": "a" for n in range(101)}), TooLargeFile),
    ("path out of the zip", packed({"../users.csv": USERS, "classes.csv": CLASSES}), IncompleteFile),
    ("absolute path", packed({"/etc/users.csv": USERS}), IncompleteFile),
    ("Windows path", packed({"..\\users.csv": USERS}), IncompleteFile),
    ("one name twice", packed({"a/users.csv": USERS, "b/Users.csv": USERS}), IncompleteFile),
    ("zip of other things", packed({"photo.jpg": b"\xff\xd8"}), UnknownFile),
    ("no users", export(users=None), IncompleteFile),
    ("no enrollments", export(enrollments=None), IncompleteFile),
    ("nobody in it", export(users="sourcedId,givenName,familyName\n"), IncompleteFile),
    ("other version", export(manifest="propertyName,value\noneroster.version,2.0\n"), UnknownFile),
    ("empty file", export(users=""), UnreadableFile),
    ("binary file", export(users=b"\x00\x01\x02"), UnreadableFile),
    ("Latin-1", export(users=USERS.encode("latin-1")), UnreadableFile),
    ("UTF-16", export(users=USERS.encode("utf-16")), UnreadableFile),
    ("semicolons", export(users=USERS.replace(",", ";")), UnreadableFile),
    ("tabs", export(users=USERS.replace(",", "\t")), UnreadableFile),
    ("missing column", export(users="sourcedId,givenName\nS-1,Ana\n"), IncompleteFile),
    ("column twice", export(users="sourcedId,givenName,familyName,givenName\n"), IncompleteFile),
    ("open quote", export(users='sourcedId,givenName,familyName\nS-1,"Ana,Ruiz\n'), UnreadableFile),
    ("huge cell", export(users=f"sourcedId,givenName,familyName\nS-1,{'a' * 200_000},Ruiz\n"), UnreadableFile),
    ("long cell", export(users=f"sourcedId,givenName,familyName\nS-1,{'a' * 2001},Ruiz\n"), IncompleteFile),
    ("long XML value", b"<HighSchoolTranscript><Student><Person><Name><FirstName>" + b"a" * 2001
     + b"</FirstName></Name></Person></Student></HighSchoolTranscript>", IncompleteFile),
    ("broken XML", b"<a><b></a>", UnreadableFile),
    ("truncated XML", b"<AcademicRecordBatch><HighSchoolTranscript>", UnreadableFile),
    ("other XML", b"<html/>", UnknownFile),
    ("deep XML", b"<a>" * 100_000, TooLargeFile),
    ("deep JSON", b'{"a":' * 100_000, TooLargeFile),
    ("wide XML", b"<r>" + b"<a/>" * 200_001 + b"</r>", TooLargeFile),
    ("billion laughs", b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>', UnreadableFile),
    ("external entity", b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>', UnreadableFile),
    ("unknown encoding", b'<?xml version="1.0" encoding="x-nonsense"?><a/>', UnreadableFile),
    ("XML in the wrong encoding", '<?xml version="1.0" encoding="utf-8"?><a>ñ</a>'.encode("latin-1"), UnreadableFile),
    ("JSON list", b"{} {}", UnreadableFile),
    ("other JSON", b'{"a": 1}', UnknownFile),
    ("batch of nobody", b"<AcademicRecordBatch/>", IncompleteFile),
    ("nameless transcript", b"<HighSchoolTranscript><Student/></HighSchoolTranscript>", IncompleteFile),
]


@pytest.mark.parametrize(("data", "problem"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_file_that_cannot_be_read_gets_its_own_error_and_one_sentence(
    data: bytes, problem: type[CredkitError]
) -> None:
    with pytest.raises(problem) as caught:
        read_export(data)
    assert isinstance(caught.value, FileProblem)
    assert caught.value.detail.endswith((".", "”.")) and "\n" not in caught.value.detail
    assert caught.value.message % caught.value.values == caught.value.detail


def test_a_zip_locked_with_a_password_is_refused() -> None:
    data = bytearray(export())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            struct.pack_into("<H", data, start + offset, 1)
    with pytest.raises(UnreadableFile):
        read_export(bytes(data))


def test_a_link_in_a_zip_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo("users.csv")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(IncompleteFile):
        read_export(target.getvalue())


def test_a_zip_that_lies_about_its_sizes_is_stopped_by_what_comes_out() -> None:
    data = bytearray(BOMB)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.find(mark) + offset, 10)
    with pytest.raises(CredkitError):
        _zip.unpack(bytes(data))


def test_cut_anywhere_a_sample_is_read_or_refused_but_never_breaks(tmp_path: Path) -> None:
    del tmp_path
    for data in (export(), samples("pesc/bc-highschooltranscript-v1.5.0.xml").read_bytes()[:6000]):
        for end in range(0, len(data), 37):
            try:
                read_export(data[:end])
            except FileProblem:
                continue
