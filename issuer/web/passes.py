"""A student's pass for other programs, and what these handed in."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import StateError
from issuer.web.context import actor, found, services
from ui.web import rate_limit

blueprint = Blueprint("passes", __name__)


@blueprint.post("/students/<student_id>/pass")
@rate_limit("30 per minute")
def make(student_id: str) -> ResponseReturnValue:
    """Make a pass; its code is on this one answer and nowhere else."""
    found(services().students.view, student_id)
    return render_template("issuer/pass.html", made=services().passes.make(student_id, actor()),
                           address=services().office.identity.origin)


@blueprint.post("/students/<student_id>/pass/end")
@rate_limit("30 per minute")
def end(student_id: str) -> ResponseReturnValue:
    """End the pass and all that was allowed under it."""
    found(services().students.view, student_id)
    try:
        services().passes.end(student_id, actor())
    except StateError as error:
        flash(_(error.detail), "warning")
    else:
        flash(_("Ended. No app can read or change anything any more."), "success")
    return redirect(url_for("students.show", student_id=student_id), code=303)


@blueprint.post("/students/<student_id>/handed-in/<copy_id>/delete")
@rate_limit("60 per minute")
def delete(student_id: str, copy_id: str) -> ResponseReturnValue:
    """Delete what an app handed in."""
    found(services().students.view, student_id)
    try:
        services().handing_in.delete(student_id, copy_id, actor())
    except StateError:
        abort(404)
    flash(_("Deleted."), "success")
    return redirect(url_for("students.show", student_id=student_id), code=303)
