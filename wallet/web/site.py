"""The records as pages that need no server, no script and none of us: what a family can put on a stick, or on a web
space of its own (requirements.md D22)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from pathlib import Path

from flask import render_template

from credkit.errors import MalformedValueError, TooComplexError
from ui.images import picture_data_url
from wallet.services.record import about_me, portfolio, rules
from wallet.services.record.library import known_issuers
from wallet.services.record.reading import Record, image_of, read_record
from wallet.services.sharing.exports import RECORDS_FOLDER, Exported, extension_of, plain_name
from wallet.services.sharing.packet import read_documents
from wallet.vault import OpenVault
from wallet.web.showing import signer_of

_STYLES = Path(__file__).parent / "static" / "site.css"
_FOLDER = "site/"


def site_files(vault: OpenVault, found: Sequence[Exported]) -> Mapping[str, bytes]:
    """The site as files by name; it shows the records in ``found`` and nothing else.

    Needs an application's context for its templates and language.
    """
    known = known_issuers(vault)
    says = rules.leaving_book(vault).categories["profile"] != "never"
    files: dict[str, bytes] = {}
    entries = []
    for number, each in enumerate(found, start=1):
        record = read_record(each.document)
        works = _works(vault, each, number)
        files.update(works)
        lines = [read_record(line) for line in read_documents(each.document)]
        page = f"{number:03}-{plain_name(each.card.title)}.html"
        entries.append((page, record, each.card))
        files[_FOLDER + page] = render_template(
            "wallet/site_record.html", record=record, title=each.card.title, lines=lines,
            file=f"../{RECORDS_FOLDER}{each.name}", picture=_picture(each.document),
            works=[name.removeprefix(_FOLDER) for name in works],
            signer=signer_of(each.card.issuer, known)).encode("utf-8")
    files[_FOLDER + "index.html"] = render_template(
        "wallet/site_index.html", entries=entries, person=_person(entries),
        said=about_me.statements(vault) if says else ()).encode("utf-8")
    files[_FOLDER + "site.css"] = _STYLES.read_bytes()
    files["README.html"] = render_template("wallet/site_readme.html", count=len(found)).encode("utf-8")
    return files


def _works(vault: OpenVault, each: Exported, number: int) -> dict[str, bytes]:
    if each.card.category != portfolio.CATEGORY or each.card.origin != portfolio.FAMILY:
        return {}
    found = {}
    for index, work in enumerate(portfolio.works_of(vault, each.card.item_id), start=1):
        file = portfolio.work(vault, each.card.item_id, work.file_id)
        stem = plain_name(file.name.rpartition(".")[0])
        found[f"{_FOLDER}files/{number:03}-{index}-{stem}{extension_of(file.media_type)}"] = file.data
    return found


def _picture(document: dict[str, object]) -> str | None:
    image = image_of(document)
    if image is None:
        return None
    try:
        return picture_data_url(base64.b64decode(image.partition(",")[2], validate=True))
    except (binascii.Error, MalformedValueError, TooComplexError):
        return None


def _person(entries: Sequence[tuple[str, Record, object]]) -> str:
    return next((record.person for _page, record, _card in entries if record.person), "")
