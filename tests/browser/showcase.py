"""Every component of ``ui`` on pages of a small application: with nothing, one, many, the longest content."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_translations, gettext
from PIL import Image, ImageDraw
from werkzeug.exceptions import NotFound

from credkit.protocols.oid4vci.v1_0 import offer_links
from ui import words
from ui.handover import build_handover
from ui.images import picture_data_url
from ui.web import create_app
from ui.web.components import (
    Badge,
    Choice,
    Consent,
    Course,
    Disclosure,
    Fact,
    Job,
    NavItem,
    SharedRecord,
    Signer,
    Term,
    Transcript,
)
from ui.wordtables import CHECKS

LONG = "Escuela Secundaria Superior Nuestra Señora de Guadalupe del Valle de los Ríos Núm. 27"
UNBROKEN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
SCHOOL = Signer("did:web:lincoln.example", "Lincoln High School", "Lincoln High School", "lincoln.example", "en")
LONG_SCHOOL = Signer("did:web:escuela.example:" + "x" * 90, LONG, LONG, "escuela." + "largo." * 9 + "example", "es")
STRANGER = Signer("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", None, "State Department of Education")
MARKDOWN = """Shows that the learner can **measure**, *draw* and explain.

# Level 2

1. Reads a scale
2. Keeps a log

See [the programme](https://example.org/maths) or [this](javascript:alert(1)). <b>No HTML.</b> ![x](https://evil.example/x.png)"""

PAGES = tuple(sorted(path.stem for path in (Path(__file__).parent / "templates").glob("*.html")))


def report_of(look: str) -> dict[str, Any]:
    """A report that comes out as ``look``."""
    checks: list[dict[str, Any]] = [{"id": name, "outcome": "passed"} for name in list(CHECKS)[:7]]
    by_id = {check["id"]: check for check in checks}
    if look == "fails":
        by_id["status"] |= {
            "outcome": "failed",
            "problem": {
                "type": "urn:backpack:problem:REVOKED",
                "title": "The record was taken back by who signed it",
                "code": "revoked",
                "detail": "bit 94567 of the status list is set",
                "pointer": "/credentialStatus",
            },
        }
    if look == "unknown":
        by_id["trust"]["outcome"] = "indeterminate"
    if look == "presentation":
        by_id["status"] |= {
            "outcome": "indeterminate",
            "problem": {"code": "status_retrieval", "detail": "no answer", "type": "x", "title": "y"},
        }
    verified = look in ("holds", "unknown")
    return {"verified": verified, "checks": checks}


def values() -> dict[str, Any]:
    """What the pages show."""
    picture = picture_data_url(_picture())
    facts = (
        Fact("Course", "Algebra II", "en"),
        Fact("Grade", "B+"),
        Fact("School", LONG, "es"),
        Fact("Evidence", "Photo of the model", url="https://example.org/photo"),
        Fact("Number", UNBROKEN),
    )
    courses = (
        Course("Algebra II", "1.0", "B+", url="/"),
        Course("Historia de los Estados Unidos: " + LONG, "0.5", "A-", "revoked", language="es"),
        Course("Physical Education", "0.25", "", note="In progress", language="en"),
        Course("Chemistry", "1.0", "C", "unknown"),
    )
    badges = [
        Badge("Map reading", "/", SCHOOL, "school", date(2026, 4, 21), "good", picture, "en"),
        Badge("Fractions, level 2", "/", SCHOOL, "tutor", date(2026, 5, 1), "revoked"),
        Badge("Helps at home", "/", STRANGER, "family", date(2026, 5, 1), "unknown", note="Seen by you only"),
        Badge(LONG + " " + UNBROKEN, "/", LONG_SCHOOL, "school", date(2026, 5, 1), "expired", language="es"),
    ] * 6
    leaves = (Disclosure("c1-title", "Course", "Algebra II"), Disclosure("c1-grade", "Grade", "B+"))
    more = (
        *leaves,
        Disclosure("c1-birth", "Date of birth", "2009-03-04", False, False, "This is more than an application needs."),
        Disclosure("c1-long", "School", LONG, False, True, language="es"),
        Disclosure("x", "Id", UNBROKEN * 2),
    )
    offer = "https://lincoln.example/offers/8kq2vJ5Xb7rTzYwQn3LmPg"
    return {
        "signer": SCHOOL,
        "badges": badges,
        "facts": facts,
        "title": "Map reading",
        "picture": picture,
        "criteria": (Fact("How it is earned", MARKDOWN, "en", markdown=True),),
        "skills": ("Reading maps", "Scale", UNBROKEN),
        "transcript": Transcript(
            (
                Term("2024–2025", "Fall", courses),
                Term("2024–2025", "Spring", courses[:1]),
                Term("2025–2026", "", courses),
            ),
            (Fact("Credits", "12.75"), Fact("Grade point average", "3.4")),
        ),
        "consent": Consent(
            STRANGER,
            "To decide on your application for the autumn term.",
            (SharedRecord("Algebra II", SCHOOL, leaves, ("Credits", "Teacher")),),
            date(2027, 1, 31),
            (("Chemistry", "en"),),
        ),
        "long_consent": Consent(
            LONG_SCHOOL,
            "Porque " + LONG * 3,
            tuple(SharedRecord(LONG, LONG_SCHOOL, more, ("a", "b")) for _ in range(3)),
            None,
            tuple((f"Record {n}", "en") for n in range(200)),
            "es",
            ("They ask for your date of birth. They have not said why.",),
        ),
        "offer": build_handover("offer", offer_links(offer, [
            "https://wallet.example", "https://" + "a" * 40 + ".wallet-of-the-district.example"])),
        "bare_offer": build_handover("offer", offer_links(offer)),
        "jobs": (Job(1234, 50000, 81.3, 600, 2), Job(3, 24, state="paused"), Job(24, 24, state="done"), Job(0, 0)),
        "choices": (
            Choice("a", "The student"),
            Choice("b", "Mother, father or legal guardian", "You may see everything."),
            Choice("c", LONG, language="es"),
        ),
        "items": [
            NavItem("Today", "/", True),
            NavItem("Import", "/"),
            NavItem("Students", "/"),
            NavItem("Achievements", "/"),
            NavItem("Keys", "/"),
            NavItem("Log", "/"),
        ],
        "errors": {
            "name": "Type your user name.",
            "pass": "Type your password.",
            "who": "Choose one.",
            "": "The file was empty.",
        }
        if request.method == "POST"
        else {},
    }


def make_app(origin: str, role: Any = "wallet") -> Flask:
    """The application; ``/`` lists the pages, ``/NAME`` shows one."""
    app = create_app(
        "tests.browser",
        role=role,
        origin=origin,
        secret_key=b"s" * 32,
        office="Familia Núñez",
        contact="secretary@lincoln.example",
    )
    showcase = Blueprint("showcase", __name__)

    @showcase.route("/", defaults={"name": "notices"}, methods=["GET", "POST"])
    @showcase.route("/<name>", methods=["GET", "POST"])
    def show(name: str) -> ResponseReturnValue:
        if name == "notices" and not request.args.get("quiet"):
            for category in ("success", "warning", "error", "info"):
                flash(gettext("Nothing was changed."), category)
        look = name.removeprefix("result-") if name.startswith("result-") else "fails"
        report = words.explain(report_of(look), get_translations(), signer="Lincoln High School")
        if name == "explained":
            outer = {
                "verified": False,
                "checks": [{"id": "credentials", "outcome": "failed"}],
                "members": [report_of("fails"), report_of("holds")],
            }
            report = words.explain(outer, get_translations(), members=[("Algebra II", "Lincoln High School")])
        if name not in PAGES:
            raise NotFound
        return render_template(f"{name}.html", report=report, **values())

    app.register_blueprint(showcase)
    return app


def _picture() -> bytes:
    image = Image.new("RGB", (200, 160), "#dce8f2")
    ImageDraw.Draw(image).ellipse((30, 20, 170, 140), fill="#1f4e79")
    buffer = BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()
