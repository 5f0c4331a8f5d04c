"""A family with a key of its own: what it says, chooses and lets others do; and a host that keeps its shared links."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask, Response, abort, request

from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.profiles import clr_2
from credkit.profiles.endorsement import build_endorsement
from credkit.profiles.family import AboutMe, Grant, build_about_me, build_grant
from credkit.profiles.openbadges_3 import Profile
from credkit.proofs import add_proof
from credkit.protocols.share_link import (
    SEALED_CONTENT_TYPE,
    ShareLink,
    access_digest,
    may_fetch,
    new_share_link,
    parse_access_form,
    seal,
)
from tests.support.world import OsRandomness, World

WALLET = "https://wallet.example"
LEARNER = "urn:uuid:5f3c7c7e-0d4e-4b8e-9d55-0d5c2c1f0001"
STUDENT = "María José Hernández Núñez"
WORDS = "She was ill for six weeks that spring."


@dataclass
class Family:
    """One party's key."""

    world: World
    signer: SoftwareSigner = field(default_factory=lambda: SoftwareSigner.generate("Ed25519"))

    @property
    def did(self) -> str:
        return self.signer.verification_method.partition("#")[0]

    def sign(self, document: JSONObject, **options: Any) -> JSONObject:
        return add_proof(
            document,
            suite="eddsa-rdfc-2022",
            signer=self.signer,
            processor=self.world.processor,
            created=self.world.clock.now(),
            **options,
        )

    def comment(self, record: JSONObject, words: str = WORDS, *, number: int = 1, language: str = "en") -> JSONObject:
        """A signed comment on a record."""
        return self.sign(
            build_endorsement(
                f"urn:uuid:00000000-0000-4000-8000-{number:012}",
                "A comment by the family",
                record["id"],
                words,
                Profile(self.did, "Ana Núñez, mother"),
                self.world.clock.now(),
                language,
            )
        )

    def bundle(self, *records: JSONObject, comments: tuple[JSONObject, ...] = ()) -> JSONObject:
        """A signed selection of records."""
        return self.sign(
            clr_2.build_selection(
                clr_2.Selection(
                    id="urn:uuid:00000000-0000-4000-8000-000000000b01",
                    name="Records for State College",
                    description="For the open house",
                    issuer_id=self.did,
                    names=(STUDENT,),
                    subject_id="urn:uuid:00000000-0000-4000-8000-000000000b02",
                    valid_from=self.world.clock.now(),
                    valid_until=self.world.clock.now() + timedelta(days=30),
                    members=records,
                    endorsements=comments,
                )
            )
        )

    def about_me(self, *statements: tuple[str, str]) -> JSONObject:
        """What the family says of the student."""
        about = AboutMe(
            "urn:uuid:00000000-0000-4000-8000-000000000a01",
            LEARNER,
            tuple((kind, words, "en") for kind, words in statements),
            self.did,
            self.world.clock.now(),
        )
        return self.sign(build_about_me(about))

    def grant(self, holder: str, *, role: str = "caseworker", issuer: str = "", **changes: Any) -> JSONObject:
        """A permission, not signed yet."""
        now = self.world.clock.now()
        fields: dict[str, Any] = {
            "id": "urn:uuid:00000000-0000-4000-8000-000000000c01",
            "role": role,
            "holder": holder,
            "learner": LEARNER,
            "rights": frozenset({"share"}),
            "basis": "court-order",
            "valid_from": now - timedelta(days=1),
            "valid_until": now + timedelta(days=90),
            "evidence": "Order 17 of the family court",
        }
        return build_grant(Grant(**{**fields, **changes}), issuer=issuer or self.did, status_entry=None)


class LinkHost:
    """A wallet's host as the outside knows it: sealed files, given to whoever has the access value, ``views`` times."""

    def __init__(self, world: World) -> None:
        self.app = Flask(__name__)
        self.kept: dict[str, tuple[bytes, bytes]] = {}
        self.views: dict[str, int] = {}
        self.app.add_url_rule("/s/<link_id>", view_func=self._answer, methods=["POST"])
        world.web.serve(WALLET, self.app)

    def share(self, document: JSONObject, *, views: int = 3) -> ShareLink:
        link = new_share_link(WALLET, OsRandomness())
        self.kept[link.id] = (access_digest(link.access), seal(document, link, OsRandomness()))
        self.views[link.id] = views
        return link

    def _answer(self, link_id: str) -> Response:
        digest, sealed = self.kept.get(link_id, (b"", b""))
        if self.views.get(link_id, 0) < 1 or not may_fetch(parse_access_form(request.get_data()), digest):
            abort(404)
        self.views[link_id] -= 1
        return Response(sealed, content_type=SEALED_CONTENT_TYPE)
