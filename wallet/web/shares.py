"""What the family hands out itself: choose, look at exactly what leaves, hand out, take back."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from credkit.errors import StateError, TooComplexError
from ui.web import rate_limit
from ui.web.components import Choice as Option
from ui.web.locale import current_language
from wallet.services import authority
from wallet.services.consent import LONGEST_DAYS, USUAL_DAYS
from wallet.services.record.labels import MEMBERS, TECHNICAL, always_labels, label_of
from wallet.services.record.library import known_issuers, transcript_lines
from wallet.services.record.values import Value
from wallet.services.sharing import bundles
from wallet.services.sharing.bundles import BundleRecord, Chosen, Draft, Part, Purpose
from wallet.services.sharing.exports import plain_name
from wallet.services.sharing.shares import USUAL_VIEWS, Form, Share, as_file
from wallet.web.context import require_unlocked, services, vault
from wallet.web.requests import day_typed, every_grant_value, grant_sheets
from wallet.web.showing import signer_of

blueprint = Blueprint("shares", __name__, url_prefix="/shares")
require_unlocked(blueprint)

_ACHIEVEMENT_TYPE = "credentialSubject.achievement.achievementType"
_FORMS: tuple[Form, ...] = ("link", "paper", "file")
_VIEWS = (1, 3, USUAL_VIEWS, 30, 100)
Fields = MultiDict[str, str]


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Everything handed out, newest first."""
    return render_template("wallet/shares.html", shares=services().sharing.shares(vault()))


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """What to share, with whom, what for, until when, and how."""
    kept: Fields | None = g.get("kept_form")
    if kept is not None and kept.get("step") == "preview":
        return _preview_page(kept, _draft_of(kept))
    return _choose_page({})


@blueprint.post("/new")
@rate_limit("60 per minute")
def go_on() -> ResponseReturnValue:
    """Show exactly what would leave, and hand it out once that was seen."""
    form = request.form
    if form.get("decision") == "refuse":
        flash(_("Nothing was shared."), "success")
        return redirect(url_for("shares.index"), code=303)
    errors = _errors_of(form)
    if errors:
        return _choose_page(errors), 422
    try:
        decided = _draft_of(form)
    except StateError as error:
        return _choose_page({"": _(error.detail)}), 422
    if form.get("decision") != "share":
        return _preview_page(form, decided)
    if form.get("digest") != decided.digest:
        flash(_("The choice has changed. This is what would leave now."), "warning")
        return _preview_page(form, decided), 422
    return _hand_out(form, decided)


@blueprint.get("/<share_id>")
def show(share_id: str) -> ResponseReturnValue:
    """One of them: its link and code while they work, how often it was opened, and how to take it back."""
    try:
        share, link = services().sharing.find(vault(), share_id)
    except StateError as error:
        raise NotFound from error
    return render_template("wallet/share.html", share=share, link=link.url if link else None,
                           address=link.address if link else None)


@blueprint.get("/<share_id>/file")
def file(share_id: str) -> ResponseReturnValue:
    """The signed bundle as a file."""
    share, bundle = find_bundle(share_id)
    return download(as_file(bundle), "application/json", f"{plain_name(share.recipient)}.json")


@blueprint.post("/<share_id>/end")
def end(share_id: str) -> ResponseReturnValue:
    """Take a link back."""
    try:
        services().sharing.find(vault(), share_id)
    except StateError as error:
        raise NotFound from error
    services().sharing.end(vault(), share_id)
    flash(_("The link leads nowhere any more. Copies that were made before stay where they are."), "success")
    return redirect(url_for("shares.show", share_id=share_id), code=303)


def find_bundle(share_id: str) -> tuple[Share, dict[str, object]]:
    """One thing that was handed out, and its bundle; the same 404 for what is not there and what is not theirs."""
    try:
        return services().sharing.find(vault(), share_id)[0], services().sharing.bundle(vault(), share_id)
    except StateError as error:
        raise NotFound from error


def download(data: bytes, media_type: str, name: str) -> Response:
    """A file to keep; ``name`` holds letters, digits, hyphens and one dot."""
    response = Response(data, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _hand_out(form: Fields, decided: Draft) -> ResponseReturnValue:
    try:
        handed = services().sharing.hand_out(
            vault(), decided, seen_digest=form.get("digest", ""), form=_form_of(form), most_views=_views_of(form))
    except TooComplexError:
        return _choose_page({"": _("This is too much for one link. Choose fewer records, or a file.")}), 422
    return redirect(url_for("shares.show", share_id=handed.share_id), code=303)


def _form_of(form: Fields) -> Form:
    return next((each for each in _FORMS if each == form.get("form")), "link")


def _views_of(form: Fields) -> int:
    return form.get("views", USUAL_VIEWS, type=int)


def _until_of(form: Fields) -> datetime | None:
    return day_typed(form.get("until", ""))


def _errors_of(form: Fields) -> dict[str, str]:
    errors = {}
    if not form.getlist("record"):
        errors["record"] = _("Choose at least one record.")
    if not form.get("recipient", "").strip():
        errors["recipient"] = _("Say who it is for.")
    if not form.get("purpose", "").strip():
        errors["purpose"] = _("Say what it is for.")
    until, now = _until_of(form), services().clock.now()
    if until is None or not now < until <= now + timedelta(days=LONGEST_DAYS):
        errors["until"] = _("Choose a day within the next year.")
    return errors


def _draft_of(form: Fields) -> Draft:
    """The draft of what the form says; on the preview, what is not ticked stays here."""
    until = _until_of(form) or services().clock.now() + timedelta(days=USUAL_DAYS)
    purpose = Purpose(form.get("recipient", ""), form.get("purpose", ""), until, current_language())
    chosen = [Chosen(key) for key in dict.fromkeys(form.getlist("record"))]
    environment = services().sharing.environment
    decided = bundles.draft(vault(), environment, chosen, purpose)
    if form.get("step") != "preview":
        return decided
    kept = set(form.getlist("keep"))
    without = {record.key: frozenset(part.id for part in record.parts if f"{record.key}|{part.id}" not in kept)
               for record in decided.records}
    if not any(without.values()):
        return decided
    return bundles.draft(vault(), environment, [
        Chosen(each.key, without.get(each.key, frozenset())) for each in chosen], purpose)


def _choose_page(errors: dict[str, str]) -> str:
    opened, now = vault(), services().clock.now()
    authority.check(opened, "share", now)
    known = known_issuers(opened)
    options = [Option(choice.key, choice.title or _("About me, in the family's words"), language=choice.language,
                      help=_("An old paper; nobody has verified it") if choice.kind == "paper" else " · ".join(
                          part for part in (choice.term, signer_of(choice.issuer, known).known_as
                                            or choice.issuer.host or "") if part))
               for choice in bundles.choices(opened)]
    forms = [Option("link", _("A link"), _("To send or to show as a code. You can take it back.")),
             Option("paper", _("Paper"), _("A packet to print and carry. Its code leads to the records.")),
             Option("file", _("A file"), _("To hand over on a stick or by mail. It cannot be taken back."))]
    views = [Option(str(number), ngettext("%(num)s time", "%(num)s times", number)) for number in _VIEWS]
    today = now.date()
    return render_template(
        "wallet/share_new.html", options=options, forms=forms, views=views, errors=errors,
        chosen=request.args.getlist("record"), usual_views=str(USUAL_VIEWS),
        until=(today + timedelta(days=USUAL_DAYS)).isoformat(),
        first_day=today.isoformat(), last_day=(today + timedelta(days=LONGEST_DAYS - 1)).isoformat())


def _preview_page(form: Fields, decided: Draft) -> str:
    known = known_issuers(vault())
    shown = [(record, signer_of(record.issuer, known, record.language), _rows(record)) for record in decided.records]
    count = len(decided.records)
    return render_template(
        "wallet/share_preview.html", draft=decided, shown=shown, form=_form_of(form), views=_views_of(form),
        fields=[(name, value) for name in ("recipient", "purpose", "until", "form", "views")
                for value in form.getlist(name)[:1]],
        always=always_labels((value.kind for record in decided.records for value in record.always), _),
        always_values=[(record.title, [(label_of(value.kind, _), value.shown) for value in (
            *record.always, *record.leaves)]) for record in decided.records] + every_grant_value(decided.grants),
        grants=grant_sheets(decided.grants), enclosures=decided.enclosures,
        stays=[(choice.title, choice.language) for choice in decided.stays if choice.title],
        share_label=ngettext("Share this %(num)s record", "Share these %(num)s records", count))


def _rows(record: BundleRecord) -> list[tuple[str | None, bool, str, str]]:
    """What leaves of a record: name of the choice (None: no choice), whether it is ticked, label and value."""
    rows: list[tuple[str | None, bool, str, str]] = []
    if not record.parts:
        rows = [(None, True, label_of(value.kind, _), _said(value)) for value in record.leaves
                if value.kind not in TECHNICAL and not value.kind.startswith(MEMBERS)]
        return rows + [(None, True, course.title, " · ".join(part for part in (course.grade, course.term) if part))
                       for course in transcript_lines(record.document)]
    rows = [(None, True, label_of(value.kind, _), _said(value)) for value in record.fixed
            if value.kind not in TECHNICAL]
    return rows + [(f"{record.key}|{part.id}", part.leaves, label_of(part.kind, _), _words_of(part))
                   for part in record.parts]


def _said(value: Value) -> str:
    """A value as people read it; kinds of achievements are the standard's words, for which there are ours."""
    return _(value.shown) if value.kind == _ACHIEVEMENT_TYPE and value.shown else value.shown


def _words_of(part: Part) -> str:
    """What people read of a part: of a result what came out; else all of it but what says nothing to them."""
    outcome = [_said(value) for value in part.values if value.kind == part.kind]
    others = [_said(value) for value in part.values if value.kind not in TECHNICAL]
    return " · ".join(outcome if part.kind == "credentialSubject.result.value" and outcome else others)
