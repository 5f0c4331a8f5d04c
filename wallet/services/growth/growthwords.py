"""The sentences of growth: one per chart, one next step, and every limit, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from wallet.services.growth.growth import Change, Series, Subject
from wallet.services.growth.sittings import Sitting
from wallet.services.growth.standing import Limit, Standing
from wallet.services.growth.voice import Voice
from wallet.services.record.labels import N_

NextStep = Literal["wait", "ask-error", "ask-number", "celebrate", "practise", "standards", "ask-tests"]

_SUBJECTS: Final = {
    "math": N_("Math"), "reading": N_("Reading"), "language-arts": N_("Language arts"), "writing": N_("Writing"),
    "science": N_("Science"), "social-studies": N_("Social studies"),
}
_PURPOSES: Final = {
    "formative": N_("small test for teaching"), "interim": N_("test during the year"),
    "summative": N_("test at the end of the year"),
}
_UP: Final = {
    "clear": N_("The score rose from %(first)s to %(last)s: a clear gain."),
    "probable": N_("The score rose from %(first)s to %(last)s: probably a real gain."),
    "short": N_("The score rose from %(first)s to %(last)s: probably a real gain, just short of clear."),
    "weak": N_("The score rose from %(first)s to %(last)s. It may be a gain; take it with care."),
}
_DOWN: Final = {
    "clear": N_("The score went from %(first)s down to %(last)s: a clear change."),
    "probable": N_("The score went from %(first)s down to %(last)s: probably a real change."),
    "short": N_("The score went from %(first)s down to %(last)s: probably a real change, just short of clear."),
    "weak": N_("The score went from %(first)s down to %(last)s. It may be a change; take it with care."),
}
_NONE: Final = N_("The score went from %(first)s to %(last)s: no clear change.")
_SAME: Final = N_("The score stayed at %(last)s: no clear change.")
_UNKNOWN: Final = N_("The score went from %(first)s to %(last)s. Without its error we cannot say more.")
_JUST_SHORT: Final = 1.75

_PACE: Final = {
    "same": N_("Keeps pace with classmates in the comparison group (%(rate)s a year)."),
    "faster": N_("Moves up faster than classmates in the comparison group (%(rate)s a year)."),
    "much-faster": N_("Moves up much faster than classmates in the comparison group (%(rate)s a year)."),
    "slower": N_("Moves up more slowly than classmates in the comparison group (%(rate)s a year)."),
    "much-slower": N_("Moves up much more slowly than classmates in the comparison group (%(rate)s a year)."),
}
_STEPS: Final[dict[NextStep, str]] = {
    "wait": N_("Next step: ask when the next test is. Two results on one scale show a change."),
    "ask-error": N_("Next step: ask the school for the standard error of this score."),
    "ask-number": N_("Next step: ask the school for the score behind this level."),
    "ask-tests": N_("Next step: ask the school for the results of the last two tests."),
    "celebrate": N_("Next step: celebrate it together, and ask the teacher what comes next."),
    "practise": N_("Next step: ask the teacher which one thing to practice at home."),
    "standards": N_("Next step: look at the map of standards. It shows what is learned and what comes next."),
}
_LIMITS: Final = {
    "no-score": N_("These results are levels or marks. There is no number to compare."),
    "one-point": N_("There are fewer than two results on this scale, so no change can be shown."),
    "not-a-number": N_("A result is not written as a number. It is shown as signed and left out of every sum."),
    "out-of-range": N_("A result lies outside its own scale. It is shown as signed and left out of every sum."),
    "not-finished": N_("A test was not finished. It is left out of every sum."),
    "provisional": N_("A result is not final yet. It may still change."),
    "undated": N_("For a result only the day of the signature is known, not the day of the test."),
    "languages": N_("The tests were given in different languages. A part of the change may come from that."),
    "other-language": N_("The test was given in another language than English. Its group may be another one too."),
    "tests-differ": N_("The results come from different tests that report the same measure."),
    "plain-scale": N_("This scale belongs to one test and grade. Other grades are not compared with it."),
    "no-norm": N_("No comparison with a group was signed, so nothing is said about standing."),
    "unnamed-norm": N_("A percentile was signed without naming its group. It is not used."),
    "as-issued": N_("Growth percentiles are shown as their signer computed them. We never compute them."),
    "grade-equivalent": N_("A grade equivalent does not mean that a child belongs in that grade."),
    "predicted": N_("A predicted score is a guess by its signer, not a result."),
    "unchecked": N_("For a result we could not check whether its signer has taken it back."),
    "students-differ": N_("One signer names different student numbers. Check that all results are about one child."),
    "one-place": N_("There is only one standing in this group, so no pace can be shown."),
    "too-close": N_("The standings lie less than half a year apart. No yearly pace is shown."),
    "two-places": N_("The pace comes from two results only. A third would make it firmer."),
    "norm-groups": N_("The results are compared with different groups. Take the pace with care."),
    "norm-years": N_("The comparison groups are from different years. Take the pace with care."),
    "standing-conditions": N_("The tests were not given alike. Take the pace with care."),
    "coarse": N_("A stanine is a coarse value: each step covers many places."),
    "middle": N_("Scores that start very low or very high tend to move toward the middle."),
}


def subject_name(key: str, voice: Voice) -> str | None:
    """What the subject is called; None for one that only its signer names (the text after ``other:``)."""
    return voice.gettext(_SUBJECTS[key]) if key in _SUBJECTS else None


def kind_of_test(sitting: Sitting, voice: Voice) -> str:
    """What the test was for, as far as its signer says so."""
    return voice.gettext(_PURPOSES[sitting.purpose]) if sitting.purpose in _PURPOSES else ""


def sentence(series: Series, voice: Voice) -> str:
    """The one sentence of a series."""
    if series.change is not None:
        return change_sentence(series.change, voice)
    values = [point.score.text for point in series.points if point.score is not None and point.value is not None]
    if values:
        return voice.gettext(N_("There is one result so far: %(score)s.")) % {"score": values[-1]}
    return voice.gettext(N_("There are results, but no numbers that can be compared."))


def change_sentence(change: Change, voice: Voice) -> str:
    """A change and how sure it is."""
    scores = {"first": voice.number(change.earlier.value or 0), "last": voice.number(change.later.value or 0)}
    if change.verdict == "unknown":
        return voice.gettext(_UNKNOWN) % scores
    if change.verdict == "none":
        return voice.gettext(_NONE if change.difference else _SAME) % scores
    near = change.verdict == "probable" and change.ratio is not None and change.ratio >= _JUST_SHORT
    said = (_UP if change.difference > 0 else _DOWN)["weak" if change.weak else "short" if near else change.verdict]
    return voice.gettext(said) % scores


def standing_sentence(standing: Standing, voice: Voice) -> str:
    """How the standing moves; what can be said where it does not."""
    if standing.band is None or standing.rate is None:
        return voice.gettext(N_("There are not enough signed comparisons to show a pace."))
    said = voice.gettext(_PACE[standing.band]) % {"rate": voice.signed(standing.rate)}
    care = voice.gettext(N_("Take this with care."))
    return f"{said} {care}" if standing.weak else said


def next_step(series: Series) -> NextStep:
    """What to do about it: exactly one thing."""
    change = series.change
    if change is None:
        return "ask-number" if all(point.score is None for point in series.points) else "wait"
    if change.verdict == "unknown":
        return "ask-error"
    if change.verdict == "none":
        return "standards"
    return "celebrate" if change.difference > 0 else "practise"


def next_step_sentence(step: NextStep, voice: Voice) -> str:
    """The sentence of a next step."""
    return voice.gettext(_STEPS[step])


def limit_sentences(limits: tuple[Limit, ...], voice: Voice) -> list[str]:
    """What the numbers cannot say, each in one sentence."""
    counted: dict[str, Callable[[int], str]] = {
        "no-error": lambda n: voice.ngettext(
            "For %(num)s result the standard error was not signed, so its share of chance is unknown.",
            "For %(num)s results the standard error was not signed, so their share of chance is unknown.", n),
        "accommodations": lambda n: voice.ngettext(
            "%(num)s test was taken with accommodations. Compare it with care.",
            "%(num)s tests were taken with accommodations. Compare them with care.", n),
    }
    return [counted[limit.code](limit.count) if limit.code in counted else voice.gettext(_LIMITS[limit.code])
            for limit in limits]


def taken_back_sentence(count: int, voice: Voice) -> str:
    """What was left out because its signer took it back."""
    return voice.ngettext("%(num)s result was taken back by its signer and is left out.",
                          "%(num)s results were taken back by their signers and are left out.", count)


def subject_standing(subject: Subject) -> Standing | None:
    """The standing that says most about the subject, if it says anything about a pace."""
    found = subject.standings or subject.series[0].standings
    return found[0] if found and found[0].band is not None else None


def subject_sentence(subject: Subject, voice: Voice) -> str:
    """The one sentence of a subject: its main series' or, where no change can be shown there, the standing's."""
    main, standing = subject.series[0], subject_standing(subject)
    if main.change is None and standing is not None:
        return standing_sentence(standing, voice)
    return sentence(main, voice)


def grades_only(voice: Voice) -> str:
    """The one sentence of a subject that has grades and no tests."""
    return voice.gettext(N_("There are grades, and no test results yet."))


def subject_step(subject: Subject) -> NextStep:
    """Exactly one thing to do in a subject."""
    standing = subject_standing(subject)
    if subject.series[0].change is not None or standing is None:
        return next_step(subject.series[0])
    return "practise" if standing.band in ("slower", "much-slower") else "standards"
