"""Old papers that go along with the records a family chose (requirements.md T2): apart from them, never as verified.

They stand in the selection's ``evidence``, whole, under the signature of whoever chose; no school's word is in them.

Spec: OB-3.0 #evidence (``id``: the evidence itself as data URI)
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from credkit.ports import JSONObject
from credkit.profiles.openbadges_3 import Evidence
from wallet.services.record import rules, unverified
from wallet.services.record.unverified import CATEGORY, Paper
from wallet.vault import OpenVault

PREFIX: Final = "paper."


@dataclass(frozen=True)
class Enclosure:
    """A paper that may go along: its key in a choice, its line of the list, and what would leave.

    Attributes:
        digest_multibase: SHA-256 of the file, as a multihash: it names exactly what leaves.
    """

    key: str
    paper: Paper
    note: str
    digest_multibase: str
    evidence: JSONObject


def offered(vault: OpenVault) -> tuple[Paper, ...]:
    """The papers that may go along, newest first; none where the rule for everything else is “never”."""
    if rules.leaving_book(vault).categories[CATEGORY] == "never":
        return ()
    return unverified.papers(vault)


def key_of(paper: Paper) -> str:
    """How a choice names a paper."""
    return PREFIX + paper.id


def enclose(vault: OpenVault, papers: Iterable[Paper]) -> tuple[Enclosure, ...]:
    """What would leave of these papers: the whole file of each, its title and its note.

    Raises:
        StateError: a paper is not there any more.
    """
    return tuple(_enclose(vault, paper) for paper in papers)


def evidence_of(enclosures: Sequence[Enclosure]) -> list[JSONObject]:
    """As they stand in a selection."""
    return [each.evidence for each in enclosures]


def logged(enclosure: Enclosure) -> JSONObject:
    """What an entry of the log keeps of it: title, note and digest, not the file."""
    values = [("evidence.name", enclosure.paper.title), ("evidence.description", enclosure.note),
              ("evidence.digest", enclosure.digest_multibase)]
    return {"title": enclosure.paper.title, "item_id": enclosure.paper.id, "issuer_name": "", "whole": True,
            "values": [{"kind": kind, "value": value} for kind, value in values if value], "always": [],
            "comments": []}


def _enclose(vault: OpenVault, paper: Paper) -> Enclosure:
    _paper, note, _table = unverified.show(vault, paper.id)
    file = unverified.file_of(vault, paper.id)
    address = f"data:{file.media_type};base64,{base64.b64encode(file.data).decode('ascii')}"
    return Enclosure(key_of(paper), paper, note, file.digest_multibase,
                     Evidence(address, paper.title, note or None).to_json())
