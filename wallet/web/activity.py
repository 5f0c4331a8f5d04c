"""Who saw what, and what came from where."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles.family import ConsentReceipt
from wallet.services import activity
from wallet.services.log_words import SCHOOLS_LANE, sentence
from wallet.services.record.labels import label_of
from wallet.services.sharing import receipts
from wallet.services.sharing.grant_words import LOGGED, every_value
from wallet.web.context import require_unlocked, services, vault

blueprint = Blueprint("activity", __name__, url_prefix="/activity")
require_unlocked(blueprint)

_PAGE = 25


@blueprint.app_template_global()
def log_sentence(line: activity.Line) -> str:
    """What an entry of the log says."""
    return sentence(line, _, lambda value: str(format_decimal(value)))


@blueprint.app_template_global()
def schools_lane() -> tuple[str, ...]:
    """What we say beside a school's notice that it sent the full record on."""
    return tuple(_(words) for words in SCHOOLS_LANE)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The log, newest first."""
    lines = activity.lines(vault())
    pages = max(1, -(-len(lines) // _PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template("wallet/activity.html", lines=lines[(page - 1) * _PAGE:page * _PAGE], page=page, pages=pages,
                           names=_names(), whole=_is_whole())


@blueprint.get("/<entry_id>")
def show(entry_id: str) -> ResponseReturnValue:
    """One entry with every value that left."""
    try:
        line, records = activity.show(vault(), entry_id)
    except StateError as error:
        raise NotFound from error
    told = [_told_grant(record) if record.get("grant") else {
        **record, "values": [(label_of(value["kind"], _), value["value"]) for value in record["values"]],
        "always": [(label_of(value["kind"], _), value["value"]) for value in record["always"]],
        "comments": record.get("comments", ())} for record in records]
    return render_template("wallet/activity_entry.html", line=line, records=told, receipt=_receipt(line.id),
                           names=_names())


def _told_grant(record: JSONObject) -> JSONObject:
    """By what right somebody else than the learner shared."""
    return {"title": _(LOGGED), "values": every_value(record["values"], _), "always": every_value(record["always"], _),
            "comments": ()}


def _names() -> dict[str, str]:
    """Who did something: what the parties are called, the reader as such."""
    opened = vault()
    return services().people.names(opened) | {opened.party_id: _("you")}


def _is_whole() -> bool:
    """Whether the log's chain holds: no entry is missing, changed or out of order."""
    try:
        activity.check_chain(vault())
    except StateError:
        return False
    return True


def _receipt(entry_id: str) -> tuple[str, ConsentReceipt] | None:
    item_id = receipts.of_entry(vault(), entry_id)
    return None if item_id is None else (item_id, receipts.read(vault(), item_id)[0])
