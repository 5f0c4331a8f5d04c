"""A request: who asks for what, which records answer it, exactly what would leave, and the two buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from credkit.errors import FetchError, ProtocolError, StateError
from credkit.trust.allow_list import AllowList
from ui.web import allow_form_target, rate_limit
from ui.web.components import Choice, Consent, Disclosure, SharedRecord, Signer
from ui.web.locale import current_language
from ui.web.views import show_date
from wallet.services.consent import LONGEST_DAYS, Sheet, SheetRecord, usual_until
from wallet.services.matching import Asked, Matching
from wallet.services.presenting import Shared
from wallet.services.record.labels import MEMBERS, TECHNICAL, always_labels, label_of, labels_of
from wallet.services.record.library import Card, known_issuers, transcript_lines
from wallet.services.record.reading import issuer_of
from wallet.services.request_words import how_sure
from wallet.services.requests import ResolvedRequest
from wallet.services.sharing.grant_words import Rows, every_value, rows_of, title_of
from wallet.services.sharing.grants import GrantShown, listed
from wallet.services.sharing.links import request_link
from wallet.web.context import local_path, require_unlocked, services, vault
from wallet.web.showing import signer_of
from wallet.web.unlocking import dead_link

blueprint = Blueprint("requests", __name__)
require_unlocked(blueprint)


@blueprint.get("/request")
@rate_limit("30 per minute")
def receive() -> ResponseReturnValue:
    """The address that askers send people to: read and verify the request, keep it, show it."""
    try:
        item_id = services().inbox.receive_request(vault(), request_link(request.args.to_dict()))
    except ProtocolError as error:
        return dead_link(error, "request")
    return redirect(url_for("requests.show", item_id=item_id), code=303)


@blueprint.get("/requests/<item_id>")
def show(item_id: str) -> ResponseReturnValue:
    """Who asks, and which records answer; straight on to the sheet where there is nothing to choose."""
    resolved, state = services().inbox.request(vault(), item_id)
    if state != "open":
        return redirect(url_for("requests.done", item_id=item_id), code=303)
    if services().inbox.is_over(resolved):
        services().inbox.renew_request(vault(), item_id)
        resolved, state = services().inbox.request(vault(), item_id)
    matching = services().presenting.match(vault(), resolved)
    only = matching.only_choice()
    if only is not None:
        return redirect(_sheet_url(item_id, only), code=303)
    return _choose_page(item_id, resolved, matching, {})


@blueprint.post("/requests/<item_id>")
def choose(item_id: str) -> ResponseReturnValue:
    """Take the chosen records to the sheet, or say no."""
    resolved, _state = _open_request(item_id)
    if request.form.get("decision") == "refuse":
        return _refuse(item_id, resolved)
    matching = services().presenting.match(vault(), resolved)
    choice = _choice(matching, request.form.getlist)
    errors = {_field(asked): _("Choose at least one.") for asked in matching.asked
              if asked.required and not choice.get(asked.query.id)}
    if errors or not choice:
        return _choose_page(item_id, resolved, matching, errors or {"": _("Choose at least one.")}), 422
    return redirect(_sheet_url(item_id, choice), code=303)


@blueprint.get("/requests/<item_id>/sheet")
def sheet(item_id: str) -> ResponseReturnValue:
    """Exactly what would leave."""
    resolved, _state = _open_request(item_id)
    return _sheet_page(item_id, resolved, _read_sheet(resolved))


@blueprint.post("/requests/<item_id>/sheet")
@rate_limit("20 per minute")
def decide(item_id: str) -> ResponseReturnValue:
    """Share what was shown, or say no."""
    resolved, _state = _open_request(item_id)
    if request.form.get("decision") == "refuse":
        return _refuse(item_id, resolved)
    opened, presenting = vault(), services().presenting
    shown = _read_sheet(resolved)
    if request.form.get("decision") != "share":
        return _sheet_page(item_id, resolved, shown), 422  # neither button was pressed: nothing is decided
    now = services().clock.now()
    until = day_typed(request.form.get("until", usual_until(shown, now).date().isoformat()))
    if until is None or not now < until <= now + timedelta(days=LONGEST_DAYS):
        return _sheet_page(item_id, resolved, shown, {"until": _("Choose a day within the next year.")}), 422
    decision = presenting.agree(opened, resolved, shown, seen_digest=request.form.get("digest", ""), until=until,
                                language=current_language())
    try:
        shared = presenting.share(opened, resolved, decision)
    except FetchError:
        flash(_("We could not reach %(host)s. We do not know whether it arrived. Try again in a few minutes.",
                host=resolved.host), "error")
        return _sheet_page(item_id, resolved, shown), 502
    services().inbox.close_request(opened, item_id, "answered", go_on=shared.redirect_uri)
    return redirect(_follow(resolved, shared) or url_for("requests.done", item_id=item_id), code=303)


@blueprint.post("/requests/<item_id>/more-time")
@rate_limit("20 per minute")
def more_time(item_id: str) -> ResponseReturnValue:
    """Ask for more time to read and answer."""
    services().inbox.renew_request(vault(), item_id)
    flash(_("There is more time now."), "success")
    return redirect(local_path(request.form.get("next")), code=303)


@blueprint.get("/requests/<item_id>/done")
def done(item_id: str) -> ResponseReturnValue:
    """What became of it."""
    resolved, state = services().inbox.request(vault(), item_id)
    if state == "open":
        return redirect(url_for("requests.show", item_id=item_id), code=303)
    go_on = services().inbox.go_on(vault(), item_id)
    return render_template("wallet/request_done.html", host=resolved.host, refused=state == "refused", go_on=go_on,
                           is_told=not resolved.is_exchange,
                           go_on_host=None if go_on is None else urlsplit(go_on).netloc)


def _open_request(item_id: str) -> tuple[ResolvedRequest, str]:
    resolved, state = services().inbox.request(vault(), item_id)
    if state != "open":
        raise StateError("This request was answered already.")
    if services().inbox.is_over(resolved):
        raise StateError("The time to answer this request is over. Nothing was shared.")
    return resolved, state


def _refuse(item_id: str, resolved: ResolvedRequest) -> ResponseReturnValue:
    told = services().presenting.refuse(vault(), resolved)
    services().inbox.close_request(vault(), item_id, "refused", go_on=told.redirect_uri)
    return redirect(url_for("requests.done", item_id=item_id), code=303)


def _follow(resolved: ResolvedRequest, shared: Shared) -> str | None:
    """Where the asker wants the browser to go, if that is where the answer went; anywhere else is shown first."""
    if shared.redirect_uri is None or resolved.is_exchange:
        return None
    there = urlsplit(shared.redirect_uri)
    return shared.redirect_uri if f"{there.scheme}://{there.netloc}" == resolved.request.origin else None


def _field(asked: Asked) -> str:
    return f"q-{asked.query.id}"


def _choice(matching: Matching, values: object) -> dict[str, tuple[str, ...]]:
    getlist = values if callable(values) else request.args.getlist
    found = {asked.query.id: tuple(getlist(_field(asked))) for asked in matching.asked}
    return {name: item_ids for name, item_ids in found.items() if item_ids}


def _sheet_url(item_id: str, choice: dict[str, tuple[str, ...]]) -> str:
    query = urlencode([(f"q-{name}", value) for name, values in choice.items() for value in values])
    return url_for("requests.sheet", item_id=item_id) + "?" + query


def _read_sheet(resolved: ResolvedRequest) -> Sheet:
    opened = vault()
    matching = services().presenting.match(opened, resolved)
    return services().presenting.sheet(opened, resolved, _choice(matching, request.args.getlist))


def _asker(resolved: ResolvedRequest) -> Signer:
    return Signer(resolved.request.party, None, resolved.calls_itself,
                  resolved.name if resolved.request.certified_names else None)


def _choose_page(item_id: str, resolved: ResolvedRequest, matching: Matching, errors: dict[str, str]) -> str:
    known = known_issuers(vault())
    asked = [(each, _field(each), [_option(candidate.card, known) for candidate in each.candidates])
             for each in matching.asked]
    return render_template("wallet/request.html", item_id=item_id, asker=_asker(resolved), request_=resolved.request,
                           host=resolved.host, asked=asked, possible=matching.possible, errors=errors,
                           sure=how_sure(resolved, _))


def _option(card: Card, known: AllowList) -> Choice:
    signer = signer_of(card.issuer, known).known_as or card.issuer.host
    return Choice(card.item_id, card.title, language=card.language,
                  help=" · ".join(part for part in (card.term, signer) if part))


def _sheet_page(item_id: str, resolved: ResolvedRequest, shown: Sheet, errors: Mapping[str, str] | None = None) -> str:
    allow_form_target(resolved.request.origin)
    consent = Consent(
        asker=_asker(resolved), purpose=shown.purpose or "", until=shown.used_until,
        stays=tuple((card.title, card.language) for card in shown.stays), records=shared_records(shown),
        warnings=warnings_of(shown))
    always = always_labels((value.kind for record in shown.records for value in record.always), _)
    count, now = len(shown.records), services().clock.now()
    return render_template(
        "wallet/sheet.html", item_id=item_id, consent=consent, sheet=shown, host=resolved.host, always=always,
        sure=how_sure(resolved, _),
        always_values=[(record.title, [(label_of(value.kind, _), value.shown) for value in (
            *record.always, *(record.leaves if record.whole else ()))]) for record in shown.records]
        + every_grant_value(shown.grants),
        share_label=ngettext("Share this %(num)s record", "Share these %(num)s records", count), errors=errors or {},
        until=usual_until(shown, now).date().isoformat(), first_day=now.date().isoformat(),
        last_day=(now + timedelta(days=LONGEST_DAYS - 1)).date().isoformat())


def day_typed(text: str) -> datetime | None:
    """The end of a day as a form field gives it (``2026-07-15``), None if it is no day."""
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59), tzinfo=UTC)
    except ValueError:
        return None


def warnings_of(shown: Sheet) -> tuple[str, ...]:
    """The sheet's warnings in the page's language."""
    words = {"entire": _("They take whole records only: everything in a record leaves, more than the asker may need."),
             "whole": _("A transcript can only be shared whole: every course and grade in it leaves."),
             "broad": _("They ask for a whole part of a record, not for one value. That is more than usual.")}
    return tuple(words[name] for name in shown.warnings)


def shared_records(shown: Sheet) -> tuple[SharedRecord, ...]:
    """What leaves, record by record, for the consent sheet; then by what right another than the learner shares."""
    known = known_issuers(vault())
    records = [_shared_record(record, signer_of(record.issuer, known, record.language)) for record in shown.records]
    grants = [SharedRecord(title, signer, tuple(Disclosure(f"grant.{number}.{index}", label, value)
                                                for index, (label, value) in enumerate(rows)))
              for number, (title, signer, rows) in enumerate(grant_sheets(shown.grants))]
    return (*records, *grants)


def grant_sheets(grants: Sequence[GrantShown]) -> list[tuple[str, Signer, Rows]]:
    """Of each grant that goes along: its title, who signed it, and what it says, claim by claim."""
    known = known_issuers(vault())
    return [(_(title_of(each)), signer_of(issuer_of(each.document), known), rows_of(each, _, show_date))
            for each in grants]


def every_grant_value(grants: Sequence[GrantShown]) -> list[tuple[str, Rows]]:
    """Of each grant that goes along: its title and every value, numbers and keys too."""
    return [(_(title_of(each)), every_value(listed((*each.leaves, *each.always)), _)) for each in grants]


def _shared_record(record: SheetRecord, signer: Signer) -> SharedRecord:
    rows = [(label_of(value.kind, _), value.shown) for value in record.leaves
            if not (record.whole and (value.kind in TECHNICAL or value.kind.startswith(MEMBERS)))]
    rows += [(course.title, " · ".join(part for part in (course.grade, course.term) if part))
             for course in transcript_lines(record.document)]
    leaves = tuple(Disclosure(f"{record.item_id}.{index}", label, value, language=record.language)
                   for index, (label, value) in enumerate(rows))
    leaves += tuple(Disclosure(f"{record.item_id}.c{index}", _("Comment by %(name)s", name=said.name), said.words)
                    for index, said in enumerate(record.comments))
    return SharedRecord(record.title, signer, leaves, tuple(labels_of(record.stays, _)), record.language)
