"""Reports in plain words, the same on pages, in the terminal and on paper.

Works on a report's JSON form, ``{"verified", "checks": [{"id", "outcome", "problem"?}], "members"?}``, alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from babel.support import NullTranslations

from ui.languages import N_
from ui.remarkwords import NAMES, OTHER, REMARKS
from ui.text import one_line
from ui.wordtables import AT_HOME, CHECKS, PROBLEMS, SEVERITY, CheckWords, ProblemWords

Look = Literal["holds", "fails", "unknown"]

SYMBOLS: Mapping[Look, str] = {"holds": "✓", "fails": "✕", "unknown": "?"}
LOOKS: Mapping[str, Look] = {"passed": "holds", "failed": "fails", "indeterminate": "unknown"}
_WORDS: Mapping[Look, str] = {"holds": N_("Holds"), "fails": N_("Does not hold"), "unknown": N_("Could not check")}
_CHECK_WORDS: Mapping[Look, str] = {
    "holds": N_("In order"),
    "fails": N_("Not in order"),
    "unknown": N_("Could not check"),
}
_OTHER = CheckWords(
    N_("Another check"),
    N_("This check came out well."),
    N_("This check did not come out well."),
    N_("This check could not be done."),
)


@dataclass(frozen=True)
class ExplainedCheck:
    """One check in words. ``technical`` holds (name, value) pairs for behind "details", untranslated."""

    id: str
    look: Look
    symbol: str
    word: str
    title: str
    sentence: str
    advice: str
    technical: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Verdict:
    """The one sentence, its look (``holds``, ``fails``, ``unknown``), symbol and word."""

    look: Look
    symbol: str
    word: str
    sentence: str
    advice: str = ""


@dataclass(frozen=True)
class ExplainedRemark:
    """What reading noticed, in words; ``places`` are JSON Pointers, for behind "details"."""

    code: str
    sentence: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """A whole report in words; ``members`` are the records inside, ``title`` what this one is called if known.

    ``remarks`` say what reading noticed and no check refuses, each once.
    """

    verdict: Verdict
    checks: tuple[ExplainedCheck, ...]
    members: tuple[Explained, ...] = ()
    title: str | None = None
    remarks: tuple[ExplainedRemark, ...] = ()


def explain(
    report: Mapping[str, Any],
    translations: NullTranslations,
    *,
    signer: str | None = None,
    title: str | None = None,
    members: Sequence[tuple[str | None, str | None]] = (),
) -> Explained:
    """Put ``report`` into the language of ``translations``.

    Args:
        report: ``Report.to_json()``.
        signer: The signer's name as *our* list knows it, never as the record calls itself; by default the report's
            ``trusted_name``, or that of all its records if it is the same.
        title: What the record is called.
        members: ``(title, signer)`` for each record inside, in order; may be shorter than the records.
    """
    signer = signer or _trusted_name(report)
    names = [*members, *[(None, None)] * len(_members(report))]
    inside = tuple(
        explain(member, translations, title=name, signer=who)
        for member, (name, who) in zip(_members(report), names, strict=False)
    )
    checks = tuple(explain_check(check, translations, signer=signer) for check in _checks(report))
    return Explained(_verdict(report, checks, inside, translations, signer), checks, inside, title,
                     explain_remarks(report, translations))


def explain_check(
    check: Mapping[str, Any], translations: NullTranslations, *, signer: str | None = None
) -> ExplainedCheck:
    """One check ``{"id", "outcome", "problem"?}`` in words; an unknown id or problem code still gets honest words."""
    _ = translations.gettext
    look = LOOKS.get(str(check.get("outcome")), "unknown")
    words = CHECKS.get(str(check.get("id")), _OTHER)
    problem = check.get("problem") or {}
    code = str(problem.get("code"))
    at_home = code in AT_HOME.get(str(check.get("id")), () if words is not _OTHER else PROBLEMS)
    known = PROBLEMS[code] if look != "holds" and at_home else None
    sentence = {"holds": words.passed, "fails": words.failed, "unknown": words.indeterminate}[look]
    said = _say(known, translations, signer) if known else _(sentence)
    technical = [(name, one_line(str(problem[name]), 500)) for name in _TECHNICAL if name in problem]
    return ExplainedCheck(
        id=str(check.get("id")),
        look=look,
        symbol=SYMBOLS[look],
        word=_(_CHECK_WORDS[look]),
        title=_(words.title),
        sentence=said,
        advice=_(known.advice) if known and known.advice else "",
        technical=(("check", str(check.get("id"))), *technical),
    )


_TECHNICAL = ("code", "type", "title", "detail", "pointer")


def problem_sentence(code: str, translations: NullTranslations, *, signer: str | None = None) -> str | None:
    """The sentence for a problem code, None if there is none."""
    known = PROBLEMS.get(code)
    return _say(known, translations, signer) if known else None


def exit_code(report: Mapping[str, Any]) -> int:
    """0 verified · 1 not verified · 3 could not check (design.md "Errors")."""
    if report.get("verified") is True:
        return 0
    outcome = report.get("outcome")
    if outcome is None:
        outcome = "failed" if any(check.get("outcome") == "failed" for check in _every_check(report)) else ""
    return 1 if outcome == "failed" else 3


def is_signer_known(report: Mapping[str, Any]) -> bool:
    """Whether the signer (of a presentation: of every record in it) is on our list."""
    own = [check for check in _checks(report) if check.get("id") == "trust"]
    if own:
        return all(check.get("outcome") == "passed" for check in own)
    return bool(_members(report)) and all(is_signer_known(member) for member in _members(report))


def _verdict(
    report: Mapping[str, Any],
    checks: Sequence[ExplainedCheck],
    inside: Sequence[Explained],
    translations: NullTranslations,
    signer: str | None,
) -> Verdict:
    _ = translations.gettext
    code = exit_code(report)
    if code == 0 and is_signer_known(report):
        sentence = (
            _(N_("Nobody has changed this. %(signer)s signed it.")) % {"signer": signer}
            if signer
            else _(N_("Nobody has changed this. We know who signed it."))
        )
        return _look("holds", translations, sentence)
    if code == 0:
        return _look(
            "unknown",
            translations,
            _(N_("Nobody has changed this. We do not know who signed it.")),
            _(N_("Find out who signed it before you rely on it.")),
        )
    wanted: Look = "fails" if code == 1 else "unknown"
    worst = _worst(checks, inside, wanted)
    if worst is None:
        return _look("unknown", translations, _(N_("We could not check this record.")))
    sentence = worst.sentence
    if worst.id == "trust":
        sentence = _(N_("Nobody has changed this. But: %(reason)s")) % {"reason": sentence}
    return _look(wanted, translations, sentence, worst.advice)


def _worst(checks: Sequence[ExplainedCheck], inside: Sequence[Explained], wanted: Look) -> ExplainedCheck | None:
    """The check that speaks for the report: its own first, but a record inside speaks for "a record inside ..."."""
    rank = {name: place for place, name in enumerate(SEVERITY)}
    own = sorted((check for check in checks if check.look == wanted), key=lambda check: rank.get(check.id, len(rank)))
    if own and own[0].id not in ("members", "credentials"):
        return own[0]
    if len(inside) == 1 and (deeper := _worst(inside[0].checks, inside[0].members, wanted)):
        return deeper
    if own:
        return own[0]
    deeper_ones = (_worst(member.checks, member.members, wanted) for member in inside)
    return next((check for check in deeper_ones if check), None)


def _look(look: Look, translations: NullTranslations, sentence: str, advice: str = "") -> Verdict:
    return Verdict(look, SYMBOLS[look], translations.gettext(_WORDS[look]), sentence, advice)


def _say(known: ProblemWords, translations: NullTranslations, signer: str | None) -> str:
    if signer and known.with_signer:
        return translations.gettext(known.with_signer) % {"signer": one_line(signer)}
    return translations.gettext(known.sentence)


def _trusted_name(report: Mapping[str, Any]) -> str | None:
    own = report.get("trusted_name")
    if isinstance(own, str):
        return own
    names = {_trusted_name(member) for member in _members(report)}
    return names.pop() if len(names) == 1 else None


def explain_remarks(report: Mapping[str, Any], translations: NullTranslations) -> tuple[ExplainedRemark, ...]:
    """What reading noticed, in words, each sentence once; an unknown code still gets honest words."""
    _ = translations.gettext
    found: dict[tuple[str, str], list[str]] = {}
    for remark in report.get("remarks") or ():
        key = (str(remark.get("code", "")), str(remark.get("name", "")))
        found.setdefault(key, []).append(one_line(str(remark.get("pointer", "")), 300))
    return tuple(
        ExplainedRemark(
            code,
            _(REMARKS.get(code, OTHER)) % {"name": _(NAMES[name]) if name in NAMES else one_line(name, 200)},
            tuple(places),
        )
        for (code, name), places in found.items()
    )


def _checks(report: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return report.get("checks") or ()


def _members(report: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return report.get("members") or ()


def _every_check(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _checks(report)
    for member in _members(report):
        yield from _every_check(member)
