"""Printing what a check or an answer came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from credkit.errors import ProblemError
from credkit.shape import parse_date_time
from ui.cli import N_, Console
from ui.text import one_line

if TYPE_CHECKING:
    from ui.web.components import Signer
    from verifier.services.packets import Official
    from verifier.web.told import Told, ToldPaper, ToldRecord

_WIDTH = 300
_FAMILY = N_("said by the family")
_DATE = len("2026-01-31")
_PAPERS: Mapping[str, str] = {"picture": N_("picture"), "table": N_("table"), "document": N_("PDF file")}
_OTHER_PAPER = N_("file")


def print_story(console: Console, story: dict[str, Any], replaced_by: Sequence[Official] = ()) -> int:
    """The report in words, then what the records say and what others say about them; the exit code.

    Args:
        replaced_by: The official records that have taken a packet's place.
    """
    told = _told(console, story)
    rows = list(zip(story["sheets"], told.records, strict=True))
    if told.bundle is not None:
        # Who says something about itself cannot be known to us; its words come below.
        rows = [(sheet, record) for sheet, record in rows if record.voice != "family"] or rows
    report, inside = story["report"], [(record.title or None, record.signer.known_as) for _sheet, record in rows]
    if told.bundle is not None or any(check["id"] == "query" for check in report["checks"]):
        # What each wallet's presentation had to pass, it has passed: the records themselves come next.
        report = {**report, "members": [_report_of(sheet) for sheet, _record in rows]}
    single = told.records[0] if len(told.records) == 1 else None
    if single is not None and told.overall is single.explained:
        inside = [(member.title or None, member.signer.known_as) for member in single.members]
    code = console.report(report, signer=single.signer.known_as if single else None, members=inside)
    _print_source(console, told)
    for official in replaced_by:
        said = {"school": one_line(official.known_as or official.signer), "id": official.result_id}
        console.say(console.gettext(N_("%(school)s has sent its own record. It replaces this copy.")) % said, bold=True)
        console.say("  " + console.gettext(N_("See it: backpack-verifier result %(id)s")) % said)
    for record in told.records:
        _print_record(console, record)
    if told.bundle is not None:
        _print_comments(console, told.bundle, "")
    _print_papers(console, told.papers)
    return code


def print_day_one(console: Console, story: dict[str, Any]) -> int:
    """The teacher's page for the first day."""
    from verifier.web.day_one import build_day_one  # pages are slow to import
    from verifier.web.labels import LABELS

    page = build_day_one(_told(console, story))
    if console.json:
        console.emit(asdict(page))
        return 0
    for student in page.students:
        console.say(student, bold=True)
    console.say(console.gettext(N_("Strengths")), bold=True)
    for kind, words, _language in page.strengths:
        console.say(f"  {console.gettext(LABELS[kind])}: {one_line(words, _WIDTH)} ({console.gettext(_FAMILY)})")
    for badge in page.badges:
        _print_line(console, badge)
    console.say(console.gettext(N_("What the record shows")), bold=True)
    for signer, table in page.courses:
        console.say("  " + (signer.known_as or console.gettext(N_("not known to us"))))
        for term in table.terms:
            for course in term.courses:
                parts = (course.title, term.name, course.grade or course.note)
                console.say("    " + ", ".join(part for part in parts if part))
    for record in page.others:
        _print_line(console, record)
    console.say(console.gettext(N_("Goals and what helps")), bold=True)
    for kind, words, _language in page.plans:
        console.say(f"  {console.gettext(LABELS[kind])}: {one_line(words, _WIDTH)} ({console.gettext(_FAMILY)})")
    for remark in page.remarks:
        console.say(f"  {one_line(remark.title)}: {remark.comment.said_by}: “{one_line(remark.comment.comment, 4000)}”")
    _print_papers(console, page.papers)
    if page.left_out:
        one = "%(num)s record is left out, because not every check passed."
        many = "%(num)s records are left out, because not every check passed."
        console.say(console.ngettext(one, many, page.left_out))
    return 0


def _told(console: Console, story: dict[str, Any]) -> Told:
    """The story in the terminal's language, its dates as people write them."""
    from verifier.web.told import tell_story  # pages are slow to import; JSON does without

    return tell_story(story, console.translations, lambda text: _day(console, text))


def _day(console: Console, text: str) -> str:
    """A signed date or moment as a day; what is none as it stands."""
    try:
        return console.day(date.fromisoformat(text) if len(text) == _DATE else parse_date_time(text))
    except (ValueError, ProblemError):
        return text


def _print_papers(console: Console, papers: Sequence[ToldPaper]) -> None:
    """Old papers that the family added, by name: nobody verified them."""
    if papers:
        console.say()
        console.say(console.gettext(N_("Old papers from the family, not verified")), bold=True)
    for paper in papers:
        kind = console.gettext(_PAPERS.get(paper.kind, _OTHER_PAPER))
        title = one_line(paper.title, _WIDTH) or console.gettext(N_("A paper without a title"))
        console.say(f"  {title} ({kind})" + (f": {one_line(paper.note, _WIDTH)}" if paper.note else ""))


def _print_line(console: Console, record: ToldRecord) -> None:
    parts = (record.title, record.grade, record.signer.known_as or console.gettext(N_("not known to us")))
    console.say("  " + ", ".join(one_line(part, _WIDTH) for part in parts if part))


def _report_of(sheet: Mapping[str, Any]) -> dict[str, Any]:
    return {**sheet["report"], "members": [_report_of(member) for member in sheet["members"]]}


def _print_source(console: Console, told: Told) -> None:
    if told.notes:
        console.say()
    for note in told.notes:
        console.say(note, bold=True)
    if told.source.copies_of is not None:
        moment = console.moment(told.source.copies_of)
        console.say(console.gettext(N_("The answers come from copies of %(moment)s.")) % {"moment": moment})


def _print_record(console: Console, record: ToldRecord) -> None:
    if not record.shown:
        return
    console.say()
    console.say(one_line(record.title), bold=True)
    _print_signer(console, record.signer, "  ")
    for row in record.rows:
        console.say(f"  {row.label}: {one_line(row.value, _WIDTH)}")
    for member in record.members:
        if member.shown:
            console.say("  - " + ", ".join(part for part in (member.title, member.term, member.grade) if part))
            _print_comments(console, member, "    ")
    _print_comments(console, record, "  ")


def _print_signer(console: Console, signer: Signer, indent: str) -> None:
    who = signer.known_as or console.gettext(N_("not known to us")) + f" ({signer.domain or signer.identifier})"
    console.say(indent + console.gettext(N_("Signed by: %(signer)s")) % {"signer": one_line(who, _WIDTH)})
    if signer.calls_itself and signer.calls_itself != signer.known_as:
        console.say(indent + console.gettext(N_("It calls itself: %(name)s")) % {"name": signer.calls_itself})


def _print_comments(console: Console, record: ToldRecord, indent: str) -> None:
    """What others say about a record: under their own name, never among the signer's words."""
    for comment in record.endorsements:
        if not comment.holds:
            console.say(
                indent + console.gettext(N_("A comment came along that does not hold. Its words are not shown."))
            )
            continue
        console.say(f"{indent}{comment.said_by}:", bold=True)
        console.say(f"{indent}  “{one_line(comment.comment, 4000)}”")
        if comment.signer.calls_itself and comment.signer.calls_itself != comment.signer.known_as:
            name = {"name": comment.signer.calls_itself}
            console.say(indent + "  " + console.gettext(N_("Signed with the name: %(name)s")) % name)
