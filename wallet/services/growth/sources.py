"""The signed records that growth, mastery and alerts are computed from, each once, wherever it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from credkit.ports import JSONObject
from credkit.profiles import clr_2
from credkit.shape import as_list
from wallet.services.checking import Status
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.reading import first, issuer_of, one, text
from wallet.vault import Entry, OpenVault


@dataclass(frozen=True)
class Source:
    """One signed record, its proof aside, and where it lies.

    Attributes:
        item_id: The item that holds it.
        index: Its place in that item if the item is a transcript, else None.
        status: What the signer's list of taken-back records last said.
    """

    document: JSONObject
    item_id: str
    index: int | None
    status: Status


def sources(vault: OpenVault, wanted: Callable[[JSONObject], bool]) -> tuple[Source, ...]:
    """The records in the items whose index line is ``wanted``; a wanted transcript gives all that stand in it.

    Args:
        wanted: Decides by the line of the sealed index, so that nothing else needs to be opened.

    Returns:
        In no particular order. A record that lies alone and in a transcript, or in several editions, stands once.
    """
    entries = (entry for entry in vault.entries(CREDENTIAL) if wanted(entry.summary))
    return open_sources(vault, entries, editions=False)


def open_sources(vault: OpenVault, entries: Iterable[Entry], *, editions: bool) -> tuple[Source, ...]:
    """The records in these items.

    Args:
        editions: Also older editions of a record; else only the newest one of each credential id.
    """
    found: dict[tuple[str, ...], Source] = {}
    for entry in entries:
        document = entry.summary["shown"] or vault.read(entry.id, CREDENTIAL).body["credential"]
        for source in _inside(document, entry.id, entry.summary["status"] or "unknown"):
            key = _identity(source, editions)
            if key not in found or _rank(source) > _rank(found[key]):
                found[key] = source
    return tuple(found.values())


def _inside(document: JSONObject, item_id: str, status: Status) -> list[Source]:
    if not clr_2.is_mine(document):
        return [Source(document, item_id, None, status)]
    members = as_list(first(document.get("credentialSubject")).get("verifiableCredential"))
    return [Source(member, item_id, index, status) for index, member in enumerate(
        each for each in members if isinstance(each, dict))]


def _identity(source: Source, editions: bool) -> tuple[str, ...]:
    identifier = text(source.document.get("id"))
    if not identifier:
        return (source.item_id, str(source.index))
    edition = _signed_at(source.document) if editions else ""
    return (issuer_of(source.document).id, identifier, edition)


def _rank(source: Source) -> tuple[str, bool]:
    """A newer ``validFrom`` replaces (OB-3.0 #equality); of one edition the record that lies alone knows its status."""
    return _signed_at(source.document), source.index is None


def _signed_at(document: JSONObject) -> str:
    return text(one(document.get("validFrom")) or one(document.get("issuanceDate")))


def holds_more_than_courses(line: JSONObject) -> bool:
    """Whether a transcript's index line says that something else stands in it than courses."""
    return line["kind"] == "transcript" and any(category != "transcript" for _id, category in line["member_categories"])
