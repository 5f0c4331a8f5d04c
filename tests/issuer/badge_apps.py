"""Another program at the office's Open Badges API, and a learner who lets it in."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from credkit.encoding import base64url_encode, sha256
from credkit.protocols.ob_api_v3p0 import (
    BASE,
    CREDENTIAL_READ,
    CREDENTIAL_UPSERT,
    PROFILE_READ,
    PROFILE_UPDATE,
)
from credkit.protocols.registered_clients import OFFLINE_ACCESS
from demo.export import STUDENT_NUMBER
from issuer.services.passes import MadePass
from tests.issuer.conftest import School

HOME = "https://app.example"
CALLBACK = HOME + "/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
ALL = " ".join((CREDENTIAL_READ, CREDENTIAL_UPSERT, PROFILE_READ, PROFILE_UPDATE, OFFLINE_ACCESS))
BOXES = ("read", "hand_in", "profile", "say", "stay")
REGISTRATION: dict[str, Any] = {
    "client_name": "Badge Reader", "client_uri": HOME + "/", "logo_uri": HOME + "/logo.png",
    "tos_uri": HOME + "/terms", "policy_uri": HOME + "/privacy", "software_id": "c88b6ed8-269e-448e-99be-7e2ff47167d1",
    "software_version": "4.0", "redirect_uris": [CALLBACK, HOME + "/other"],
    "token_endpoint_auth_method": "client_secret_basic", "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"], "scope": ALL,
}


@dataclass
class BadgeApp:
    """A registered program."""

    school: School
    client: Any
    id: str
    secret: str

    @property
    def basic(self) -> dict[str, str]:
        return {"Authorization": "Basic " + b64encode(f"{self.id}:{self.secret}".encode()).decode()}

    def request(self, **changes: Any) -> dict[str, str]:
        asked = {"response_type": "code", "client_id": self.id, "redirect_uri": CALLBACK, "state": "s1", "scope": ALL,
                 "code_challenge": base64url_encode(sha256(VERIFIER.encode())), "code_challenge_method": "S256",
                 **changes}
        return {name: value for name, value in asked.items() if value is not None}

    def begin(self, **changes: Any) -> Any:
        return self.client.get(f"{BASE}/authorize?{urlencode(self.request(**changes))}")

    def page(self, **changes: Any) -> str:
        answer = self.begin(**changes)
        assert answer.status_code == 302, answer.text
        location = str(answer.headers["Location"])
        assert location.startswith(BASE + "/authorize/"), location
        return location

    def code(self, made: MadePass, *, allow: Any = BOXES, **changes: Any) -> str:
        page = self.page(**changes)
        answer = say_yes(self.school, page, made, allow=allow)
        return answered(answer)["code"]

    def redeem(self, code: str, /, **changes: Any) -> Any:
        return self.post("/token", {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
                                    "code_verifier": VERIFIER, **changes})

    def refresh(self, token: str, /, **changes: Any) -> Any:
        return self.post("/token", {"grant_type": "refresh_token", "refresh_token": token, **changes})

    def post(self, path: str, form: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        sent = {name: value for name, value in form.items() if value is not None}
        return self.client.post(BASE + path, data=sent, headers=self.basic if headers is None else headers)

    def tokens(self, made: MadePass, **options: Any) -> dict[str, Any]:
        answer = self.redeem(self.code(made, **options))
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def let_in(self, made: MadePass, **options: Any) -> Caller:
        return Caller(self.client, str(self.tokens(made, **options)["access_token"]))


@dataclass
class Caller:
    """The API with an access token."""

    client: Any
    token: str

    def get(self, path: str) -> Any:
        return self.client.get(BASE + path, headers=self.bearer)

    def hand_in(self, body: bytes | str, content_type: str = "application/json") -> Any:
        return self.client.post(BASE + "/credentials", data=body, content_type=content_type, headers=self.bearer)

    def put(self, body: Any, content_type: str = "application/json") -> Any:
        if isinstance(body, (bytes, str)):
            return self.client.put(BASE + "/profile", data=body, content_type=content_type, headers=self.bearer)
        return self.client.put(BASE + "/profile", json=body, headers=self.bearer)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def register(school: School, **changes: Any) -> Any:
    message = {name: value for name, value in {**REGISTRATION, **changes}.items() if value is not None}
    return school.client(use_cookies=False).post(BASE + "/register", json=message)


def registered(school: School, **changes: Any) -> BadgeApp:
    answer = register(school, **changes)
    assert answer.status_code == 201, answer.text
    return BadgeApp(school, school.client(use_cookies=False), answer.json["client_id"], answer.json["client_secret"])


def make_pass(school: School, number: str = STUDENT_NUMBER, **options: Any) -> MadePass:
    return school.services.passes.make(school.services.students.find(number).id, "operator", **options)


def say_yes(school: School, page: str, made: MadePass, *, allow: Any = BOXES, **changes: str) -> Any:
    form = {"login": made.login, "code": made.code, "allow": list(allow), **changes}
    return school.post(school.client(), page, form)


def answered(response: Any) -> dict[str, str]:
    """What the program reads at its redirect_uri."""
    assert response.status_code in (302, 303), response.text
    location = response.headers["Location"]
    assert location.startswith(CALLBACK + "?"), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
