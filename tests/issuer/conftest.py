"""A school's office with the demo's export, a family's wallet that speaks the wire, a web without sockets."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    AuthorizationDetail,
    CredentialOffer,
    CredentialRequest,
    TokenRequest,
    TokenResponse,
)
from demo.export import SCHOOL, STUDENT_NUMBER, build_export
from issuer.bootstrap import Services, build_services, initialise_issuer
from issuer.config import Config, from_environ
from issuer.services.offers import MadeOffer
from issuer.web import create_app
from tests.support.world import World
from ui.passwords import hash_password

ORIGIN = "https://school.example"
PASSWORD = "correct horse battery"
WALLETS = ("https://wallet.example",)


class Browser(FlaskClient):
    """A client that speaks to the school's address."""

    def open(self, *arguments: Any, **options: Any) -> Any:
        return super().open(*arguments, **{"base_url": ORIGIN, **options})


@dataclass
class Family:
    """A wallet as far as the issuer sees one: form, nonce, proof, request."""

    client: Any
    world: World
    keys: dict[str, SoftwareSigner] = field(default_factory=dict)

    def token(self, offer: CredentialOffer, tx_code: str, *, details: bool = True) -> Any:
        assert offer.pre_authorized is not None
        asked = tuple(AuthorizationDetail(name) for name in offer.credential_configuration_ids) if details else ()
        form = v1_0.build_token_request(TokenRequest(offer.pre_authorized.pre_authorized_code, tx_code, None, asked))
        return self.post_form("/token", form)

    def post_form(self, path: str, form: str) -> Any:
        return self.client.post(path, data=form, content_type="application/x-www-form-urlencoded")

    def nonce(self) -> str:
        answer = self.client.post("/nonce")
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        return str(answer.json["c_nonce"])

    def proof(self, key: SoftwareSigner, nonce: str | None = None, audience: str = ORIGIN) -> str:
        return v1_0.build_key_proof(key, audience=audience, nonce=nonce or self.nonce(), now=self.world.clock.now())

    def ask(self, access_token: str, request: JSONObject) -> Any:
        return self.client.post("/credential", json=request, headers={"Authorization": f"Bearer {access_token}"})

    def collect(self, access_token: str, identifier: str, key: SoftwareSigner | None = None) -> Any:
        holder = key or self.keys.setdefault(identifier, SoftwareSigner.generate("Ed25519"))
        return self.ask(access_token, v1_0.build_credential_request(CredentialRequest(
            credential_identifier=identifier, proof_type="jwt", proofs=(self.proof(holder),))))


@dataclass
class School:
    """The office and everybody around it."""

    world: World
    config: Config
    services: Services
    app: Flask

    @property
    def family(self) -> Family:
        return Family(self.client(use_cookies=False), self.world)

    def client(self, **options: Any) -> FlaskClient:
        return Browser(self.app, self.app.response_class, **{"use_cookies": True, **options})

    def signed_in(self) -> FlaskClient:
        client = self.client()
        answer = self.post(client, "/login", {"name": "operator", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    def post(self, client: FlaskClient, path: str, form: dict[str, Any], *, page: str | None = None) -> Any:
        """Fill in a form the way a browser does: with the token of the page it stands on."""
        shown = client.get(page or path).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
        assert token is not None, shown
        return client.post(path, data={**form, "csrf_token": token[1]}, headers={"Referer": ORIGIN + path})

    def import_export(self, data: bytes, name: str = "export.zip") -> Any:
        reading = self.services.imports.receive(data, name, "operator")
        return self.services.imports.confirm(reading.id, "operator")

    def offer(self, number: str = STUDENT_NUMBER, **options: Any) -> MadeOffer:
        return self.services.offers.offer_student(self.services.students.find(number).id, "operator", **options)

    def read(self, made: MadeOffer) -> CredentialOffer:
        answer = self.family.client.get(made.offer_url.removeprefix(ORIGIN))
        assert answer.status_code == 200, answer.text
        return v1_0.parse_offer(answer.data)

    def redeemed(self, number: str = STUDENT_NUMBER, *, details: bool = True) -> tuple[TokenResponse, MadeOffer]:
        made = self.offer(number)
        answer = self.family.token(self.read(made), made.tx_code, details=details)
        assert answer.status_code == 200, answer.text
        return v1_0.parse_token_response(answer.data), made


def identifiers(token: TokenResponse, name: str) -> tuple[str, ...]:
    """The credential identifiers of one configuration."""
    return next(detail.credential_identifiers for detail in token.authorization_details
                if detail.credential_configuration_id == name)


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The demo's school export."""
    return build_export(tmp_path_factory.mktemp("export") / "lincoln.zip").read_bytes()


def open_school(folder: Path) -> School:
    """The school in a data folder, at work on a web of its own."""
    world = World()
    config = from_environ({}, data=folder)
    services = build_services(config, clock=world.clock, fetcher=world.web)
    app = create_app(services)
    world.web.serve(ORIGIN, app)
    return School(world, config, services, app)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a school without students, made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("founded") / "school"
    initialise_issuer(from_environ({}, data=folder), origin=ORIGIN, name=SCHOOL, wallets=WALLETS, clock=World().clock,
                      password_hash=hash_password(PASSWORD, b"sixteen bytes ok"))
    return folder


@pytest.fixture(scope="session")
def filled(founded: Path, export: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a school that has imported the demo's export, made once."""
    folder = tmp_path_factory.mktemp("filled") / "school"
    shutil.copytree(founded, folder)
    open_school(folder).import_export(export)
    return folder


@pytest.fixture
def empty_school(founded: Path, tmp_path: Path) -> School:
    """A school without students."""
    return open_school(shutil.copytree(founded, tmp_path / "empty"))


@pytest.fixture
def school(filled: Path, tmp_path: Path) -> School:
    """A school that has imported the demo's export."""
    return open_school(shutil.copytree(filled, tmp_path / "school"))


def upload(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    """A file as a form sends it."""
    return io.BytesIO(data), name


def form(**values: str) -> str:
    """A form body."""
    return urlencode(values)
