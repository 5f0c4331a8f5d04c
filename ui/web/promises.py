"""What every role promises: the privacy policy and the accessibility report, for people and for machines."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markupsafe import Markup

from ui.web.locale import current_language

_FOLDER: Final = files("ui") / "promises"
_A_DAY: Final = "public, max-age=86400"
blueprint = Blueprint("promises", __name__)


@blueprint.get("/privacy")
def privacy() -> ResponseReturnValue:
    """The privacy policy, in the reader's language."""
    return render_template("ui/promise.html", heading=_("Privacy"), body=_page("privacy"))


@blueprint.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    """The accessibility report, in the reader's language."""
    return render_template("ui/promise.html", heading=_("Accessibility"), body=_page("accessibility"))


@blueprint.get("/privacy.json")
def privacy_for_machines() -> ResponseReturnValue:
    """The promises as JSON."""
    return _json("privacy.json")


@blueprint.get("/data-inventory.json")
def data_inventory() -> ResponseReturnValue:
    """Each stored field with its purpose, category, visibility and retention."""
    return _json("data-inventory.json")


def _page(name: str) -> Markup:
    """One of our own texts as HTML; its headings follow the page's one first heading."""
    text = (_FOLDER / f"{name}.{current_language()}.md").read_text(encoding="utf-8")
    html = MarkdownIt("zero").enable(["heading", "list", "table"]).render("#" + text.replace("\n# ", "\n## "))
    return Markup(html)  # noqa: S704  our own files, and the parser knows no raw HTML


def _json(name: str) -> Response:
    response = Response((_FOLDER / name).read_bytes(), mimetype="application/json")
    response.headers["Cache-Control"] = _A_DAY
    return response
