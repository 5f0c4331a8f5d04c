"""The map of standards: lists, counts, the records behind each, and adding a list from a CASE file."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from credkit.errors import MalformedValueError, ParsingError, StateError, TooComplexError
from ui.web import allow_body, rate_limit
from wallet.services.growth import glossary, mastery, masterywords
from wallet.services.growth.mastery import MasteryMap, Standard
from wallet.services.growth.voice import Voice
from wallet.services.record import case
from wallet.services.record.library import known_issuers
from wallet.web.context import require_unlocked, services, vault
from wallet.web.growth import record_url, table_file
from wallet.web.showing import signer_of
from wallet.web.voice import page_voice

blueprint = Blueprint("mastery", __name__, url_prefix="/standards")
require_unlocked(blueprint)


@dataclass(frozen=True)
class ListLine:
    """A list of standards as the overview shows it."""

    id: str
    title: str
    language: str
    sentence: str
    step: str


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Every list, those with most shown first."""
    voice = page_voice(vault())
    lines = [ListLine(each.id, each.title, each.language, masterywords.map_sentence(each, voice),
                      masterywords.next_step(each, voice)) for each in mastery.maps(vault())]
    return render_template("wallet/mastery.html", lists=lines, words=_words(voice))


@blueprint.get("/<map_id>")
def show(map_id: str) -> ResponseReturnValue:
    """One list by groups: what is shown, by whom, by which records."""
    voice, found = page_voice(vault()), _find(map_id)
    known = known_issuers(vault())
    groups = [(group, masterywords.grade_name(group.grade, voice) if group.grade else "",
               masterywords.sentence(group.standards, counted=group.counted, voice=voice))
              for group in found.groups]
    signers = {each.issuer.id: signer_of(each.issuer, known)
               for standard in (*found.standards(), *found.others) for each in standard.evidences}
    return render_template(
        "wallet/mastery_map.html", found=found, groups=groups, signers=signers, record_url=record_url,
        sentence=masterywords.map_sentence(found, voice), step=masterywords.next_step(found, voice),
        state_name=lambda standard: _state(standard, voice), words=_words(voice))


@blueprint.get("/<map_id>/table.csv")
def table(map_id: str) -> ResponseReturnValue:
    """The map as a file."""
    return table_file(masterywords.mastery_csv([_find(map_id)], page_voice(vault())), "standards.csv")


@blueprint.get("/add")
def add() -> ResponseReturnValue:
    """A field for the file of a list."""
    return render_template("wallet/mastery_add.html", errors={})


@blueprint.post("/add")
@allow_body(case.MAX_BYTES + 2**20)
@rate_limit("20 per minute")
def keep() -> ResponseReturnValue:
    """Keep the list."""
    file = request.files.get("list")
    if file is None or not file.filename:
        return _again(_("Choose the file of the list first."))
    try:
        mastery.keep_framework(vault(), services().clock, file.read())
    except TooComplexError:
        return _again(_("This file is too large. Ask for the list of one subject only."))
    except (ParsingError, MalformedValueError):
        return _again(_("This file is not a list of standards. Ask the school for a CASE file (JSON)."))
    flash(_("The list is kept. No record was changed."), "success")
    return redirect(url_for("mastery.index"), code=303)


@blueprint.post("/<map_id>/remove")
def remove(map_id: str) -> ResponseReturnValue:
    """Take a list out again."""
    found = _find(map_id)
    if found.item_id is None:
        abort(404)
    mastery.remove_framework(vault(), services().clock, found.item_id)
    flash(_("The list was taken out. No record was changed."), "success")
    return redirect(url_for("mastery.index"), code=303)


def _again(message: str) -> ResponseReturnValue:
    return render_template("wallet/mastery_add.html", errors={"list": message}), 422


def _find(map_id: str) -> MasteryMap:
    try:
        return mastery.find_map(vault(), map_id)
    except StateError:
        abort(404)


def _state(standard: Standard, voice: Voice) -> str:
    return masterywords.state_name(standard, voice)


def _words(voice: Voice) -> list[tuple[str, str]]:
    return glossary.words_of(glossary.MASTERY, voice.gettext)
