"""Past results: what was checked and answered, for as long as it is kept."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from credkit.ports import JSONObject
from ui.web.login import require_login
from verifier.services.packets import notes
from verifier.services.requests import Progress
from verifier.store import ResultRecord
from verifier.web.context import replaced_by, services, told
from verifier.web.day_one import build_day_one

blueprint = Blueprint("results", __name__)
require_login(blueprint)


@blueprint.get("/results")
def index() -> ResponseReturnValue:
    """The list, newest first, with the requests that are still open."""
    number = request.args.get("page", 1, type=int)
    number = number if 1 <= number <= 100_000 else 1
    found, more = services().results.page(number)
    rows = [(result, told(result.story)) for result in found]
    still_open = (Progress.WAITING, Progress.OPENED)
    pending = [asked for asked in services().requests.newest() if asked.progress in still_open] if number == 1 else []
    hours = services().config.lifetimes.result_s // 3600
    return render_template(
        "verifier/results.html", rows=rows, pending=pending, hours=hours, page=number, pages=number + int(more)
    )


@blueprint.get("/results/<result_id>")
def show(result_id: str) -> ResponseReturnValue:
    """One result."""
    result = _found(result_id)
    return render_template(
        "verifier/result.html", told=told(result.story), result=result, replaced=replaced_by(result.story)
    )


@blueprint.get("/results/<result_id>/day-one")
def day_one(result_id: str) -> ResponseReturnValue:
    """The teacher's page for the student's first day, to print."""
    result = _found(result_id)
    page = build_day_one(told(result.story))
    return render_template("verifier/day_one.html", page=page, result=result, replaced=replaced_by(result.story))


@blueprint.get("/results/<result_id>/report.json")
def report(result_id: str) -> JSONObject:
    """One result's report, for programs (``Report.to_json`` without proofs), with ``notes`` (``packets.notes``)."""
    story = _found(result_id).story
    return {**story["report"], "notes": notes(story, replaced_by(story))}


@blueprint.post("/results/<result_id>/remove")
def remove(result_id: str) -> ResponseReturnValue:
    """Forget a result before its time."""
    try:
        services().results.remove(result_id)
    except StateError as error:
        raise NotFound from error
    flash(_("The result was removed."), "success")
    return redirect(url_for("results.index"), code=303)


def _found(result_id: str) -> ResultRecord:
    try:
        return services().results.find(result_id)
    except StateError as error:
        raise NotFound from error
