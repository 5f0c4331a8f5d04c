"""Hide without a trace (P6, T8): "none held" and "hidden" are the same bytes for everybody outside.

Every pair is two wallets: one that holds some records and hides a part of them, and one that never held that part. With
clock and randomness fixed, an asker gets the same from both: the same answer, or the same "nothing fits".
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations
from random import Random
from typing import Any

import pytest

from credkit.environment import Environment
from credkit.ports import JSONObject
from credkit.profiles.endorsement import build_endorsement
from credkit.profiles.openbadges_3 import Profile
from credkit.protocols import dcql
from tests.support.amount import FULL, amount
from tests.support.world import NOW, School, World
from tests.wallet.household import environment_of
from tests.wallet.offices import CLR, TITLE_AND_GRADE, AskingCollege
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import Services
from wallet.services.consent import build_sheet
from wallet.services.presenting import Presenting
from wallet.services.record.items import COMMENT, CREDENTIAL, RULES
from wallet.services.record.rules import DEFAULTS
from wallet.services.requests import ResolvedRequest
from wallet.services.sharing import bundles
from wallet.services.sharing.bundles import Chosen, Purpose
from wallet.services.signing import sign
from wallet.vault import HolderKey, OpenVault

KINDS = (("iep", "Fieldwork", "iep"), ("discipline", "Award", "discipline"), ("services", "Badge", "services"),
         ("transcript", "Course", ""), ("extracurricular", "Membership", ""), ("assessment", "Assessment", ""),
         ("work-and-service", "CommunityService", ""), ("attendance", "Badge", "attendance"),
         ("portfolio", "Assignment", ""))
POOL = KINDS if FULL else KINDS[:7]
Set = frozenset[int]


@dataclass
class Counted:
    """Randomness that is the same for everybody who begins at the same number."""

    count: int = 0

    def token_bytes(self, n: int) -> bytes:
        self.count += 1
        return hashlib.shake_256(self.count.to_bytes(8, "big")).digest(n)


@dataclass
class Pool:
    """Records with the keys they were issued to, and a comment that travels with the first."""

    records: list[tuple[JSONObject, HolderKey]]
    comment: JSONObject


class Town:
    """Wallets by what they hold, one party each."""

    def __init__(self, services: Services, pool: Pool) -> None:
        self.services, self.pool = services, pool
        self.vaults: dict[Set, OpenVault] = {}
        self.seen: dict[tuple[Set, str], Any] = {}

    def wallet(self, held: Set) -> OpenVault:
        if held not in self.vaults:
            name = f"party {len(self.vaults)}"
            vault = self.services.vault.register(name, PASSPHRASE).vault
            for index in sorted(held):
                document, key = self.pool.records[index]
                vault.add(CREDENTIAL, {
                    "credential": document, "received_at": "2026-06-01T00:00:00Z", "received_from": "https://s.example",
                    "status": "good", "checked_at": None, "issuance_id": None, "key_method": key.verification_method},
                    keys=(key,))
            if 0 in held:
                vault.add(COMMENT, {
                    "credential": self.pool.comment, "credential_id": self.pool.records[0][0]["id"], "category": "iep",
                    "travels": True, "state": "active", "at": "2026-06-02T00:00:00Z", "author": vault.party_id,
                    "name": "Ana", "language": "en", "kind": "comment"})
            vault.add(RULES, {"categories": {}})
            self.vaults[held] = vault
        return self.vaults[held]

    def hide(self, held: Set, hidden: Set) -> OpenVault:
        """The wallet, with the categories of ``hidden`` set to never and all others to ask."""
        vault = self.wallet(held)
        never = {POOL[index][0] for index in hidden}
        (entry,) = vault.entries(RULES)
        vault.replace(vault.read(entry.id, RULES), {
            "categories": {category: "never" if category in never else "ask" for category in DEFAULTS}})
        return vault


@pytest.fixture
def pool(services: Services, world: World) -> Pool:
    school, maker = School(world), services.vault.register("maker", "maker has six blue boats at sea").vault
    records = []
    for index, (_category, kind, tag) in enumerate(POOL):
        key = maker.new_holder_key()
        document = school.course(index=index, name=f"{kind} {index}", subject_id=key.did)
        document["credentialSubject"]["achievement"] |= {"achievementType": kind} | ({"tag": [tag]} if tag else {})
        records.append((school.sign_base(document), key))
    comment = build_endorsement(
        id="urn:uuid:00000000-0000-4000-8000-000000000001", name="A comment", subject_id=records[0][0]["id"],
        comment="She was ill in May.", issuer=Profile(maker.party_did, "Ana"), valid_from=NOW, language="en")
    return Pool(records, sign(comment, maker.party_signer, environment_of(services)))


def received(services: Services, vault: OpenVault, resolved: ResolvedRequest) -> Any:
    """Every byte the asker gets from a family that shares what fits; and what it could hand out."""
    fixed: Environment = replace(environment_of(services), randomness=Counted())
    presenting = Presenting(fixed)
    with vault.steady():
        matching = presenting.match(vault, resolved)
        offered = [(choice.title, choice.credential_id) for choice in bundles.choices(vault)]
        if not matching.possible:
            return "nothing fits", offered
        choice = {asked.query.id: tuple(each.card.item_id for each in asked.candidates)[:1] for asked in matching.asked}
        sheet = build_sheet(vault, resolved, matching, choice, fixed)
    decision = presenting.agree(vault, resolved, sheet, seen_digest=sheet.digest)
    return presenting.answer(vault, resolved, decision), offered


def pairs(count: int) -> list[tuple[Set, Set]]:
    """``count`` pairs of what is held and what of it is hidden, each once, small wallets and large ones mixed."""
    everything = range(len(POOL))
    found = [(frozenset(held), frozenset(hidden)) for size in range(1, len(POOL) + 1)
             for held in combinations(everything, size) for some in range(1, size + 1)
             for hidden in combinations(held, some)]
    Random(7).shuffle(found)
    return found[:count]


@pytest.mark.no_cover
def test_hidden_and_not_held_are_the_same_bytes_for_an_asker(
        services: Services, pool: Pool, college: AskingCollege) -> None:
    asked = {"title": services.presenting.resolve_request(college.ask(*TITLE_AND_GRADE)),
             "transcript": services.presenting.resolve_request(college.ask(kind=CLR))}
    town, nothing = Town(services, pool), 0
    generated = pairs(amount(10_000))

    for number, (held, hidden) in enumerate(generated):
        name = "transcript" if number % 10 == 0 else "title"
        rest = held - hidden
        if (rest, name) not in town.seen:
            town.seen[rest, name] = received(services, town.hide(rest, frozenset()), asked[name])
        got = received(services, town.hide(held, hidden), asked[name])
        assert got == town.seen[rest, name], (held, hidden)
        nothing += got[0] == "nothing fits"

    assert len(generated) == amount(10_000) and 0 < nothing < len(generated)


def test_hidden_and_not_held_are_the_same_bytes_in_a_bundle(services: Services, pool: Pool, world: World) -> None:
    town, purpose = Town(services, pool), Purpose("School", "To enroll", world.clock.now() + timedelta(days=30), "en")

    def handed(vault: OpenVault) -> str:
        fixed = replace(environment_of(services), randomness=Counted())
        decided = bundles.draft(vault, fixed, [Chosen(each.key) for each in bundles.choices(vault)], purpose)
        bundle = bundles.build(vault, fixed, decided, seen_digest=decided.digest)
        return json.dumps(bundle).replace(vault.party_did, "did:key:family").partition('"proof": {"type": "Data')[0]

    for held, hidden in (({0, 3}, {0}), ({0, 1, 2, 3, 4}, {0, 2}), ({0, 5, 6}, {6})):
        rest = frozenset(held) - frozenset(hidden)
        assert handed(town.hide(frozenset(held), frozenset(hidden))) == handed(town.hide(rest, frozenset()))


def test_a_hidden_record_is_not_even_looked_at_when_somebody_asks(
        services: Services, pool: Pool, college: AskingCollege, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work, too: a hidden record costs an asker no time to wait for."""
    town, looked = Town(services, pool), []
    resolved = services.presenting.resolve_request(college.ask(*TITLE_AND_GRADE))
    vault = town.hide(frozenset({0, 3, 4}), frozenset({0, 4}))
    match = dcql.match

    def counting(query: dcql.CredentialQuery, document: JSONObject, expand: dcql.ExpandTypes,
                 **options: Any) -> dcql.Match | None:
        looked.append(document)
        return match(query, document, expand, **options)

    monkeypatch.setattr(dcql, "match", counting)
    services.presenting.match(vault, resolved)

    assert [document["id"] for document in looked] == [pool.records[3][0]["id"]]
