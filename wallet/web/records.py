"""A record or a transcript as people read it; checking it again only because somebody asked."""

from __future__ import annotations

import base64
import binascii

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import MalformedValueError, StateError, TooComplexError
from ui.badges import badge_png, badge_svg
from ui.images import picture_data_url
from ui.web import rate_limit
from ui.web.views import language_tag
from wallet.services import authority, refreshing
from wallet.services.record import library, portfolio
from wallet.services.record.library import Shown, TranscriptView
from wallet.services.record.reading import Record
from wallet.services.record.record_words import RULES
from wallet.services.sharing import baking
from wallet.vault import OpenVault
from wallet.web import showing
from wallet.web.context import require_unlocked, services, vault
from wallet.web.said import said_about
from wallet.web.shares import download

blueprint = Blueprint("records", __name__, url_prefix="/records")
require_unlocked(blueprint)
_DRAW = {"png": badge_png, "svg": badge_svg}


@blueprint.get("/<item_id>")
def show(item_id: str) -> ResponseReturnValue:
    """One record or transcript."""
    shown = _find(item_id)
    if isinstance(shown.view, TranscriptView):
        return _transcript_page(shown, shown.view)
    return _record_page(shown.view, shown)


@blueprint.get("/<item_id>/inside/<int:index>")
def inside(item_id: str, index: int) -> ResponseReturnValue:
    """A course that lies in a transcript only."""
    shown = _find(item_id)
    try:
        record = library.show_member(vault(), item_id, index)
    except StateError as error:
        raise NotFound from error
    return _record_page(record, shown, back=url_for("records.show", item_id=item_id), inside=index)


@blueprint.get("/<item_id>/picture")
def picture(item_id: str) -> ResponseReturnValue:
    """The picture inside a record, re-encoded: only its pixels are shown (F02, F03)."""
    shown = _find(item_id)
    data_url = _picture(shown.view) if isinstance(shown.view, Record) else None
    if data_url is None:
        abort(404)
    return Response(base64.b64decode(data_url.partition(",")[2]), mimetype="image/png")


@blueprint.post("/<item_id>/badge")
@rate_limit("30 per minute")
def badge(item_id: str) -> ResponseReturnValue:
    """The record in a picture that carries it, as a file."""
    kind = "svg" if request.form.get("kind") == "svg" else "png"
    _find(item_id)
    made = baking.badge_picture(vault(), services().sharing.environment, item_id, _DRAW[kind])
    return download(made.data, {"svg": "image/svg+xml", "png": "image/png"}[kind], f"{made.name}.{kind}")


@blueprint.post("/<item_id>/newer")
@rate_limit("10 per minute")
def newer(item_id: str) -> ResponseReturnValue:
    """Look for a newer version at the signer's."""
    _find(item_id)
    outcome = refreshing.refresh(vault(), services().sharing.environment, item_id)
    said, look = {
        "newer": (_("There is a newer version. It was checked and is here now."), "success"),
        "same": (_("There is no newer version."), "info"),
        "failed": (_("A newer version could not be had, or it did not pass its checks. Your record stays as it is."),
                   "warning"),
    }[outcome]
    flash(said, look)
    return redirect(url_for("records.show", item_id=item_id), code=303)


@blueprint.get("/<item_id>/check")
def before_check(item_id: str) -> ResponseReturnValue:
    """What checking again means, and a button for it."""
    return _check_page(_find(item_id))


@blueprint.post("/<item_id>/check")
def check(item_id: str) -> ResponseReturnValue:
    """Check again: the signature, and the signer's list of taken-back records."""
    shown = _find(item_id)
    report = services().receiving.check_again(vault(), item_id)
    signer = showing.signer_of(shown.view.issuer, library.known_issuers(vault())).known_as
    members, languages = [], []
    if isinstance(shown.view, TranscriptView):
        lines = sorted((line for term in shown.view.terms for line in term.courses), key=lambda line: line.index)
        records = {line.index: line.record for line in (*lines, *shown.view.others)}
        found = [records.get(index) for index in range(len(report.members))]
        members = [(record.title if record else None, signer) for record in found]
        languages = [record.language if record else None for record in found]
    return _check_page(shown, report=report.to_json(), signer=signer, members=members, languages=languages)


def _find(item_id: str) -> Shown:
    try:
        return library.show(vault(), item_id)
    except StateError as error:
        raise NotFound from error


def _record_page(record: Record, shown: Shown, *, back: str | None = None, inside: int | None = None) -> str:
    opened = vault()
    language = language_tag(record.language)
    return render_template(
        "wallet/record.html", record=record, shown=shown, back=back or url_for("home.index"), language=language,
        signer=showing.signer_of(record.issuer, library.known_issuers(opened), language),
        look=showing.look_of(record.kind, shown.origin), picture=_picture(record),
        status=showing.status_of(shown.status, record.valid_from, record.valid_until),
        results=showing.result_facts(record), about=showing.about_facts(record),
        evidence=showing.evidence_facts(record.evidence), dates=showing.date_facts(record),
        claims=showing.claim_facts(shown.claims, language),
        person=showing.person_facts(record.person, record.person_number),
        transcript_url=None if back else _transcript_with(opened, record),
        works=() if back else portfolio.works_of(opened, shown.item_id),
        said=said_about(record.credential_id, url_for("comments.index", item_id=shown.item_id, inside=inside),
                        None if back else shown.item_id), rule_words=RULES, may_delete=_may_delete(shown),
        may_refresh=not back and refreshing.may_refresh(opened, shown.item_id, services().clock.now()),
        may_bake=not back and baking.may_bake(opened, shown.item_id, services().clock.now()))


def _transcript_with(opened: OpenVault, record: Record) -> str | None:
    if record.credential_id is None:
        return None
    item_id = library.transcript_with(opened, record.credential_id)
    return url_for("records.show", item_id=item_id) if item_id else None


def _transcript_page(shown: Shown, view: TranscriptView) -> str:
    opened = vault()
    others = [(line.record.title, showing.course_url(line, shown.item_id), line.record.language)
              for line in view.others]
    return render_template(
        "wallet/transcript.html", view=view, shown=shown, others=others,
        signer=showing.signer_of(view.issuer, library.known_issuers(opened)),
        status=showing.status_of(shown.status, view.valid_from, None),
        transcript=showing.transcript_of(view, shown.item_id, opened),
        person=showing.person_facts(view.person, view.person_number),
        said=said_about(view.credential_id, url_for("comments.index", item_id=shown.item_id), shown.item_id),
        rule_words=RULES, may_delete=_may_delete(shown))


def _may_delete(shown: Shown) -> bool:
    right = f"contribute:{portfolio.CATEGORY}" if shown.origin == portfolio.FAMILY else "review"
    return authority.may(vault(), right, services().clock.now())


def _check_page(shown: Shown, **result: object) -> str:
    return render_template("wallet/check.html", shown=shown, title=shown.view.title, issuer=shown.view.issuer, **result)


def _picture(view: Record) -> str | None:
    if view.image is None:
        return None
    try:
        return picture_data_url(base64.b64decode(view.image.partition(",")[2], validate=True))
    except (binascii.Error, MalformedValueError, TooComplexError):
        return None
