"""Words for the record's own names (categories, rules, elements …), the same on pages and in the terminal.

The words are msgids of the role's catalogue: this layer knows no language.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from wallet.services.record.labels import N_

CATEGORIES: Final[Mapping[str, str]] = MappingProxyType({
    "transcript": N_("Courses and transcripts"),
    "assessment": N_("Tests and mastery"),
    "attendance": N_("Attendance"),
    "services": N_("Services and supports"),
    "supplemental-achievement": N_("Badges and extra learning"),
    "work-habits": N_("Work habits and social skills"),
    "extracurricular": N_("Clubs, sports and arts"),
    "work-and-service": N_("Work and community service"),
    "portfolio": N_("Portfolio"),
    "profile": N_("Name, address and profile"),
    "iep": N_("Special education (IEP, 504)"),
    "discipline": N_("Discipline and behavior"),
    "other": N_("Everything else"),
})
RULES: Final[Mapping[str, str]] = MappingProxyType({
    "share": N_("Share"), "ask": N_("Ask me"), "never": N_("Never"),
})
RULE_HELP: Final[Mapping[str, str]] = MappingProxyType({
    "share": N_("It is offered whenever somebody asks for it. You still confirm each time."),
    "ask": N_("It is offered, but never ticked for you."),
    "never": N_("Nobody outside the family can find out that it exists."),
})
STATEMENTS: Final[Mapping[str, str]] = MappingProxyType({
    "strength": N_("Strengths"), "interest": N_("Interests"), "goal": N_("Goals"), "motivation": N_("What motivates"),
    "preference": N_("How learning works best"), "need": N_("Needs"), "asset": N_("What helps"),
    "challenge": N_("Challenges"),
})
CONTRIBUTIONS: Final[Mapping[str, str]] = MappingProxyType({
    "note": N_("Note"), "badge": N_("Badge"), "score": N_("Score"), "offer": N_("Record from an office"),
    "representative": N_("Representative work"), "comment": N_("Comment"),
})
CONTRIBUTION_STATES: Final[Mapping[str, str]] = MappingProxyType({
    "waiting": N_("Waits for the family"), "returned": N_("Returned with a note"),
})
ELEMENTS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType({
    "attendance": (
        N_("Summary of attendance"), N_("Days present, absent and late, by term."),
        N_("The school office or attendance office.")),
    "enrolments": (
        N_("Courses taken"), N_("Every course, with its year and term."),
        N_("The registrar of each school, as a transcript.")),
    "grades": (
        N_("Course grades"), N_("What each course was graded."),
        N_("The registrar of each school, as a transcript.")),
    "teachers": (
        N_("Teachers and their qualifications"), N_("Who taught each course. The license is the teacher's own record."),
        N_("The school names the teacher. The state's license office signs the license, and a link leads to it.")),
    "state-tests": (
        N_("State test results"), N_("Scores of the tests that the whole state takes."),
        N_("The district's testing office, or the state.")),
    "growth": (
        N_("Growth scores"), N_("How far learning moved in a year, as the state worked it out."),
        N_("The district's testing office, or the state. We never work it out ourselves.")),
    "classroom-tests": (
        N_("Tests during the year"), N_("Classroom, interim and final tests."),
        N_("The teacher, the school, or the company that runs the test.")),
    "mastery": (
        N_("Skills mastered"), N_("Which skills of the standards have been shown, and to whom."),
        N_("The teacher or the school, skill by skill. A tutor can add more.")),
    "reading": (
        N_("Reading level"), N_("A reading score, such as a Lexile measure."),
        N_("The teacher or the reading specialist.")),
    "reading-grade-3": (
        N_("Reading level at the end of grade 3"), N_("The one reading score that Utah asks for by name."),
        N_("The school where grade 3 ended.")),
    "school-ratings": (
        N_("Ratings of the school"), N_("This is about the school, not about the student. It does not lie here."),
        N_("The state's education office publishes it.")),
    "special-education": (
        N_("Special education summary"), N_("Present levels, goals, services. It is shared only if you decide so."),
        N_("The special education case manager at the school.")),
})
ASKED: Final[Mapping[str, str]] = MappingProxyType({
    "access": N_("See or copy a record"), "former-school": N_("Get the record from a former school"),
    "correction": N_("Have a record corrected"), "destruction": N_("Have a record destroyed"),
})
ASKED_HELP: Final[Mapping[str, str]] = MappingProxyType({
    "access": N_("Schools must show you the record within 45 days. Some states are faster."),
    "former-school": N_("The former school sends the record to you or to the new school."),
    "correction": N_("You say what is wrong. The school decides, and must tell you why and that you may be heard."),
    "destruction": N_("For special education papers that the school no longer needs."),
})
DEADLINES: Final[Mapping[str, str]] = MappingProxyType({
    "45-days": N_("45 days (everywhere in the United States)"),
    "3-business-days": N_("3 business days (what Georgia's law aims at)"),
    "10-days": N_("10 days (military families who move)"),
})
ASKED_STATES: Final[Mapping[str, str]] = MappingProxyType({
    "draft": N_("Not sent yet"), "sent": N_("Waiting for the answer"), "answered": N_("Answered"),
    "closed": N_("Closed"),
})
