"""A small world for verification tests: a fixed clock, a FakeWeb, schools with keys, records they signed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import contexts
from credkit.dids import Resolver, build_did_document, did_web_of, web_document_url
from credkit.environment import Environment
from credkit.jsonld import Processor
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.profiles import clr_2
from credkit.profiles.openbadges_3 import (
    Achievement,
    Identity,
    OpenBadge,
    Profile,
    Result,
    ResultDescription,
    build_open_badge,
)
from credkit.proofs import add_base_proof, add_proof
from credkit.status import bitstring
from tests.support.fakeweb import FakeWeb

NOW = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
V2 = "https://www.w3.org/ns/credentials/v2"


@dataclass
class FixedClock:
    """A clock that stands until it is moved."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    def advance(self, **amount: int) -> None:
        self.moment += timedelta(**amount)


class OsRandomness:
    def token_bytes(self, n: int) -> bytes:
        return os.urandom(n)


@dataclass
class PlainMemory:
    """What was seen last, for as long as the test runs."""

    lists: dict[str, tuple[JSONObject, datetime]] = field(default_factory=dict)

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        return self.lists.get(url)

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        self.lists[url] = (credential, fetched_at)


@dataclass
class World:
    """Everything a verification may use, and the web behind it."""

    clock: FixedClock = field(default_factory=FixedClock)
    web: FakeWeb = field(default_factory=FakeWeb)
    memory: PlainMemory = field(default_factory=PlainMemory)
    processor: Processor = field(default_factory=lambda: Processor(contexts.load))

    def environment(self) -> Environment:
        return Environment(
            self.clock, self.web, OsRandomness(), self.processor, Resolver(self.web, self.clock), self.memory,
            contexts.read)


class School:
    """An issuer at its own origin: did:web, two keys, one status list."""

    def __init__(self, world: World, origin: str = "https://school.example", name: str = "Lincoln High School") -> None:
        self.world, self.origin, self.name = world, origin, name
        self.did = did_web_of(origin)
        self.ed25519 = SoftwareSigner.generate("Ed25519", verification_method=self.did + "#ed25519")
        self.p256 = SoftwareSigner.generate("P-256", verification_method=self.did + "#p256")
        self.list_url = origin + "/status/1"
        self.revoked: set[int] = set()
        self.publish()

    def publish(self, relationships: tuple[str, ...] = ("assertionMethod",)) -> None:
        """Put the DID document and the status list on the web."""
        methods = [("ed25519", self.ed25519.public_key, relationships), ("p256", self.p256.public_key, relationships)]
        self.world.web.serve_json(
            web_document_url(self.did, allow_loopback=False), build_did_document(self.did, methods)
        )
        self.publish_list()

    def publish_list(self, **changes: Any) -> None:
        """Sign and serve the status list of now; ``changes`` replace members before signing."""
        now = self.world.clock.now()
        document = bitstring.build_status_list_credential(
            url=self.list_url,
            issuer=self.did,
            context=V2,
            set_indexes=self.revoked,
            valid_from=now,
            valid_until=now + timedelta(days=1),
        )
        self.world.web.serve_json(self.list_url, self.sign({**document, **changes}))

    def profile(self) -> Profile:
        return Profile(self.did, self.name, self.origin)

    def course(
        self,
        *,
        index: int = 7,
        subject_id: str | None = None,
        name: str = "Algebra I",
        grade: str | None = "A",
        student: str = "María José Hernández Núñez",
        number: str = "S-1001",
        status: bool = True,
        result_status: str = "Completed",
        **more: Any,
    ) -> JSONObject:
        """One course, unsigned."""
        described = ResultDescription(f"{self.origin}/achievements/{index}#grade", "Final grade", "LetterGrade")
        achievement = Achievement(
            f"{self.origin}/achievements/{index}",
            "Course",
            name,
            f"{name}, a course of one year.",
            "Work and a final test.",
            code=f"MA-{index}",
            credits_available=1.0,
            result_descriptions=(described,),
        )
        return build_open_badge(
            OpenBadge(
                id=f"{self.origin}/credentials/{index}",
                name=name,
                issuer=self.profile(),
                achievement=achievement,
                identities=(Identity("name", student), Identity("sourcedId", number)),
                valid_from=NOW - timedelta(days=10),
                results=(Result(described.id, result_status, grade),),
                credits_earned=1.0,
                term="Spring 2026",
                status_entry=bitstring.build_entry(self.list_url, index) if status else None,
                subject_id=subject_id,
                **more,
            )
        )

    def transcript(self, members: list[JSONObject], *, subject_id: str | None = None, index: int = 500) -> JSONObject:
        """A CLR around signed members, unsigned."""
        return clr_2.build_clr(
            clr_2.Clr(
                id=f"{self.origin}/credentials/{index}",
                name="Transcript",
                issuer=self.profile(),
                identities=(Identity("name", "María José Hernández Núñez"), Identity("sourcedId", "S-1001")),
                valid_from=NOW - timedelta(days=10),
                members=members,
                status_entry=bitstring.build_entry(self.list_url, index),
                subject_id=subject_id,
            )
        )

    def sign(
        self, document: JSONObject, suite: str = "eddsa-rdfc-2022", signer: SoftwareSigner | None = None, **options: Any
    ) -> JSONObject:
        """The document with a proof over all of it."""
        key = signer or (self.p256 if suite.startswith("ecdsa") else self.ed25519)
        return add_proof(
            document, suite=suite, signer=key, processor=self.world.processor, created=self.world.clock.now(), **options
        )

    def sign_base(self, document: JSONObject, pointers: tuple[str, ...] = ()) -> JSONObject:
        """The document with an ecdsa-sd-2023 base proof."""
        return add_base_proof(
            document,
            signer=self.p256,
            processor=self.world.processor,
            created=self.world.clock.now(),
            randomness=OsRandomness(),
            mandatory_pointers=pointers,
        )


class Holder:
    """A wallet's key for one credential."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.signer = SoftwareSigner.generate("Ed25519")
        self.did = self.signer.verification_method.partition("#")[0]

    def present(
        self,
        *credentials: JSONObject,
        challenge: str = "nonce-1",
        domain: str = "decentralized_identifier:did:web:college.example",
        **changes: Any,
    ) -> JSONObject:
        """A presentation of the credentials, made for one request."""
        document = {
            "@context": [V2],
            "type": ["VerifiablePresentation"],
            "holder": self.did,
            "verifiableCredential": list(credentials),
            **changes,
        }
        return add_proof(
            document,
            suite="eddsa-rdfc-2022",
            signer=self.signer,
            processor=self.world.processor,
            created=self.world.clock.now(),
            purpose="authentication",
            challenge=challenge,
            domain=domain,
        )
