"""A family on a server that works against it: what the server holds, and what it can make of it (security.md P9)."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from credkit import jose
from credkit.encoding import base64url_encode, sha256
from credkit.ports import JSONObject
from tests.support.world import OsRandomness, World
from wallet.bootstrap import Services, build_services
from wallet.cli.counters import FileCounters
from wallet.config import Config, GuessCost
from wallet.services import activity
from wallet.services.people.people import About, Draft
from wallet.services.record import contributions
from wallet.services.record.items import CONTRIBUTION, CREDENTIAL
from wallet.store import ItemRow, MemberRow
from wallet.vault import NoCounters, OpenVault
from wallet.vault.chain import DECIDES, Chain, Member, Scope
from wallet.vault.listing import Line, Listing
from wallet.vault.parties import new_slot_id
from wallet.vault.sealing import pad, seal

MARIA, OKAFOR, MALLORY = "seven green kites over Utah", "a tutor's long sentence", "mallory's long sentence"
ANA, GONE = "a mentor's long sentence", "somebody who left long ago"
_HELPS = frozenset({"read:supplemental-achievement", "contribute:supplemental-achievement"})
CANARY = "ZZCANARY"
RANDOM = OsRandomness()


def record(category: str, title: str) -> JSONObject:
    """A record as the vault keeps it."""
    document = {"id": f"urn:{CANARY}:{title}", "name": f"{CANARY} {title}", "type": ["VerifiableCredential"]}
    return {"credential": document, "category": category, "received_at": "2026-06-01T00:00:00Z", "status": "good",
            "received_from": "https://school.example", "checked_at": "2026-06-01T00:00:00Z"}


@dataclass
class Server:
    """The database in the hands of its server, and all that the server knows.

    Attributes:
        older: The whole database as it was once; ``earlier``: what Mr. Okafor had added a while ago, as he signed it.
    """

    services: Services
    world: World
    path: Path
    ids: Mapping[str, str]
    mallory: OpenVault
    older: bytes
    now: bytes
    seen: Path
    earlier: tuple[Any, ...] = ()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a server can always do. Names in braces are those of ``ids``."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            found = list(connection.execute(statement.format(**self.ids), values))
            connection.commit()
            return found

    def old(self, statement: str) -> list[tuple[Any, ...]]:
        """What the older copy holds."""
        copy = self.path.parent / "older.sqlite3"
        copy.write_bytes(self.older)
        with closing(sqlite3.connect(copy)) as connection:
            return list(connection.execute(statement.format(**self.ids)))

    def insert(self, table: str, *values: Any) -> None:
        """One more row."""
        self.run(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(values))})", *values)

    def restore(self, state: bytes) -> None:
        """Put a whole copy in place of the database, as a restored backup would."""
        copy = self.path.parent / "copy.sqlite3"
        copy.write_bytes(state)
        with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(self.path)) as target:
            source.backup(target)

    def maria(self, *, remembers: bool = True) -> OpenVault:
        """María opens her backpack; ``remembers``: on the device that she used last."""
        counters = FileCounters(self.seen) if remembers else NoCounters()
        return self.services.vault.unlock(MARIA, client="maria", login="maria", counters=counters).vault

    def lucia(self, *, remembers: bool = True) -> OpenVault:
        """María opens Lucía's record."""
        return self.maria(remembers=remembers).for_learner(self.ids["lucia"])

    def helper(self, name: str) -> OpenVault:
        """A helper's own space."""
        passphrase = {"okafor": OKAFOR, "ana": ANA, "gone": GONE}[name]
        return self.services.vault.unlock(passphrase, client=name, login=name).vault

    def okafor(self) -> OpenVault:
        """The tutor opens what he may see."""
        return self.helper("okafor").for_learner(self.ids["lucia"])


def titles(vault: OpenVault) -> list[str]:
    """What a person sees: read, not only listed."""
    return sorted(vault.read(entry.id, CREDENTIAL).body["credential"]["name"].removeprefix(f"{CANARY} ")
                  for entry in vault.entries(CREDENTIAL))


def copy_of(path: Path) -> bytes:
    """The whole database as bytes."""
    target = path.parent / "snapshot.sqlite3"
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target.read_bytes()


def build(folder: Path) -> Server:
    """The family, from its first day to the moment at which the server begins."""
    world = World()
    path = folder / "wallet.sqlite3"
    services = build_services(Config(folder, f"sqlite:///{path}", origin="https://wallet.example",
                                     guess_cost=GuessCost(19 * 1024, 2, 1)), clock=world.clock, fetcher=world.web)
    own = services.vault.create(MARIA, login="maria").vault
    services.people.set_my_name(own, f"{CANARY} María")
    lucia, twin = (services.people.add_learner(own, About(f"{CANARY} {name}", "2015-03-09", "America/Denver", "es"),
                                               basis="parent") for name in ("Lucía", "Luisa"))
    ids = {"maria": own.party_id, "lucia": lucia.owner_id, "twin": twin.owner_id}
    for name, category in (("algebra", "transcript"), ("fractions", "supplemental-achievement"), ("speech", "iep")):
        ids[name] = lucia.add(CREDENTIAL, record(category, name), keys=(lucia.new_holder_key(),))
    ids["twins"] = twin.add(CREDENTIAL, record("transcript", "twins"))
    mallory = services.vault.register("mallory", MALLORY).vault
    ids["mallory"] = mallory.party_id
    okafor, ana = let_in(services, lucia, "okafor", OKAFOR), let_in(services, lucia, "ana", ANA)
    ids |= {"okafor": okafor.party_id, "ana": ana.party_id}
    ids |= {"first": bring(services, okafor, lucia.owner_id, "first"),
            "answered": bring(services, ana, lucia.owner_id, "answered")}
    lucia.entries(CREDENTIAL)
    older = copy_of(path)
    item = lucia.read(ids["algebra"], CREDENTIAL)
    lucia.replace(item, {**item.body, "credential": {**item.body["credential"], "name": f"{CANARY} algebra II"}})
    contributions.refuse(lucia, services.receiving.environment, ids["answered"])
    gone = let_in(services, lucia, "gone", GONE)
    ids |= {"gone": gone.party_id, "gones": bring(services, gone, lucia.owner_id, "gone's")}
    lucia.remove(ids["gone"], world.clock.now())
    ids["invitation"] = services.people.invite(lucia, draft("newcomer", world))
    ids["second"] = bring(services, okafor, lucia.owner_id, "second")
    server = Server(services, world, path, ids, mallory, older, b"", folder / "seen.json")
    (earlier,) = server.run("SELECT * FROM additions WHERE owner_id = '{lucia}'")
    ids |= {"third": bring(services, okafor, lucia.owner_id, "third"),
            "anas": bring(services, ana, lucia.owner_id, "ana's")}
    activity.log(okafor.for_learner(lucia.owner_id), world.clock, "refused", {"host": "college.example"})
    for vault in (lucia, twin, okafor.for_learner(lucia.owner_id)):
        vault.entries(CREDENTIAL)
    for name in ("lucia", "twin"):
        titles(server.maria().for_learner(ids[name]))
    return replace(server, now=copy_of(path), earlier=earlier)


def bring(services: Services, helper: OpenVault, owner_id: str, title: str) -> str:
    """A helper contributes a note."""
    return contributions.contribute(
        helper.for_learner(owner_id), services.receiving.environment,
        contributions.Draft("supplemental-achievement", "note", f"{CANARY} {title}", "words", f"{CANARY} name", "en"))


def brought(vault: OpenVault) -> list[str]:
    """The titles of what waits for the family's answer: read, not only listed."""
    return sorted(vault.read(line.id, CONTRIBUTION).body["title"].removeprefix(f"{CANARY} ")
                  for line in contributions.waiting(vault))


def draft(name: str, world: World) -> Draft:
    return Draft(name, "tutor", _HELPS, "family-consent", world.clock.now() + timedelta(days=90))


def let_in(services: Services, vault: OpenVault, login: str, passphrase: str) -> OpenVault:
    token = services.people.invite(vault, Draft(login, "tutor", _HELPS, "family-consent",
                                                services.clock.now() + timedelta(days=90)))
    newcomer = services.vault.register(login, passphrase).vault
    services.people.answer(newcomer, token, f"{CANARY} {login}")
    services.people.confirm(vault, next(each.item_id for each in services.people.invitations(vault)
                                        if each.state == "answered"))
    services.people.join(newcomer)
    return newcomer


EVERYTHING = ["algebra II", "fractions", "speech"]
BROUGHT = ["ana's", "first", "gone's", "second", "third"]


# What Mallory can make with her own keys and everybody's public ones

def chain_of(server: Server) -> Chain:
    """The real chain of Lucía's record: it stands in the clear."""
    rows = server.run("SELECT body FROM members WHERE owner_id = '{lucia}' ORDER BY seq")
    members: dict[str, Member] = {}
    for (body,) in rows:
        link = json.loads(body)
        members.pop(link["party"], None)
        if link["action"] == "admit":
            scope = Scope(link["decides"], frozenset(link["adds"]), frozenset(link["changes"]))
            members[link["party"]] = Member(link["party"], link["kind"], link["steward"], link["opening_key"],
                                            link["signing_key"], link["at"], link["by"], scope)
    return Chain(server.ids["lucia"], members, len(rows) - 1, base64url_encode(sha256(rows[-1][0].encode())))


def as_member(server: Server, by: str, *, steward: bool = True) -> Member:
    me = server.mallory.me
    return Member(me.party_id, "guardian", steward, me.opening_key, me.signing_key, "2026-06-15T12:00:00Z", by,
                  DECIDES)


def add_link(server: Server, link: MemberRow) -> None:
    server.insert("members", link.owner_id, link.seq, link.body, link.signature, None)


def forged_item(server: Server, item_id: str, body: JSONObject, item_type: str = CREDENTIAL,
                owner: str = "lucia", *, version: int = 1) -> ItemRow:
    """An item that María's key opens: anybody can wrap to a public key."""
    content_key, key_id = secrets.token_bytes(32), new_slot_id(RANDOM)
    row = ItemRow(item_id, server.ids.get(owner, owner), item_type, version, key_id, b"")
    context = (row.owner_id, row.id, row.type, row.version, row.key_id)
    row = replace(row, ciphertext=seal(content_key, pad({"body": body, "keys": []}), context, RANDOM))
    ((opening_key,),) = server.run("SELECT opening_key FROM parties WHERE id = '{maria}'")
    server.insert("items", *vars(row).values())
    server.insert("wraps", item_id, server.ids["maria"],
                  jose.encrypt(content_key, {"kty": "OKP", "crv": "X25519", "x": opening_key}))
    return row


def manifest_body(server: Server) -> JSONObject:
    ((body,),) = server.run("SELECT body FROM manifests WHERE owner_id = '{lucia}'")
    found: JSONObject = json.loads(body)
    return found


def listing_of(body: JSONObject, *, ahead: int) -> Listing:
    """A list that says what ``body`` says, so many changes later."""
    lines = {item_id: Line(kind, version, key_id, digest, tuple(to), helper)
             for item_id, (kind, version, key_id, digest, to, helper) in body["items"].items()}
    return Listing(body["owner"], body["counter"] + ahead, "", -1, lines, tuple(body["log"]), body["taken"])


def write_manifest(server: Server, body: JSONObject, *, counter: int | None = None) -> None:
    server.run("UPDATE manifests SET body = ?, counter = ? WHERE owner_id = '{lucia}'",
               json.dumps(body, separators=(",", ":")), body["counter"] if counter is None else counter)
