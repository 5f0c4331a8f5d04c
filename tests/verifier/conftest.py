"""A college with a verifier, a school that signs, and a family's wallet, on a web without sockets."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from credkit.encoding import parse_json_object
from credkit.environment import SystemRandomness
from credkit.jose import peek_payload
from credkit.ports import JSONObject
from credkit.proofs import derive
from credkit.protocols.oid4vp import v1_0
from tests.support.certified import certificate_of
from tests.support.world import Holder, School, World
from ui.passwords import hash_password
from verifier.bootstrap import Services, build_services, initialise_verifier
from verifier.config import from_environ
from verifier.services.questions import build_question
from verifier.services.requests import Asked
from verifier.web import create_app

ORIGIN = "https://college.example"
CLIENT_ID = "decentralized_identifier:did:web:college.example"
PASSWORD = "correct horse battery"
NAME = ("/credentialSubject/identifier/0/identityHash", "/credentialSubject/identifier/0/identityType")
SHOWN = ("/credentialSubject/achievement/name", "/credentialSubject/result/0/value", *NAME)


class Browser(FlaskClient):
    """A client that speaks to the college's address."""

    def open(self, *arguments: Any, **options: Any) -> Any:
        return super().open(*arguments, **{"base_url": ORIGIN, **options})


@dataclass
class College:
    """The verifier and everybody around it."""

    world: World
    school: School
    services: Services
    app: Flask

    def client(self, **options: Any) -> FlaskClient:
        """A browser or another program at the college's address."""
        return Browser(self.app, self.app.response_class, **{"use_cookies": True, **options})

    def signed_in(self) -> FlaskClient:
        """A browser of the operator."""
        client = self.client()
        answer = self.post(client, "/login", {"name": "operator", "password": PASSWORD}, page="/login")
        assert answer.status_code == 303, answer.text
        return client

    def post(self, client: FlaskClient, path: str, form: dict[str, Any], *, page: str = "/", **options: Any) -> Any:
        """Send a form as a browser does: with the token of the page it stands on."""
        return client.post(path, data={**form, "csrf_token": token_of(client.get(page).text)}, **options)

    def ask(self, *asks: str, purpose: str = "Admission for fall 2027", **more: Any) -> Asked:
        today = self.services.clock.now().date()
        return self.services.requests.ask(build_question(asks or ("courses",), purpose, today=today, **more))

    def opened(self, asked: Asked) -> JSONObject:
        """What the wallet reads in the request object."""
        answer = self.client(use_cookies=False).get(path_of(asked.request_uri))
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == v1_0.REQUEST_OBJECT_CONTENT_TYPE
        return peek_payload(answer.text)

    def course(self, holder: Holder, index: int = 7, **more: Any) -> JSONObject:
        """A course as it leaves the wallet: title, grade, name, and what is mandatory."""
        whole = self.school.sign_base(self.school.course(index=index, subject_id=holder.did, **more))
        return derive(whole, SHOWN, self.world.processor, SystemRandomness())

    def presented(self, request: JSONObject, index: int = 7, **more: Any) -> JSONObject:
        """A presentation of a course, made for ``request``."""
        holder = Holder(self.world)
        return holder.present(
            self.course(holder, index, **more), challenge=request["nonce"], domain=request["client_id"]
        )

    def answer(self, request: JSONObject, vp_token: dict[str, list[JSONObject]], *, state: str | None = None) -> Any:
        """Post an answer as a wallet does."""
        form = v1_0.build_response(vp_token, state=request["state"] if state is None else state)
        return self.post_form(request, form)

    def post_form(self, request: JSONObject, form: str | bytes) -> Any:
        return self.client(use_cookies=False).post(
            path_of(request["response_uri"]), data=form, content_type="application/x-www-form-urlencoded"
        )

    def report(self, asked: Asked) -> JSONObject:
        """The report of the answer to a request."""
        result_id = self.services.requests.find(asked.id).result_id
        assert result_id is not None
        report: JSONObject = self.services.results.find(result_id).story["report"]
        return report


@functools.cache
def _hashed() -> str:
    return hash_password(PASSWORD, b"sixteen bytes ok")


@pytest.fixture
def college(tmp_path: Path) -> College:
    return make_college(tmp_path)


def make_college(folder: Path, *, database: str | None = None) -> College:
    """The verifier and everybody around it.

    Args:
        database: An empty one in place of SQLite in the folder.
    """
    world = World()
    school = School(world)
    config = from_environ({"BACKPACK_DATABASE": database} if database else {}, data=folder / "data")
    initialise_verifier(
        config,
        origin=ORIGIN,
        name="State College",
        wallets=("https://wallet.example",),
        password_hash=_hashed(),
        certificate=certificate_of("college.example"),
    )
    services = build_services(config, clock=world.clock, fetcher=world.web)
    services.trust.add(school.did, "Lincoln High School")
    app = create_app(services)
    app.testing = True
    world.web.serve(ORIGIN, app)
    return College(world, school, services, app)


def path_of(url: str) -> str:
    """The part of an address of ours after the origin."""
    assert url.startswith(ORIGIN)
    return url.removeprefix(ORIGIN)


def token_of(page: str) -> str:
    """The CSRF token in a page."""
    marker = 'name="csrf_token" value="'
    return page.partition(marker)[2].partition('"')[0]


def outcomes(report: JSONObject) -> dict[str, str]:
    """Check id → outcome."""
    return {check["id"]: check["outcome"] for check in report["checks"]}


def form_of(**fields: str) -> bytes:
    return urlencode(fields).encode()


def parsed(answer: Any) -> JSONObject:
    return parse_json_object(answer.data)
