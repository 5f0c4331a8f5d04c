"""Everything out, readable without us, as one zip: each record as JSON-LD with a proof that holds outside, a transcript
of all of them, tables, the log, the family's own words, its files (requirements.md S3, Q2, D22).

A base proof, which holds what is not disclosed, never goes out: such a record goes as its line of the school's
transcript, or with all of it derived.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from credkit.environment import Environment
from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles import clr_2
from wallet.services import activity, authority
from wallet.services.record import about_me, comments, files, rules, sd_jwt
from wallet.services.record.items import CREDENTIAL, FILE, RECEIPT
from wallet.services.record.library import Card, shelf
from wallet.services.record.reading import read_record
from wallet.services.sharing import bundles, receipts
from wallet.services.signing import new_urn, sign
from wallet.services.tables import build_csv
from wallet.vault import OpenVault

RECORDS_FOLDER: Final = "records/"
_LONGEST_NAME: Final = 60
_EARLIEST_ZIP_YEAR: Final = 1980


@dataclass(frozen=True)
class Exported:
    """A record as it goes out.

    Attributes:
        document: With a proof that holds outside; of an SD-JWT its reading, for pages and tables.
        name: Of its file. ``content``: what stands in it.
    """

    card: Card
    document: JSONObject
    name: str
    content: bytes


def export(vault: OpenVault, environment: Environment, *, hidden: bool,
           more: Mapping[str, bytes] | None = None) -> bytes:
    """Everything as a zip file; noted in the log.

    Args:
        hidden: Also what is never to be shared.
        more: Further files by name: the portfolio as pages, a note on what is what.

    Raises:
        StateError: somebody who may not share, or may not take along what is hidden.
    """
    authority.check(vault, "full" if hidden else "share", environment.clock.now())
    found = records(vault, environment, hidden=hidden)
    contents: dict[str, bytes] = {RECORDS_FOLDER + each.name: each.content for each in found}
    with suppress(MalformedValueError):  # none at all, or records that cannot stand in one transcript
        contents["transcript.json"] = as_json(_all_in_one(vault, environment, found))
    contents["records.csv"] = records_csv(found)
    contents.update(_own_words(vault, found, hidden=hidden))
    if hidden:
        log = log_entries(vault)
        contents["activity.csv"], contents["activity.json"] = log_csv(log), as_json(log)
        contents.update(_files(vault))
        contents.update({f"receipts/{index + 1:03}.json": as_json(vault.read(entry.id, RECEIPT).body["credential"])
                         for index, entry in enumerate(vault.entries(RECEIPT))})
    contents.update(more or {})
    activity.log(vault, environment.clock, "exported", {
        "titles": [each.card.title for each in found], "count": len(found), "state": "all" if hidden else "open"})
    return _zip(contents, environment)


def records(vault: OpenVault, environment: Environment, *, hidden: bool) -> tuple[Exported, ...]:
    """Every record in the form in which it may leave.

    Args:
        hidden: Also what is never to be shared.
    """
    cards = shelf(vault).all()
    chosen = cards if hidden else rules.visible(vault, cards)
    lines = bundles.transcript_lines(vault)
    found = []
    for number, card in enumerate(chosen, start=1):
        body = vault.read(card.item_id, CREDENTIAL).body
        name = f"{number:03}-{plain_name(card.title)}"
        if card.form is not None:
            suffix = ".sd-jwt" if card.form == sd_jwt.FORM else ".jwt"
            found.append(Exported(card, body["credential"], name + suffix, str(sd_jwt.text_of(body)).encode("ascii")))
            continue
        document = bundles.outgoing(body["credential"], lines, frozenset(), environment)
        found.append(Exported(card, document, name + ".json", as_json(document)))
    return tuple(found)


def records_csv(found: Iterable[Exported]) -> bytes:
    """One line for each record and for each line of a transcript."""
    rows = []
    for each in found:
        documents = [each.document]
        if clr_2.is_mine(each.document):
            documents += [line for _at, line in clr_2.members_of(each.document)]
        for document in documents:
            record = read_record(document)
            result = next((line for line in record.results if line.value), None)
            rows.append([
                each.name, record.kind, record.title, record.issuer.name, record.issuer.id, record.person, record.term,
                record.code, record.credits_earned, record.credits_available, result.name if result else "",
                result.value if result else "", record.valid_from.isoformat() if record.valid_from else "",
                record.credential_id or ""])
    return build_csv(("file", "kind", "title", "signed_by", "signer", "learner", "term", "code", "credits_earned",
                      "credits_available", "result", "value", "signed_at", "id"), rows).encode()


def log_entries(vault: OpenVault) -> list[JSONObject]:
    """The log, oldest first: who has seen what, and what was refused."""
    return [{**vars(line), "titles": list(line.titles), "records": list(activity.show(vault, line.id)[1])}
            for line in reversed(activity.lines(vault))]


def log_csv(entries: Iterable[JSONObject]) -> bytes:
    """The log as a table: one line for each value that was seen, and one for each entry without values."""
    rows = []
    for entry in entries:
        begin = [entry["at"], entry["kind"], entry["state"], entry["name"], entry["host"], entry["purpose"]]
        values = [[record["title"], value["kind"], value["value"]] for record in entry["records"]
                  for value in (*record.get("values", ()), *record.get("always", ()))]
        rows += [[*begin, *value] for value in values] or [[*begin, ", ".join(entry["titles"]), "", ""]]
    return build_csv(("at", "what", "state", "who", "address", "purpose", "record", "part", "value"), rows).encode()


def plain_name(title: str) -> str:
    """A title as a part of a file's name: letters, digits and hyphens, at most 60 characters."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST_NAME].strip("-") or "record"


def _all_in_one(vault: OpenVault, environment: Environment, found: Sequence[Exported]) -> JSONObject:
    """One transcript of everything, signed by who exports."""
    inside = {name for each in found for name in each.card.member_ids}
    members = [each for each in found if each.card.form is None and each.card.credential_id not in inside]
    names = dict.fromkeys(read_record(each.document).person for each in members)
    return sign(clr_2.build_selection(clr_2.Selection(
        id=new_urn(environment.randomness), name="Export", description="Everything in this backpack.",
        issuer_id=vault.party_did, names=tuple(name for name in names if name),
        subject_id=new_urn(environment.randomness), valid_from=environment.clock.now(), valid_until=None,
        members=[each.document for each in members],
        endorsements=[document for each in members for name in (each.card.credential_id, *each.card.member_ids)
                      if name for document in comments.travelling(vault, name)])), vault.party_signer, environment)


def _own_words(vault: OpenVault, found: Sequence[Exported], *, hidden: bool) -> dict[str, bytes]:
    names = dict.fromkeys(name for each in found for name in (each.card.credential_id, *each.card.member_ids) if name)
    said = [document for name in names for document in comments.travelling(vault, name)]
    contents = {f"comments/{index:03}.json": as_json(document) for index, document in enumerate(said, start=1)}
    if hidden or rules.leaving_book(vault).categories["profile"] != "never":
        contents.update({f"about-me/{index:03}.json": as_json(document)
                         for index, document in enumerate(about_me.documents(vault), start=1)})
    return contents


def _files(vault: OpenVault) -> dict[str, bytes]:
    contents = {}
    for index, entry in enumerate(vault.entries(FILE), start=1):
        file = files.read(vault, entry.id)
        stem = plain_name(file.name.rpartition(".")[0])
        contents[f"files/{index:03}-{stem}{extension_of(file.media_type)}"] = file.data
    return contents


def extension_of(media_type: str) -> str:
    """The ending of a file's name."""
    return {"image/jpeg": ".jpg", "application/pdf": ".pdf", "text/csv": ".csv"}.get(media_type, ".bin")


def receipt_json(vault: OpenVault, item_id: str) -> bytes:
    """A consent receipt as a file.

    Raises:
        StateError: no such receipt.
    """
    return as_json(receipts.read(vault, item_id)[1])


def as_json(value: object) -> bytes:
    """A value as the bytes of a JSON file."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def _zip(contents: Mapping[str, bytes], environment: Environment) -> bytes:
    now = environment.clock.now()
    stamp = (max(now.year, _EARLIEST_ZIP_YEAR), now.month, now.day, now.hour, now.minute, now.second)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            archive.writestr(zipfile.ZipInfo(name, stamp), contents[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
