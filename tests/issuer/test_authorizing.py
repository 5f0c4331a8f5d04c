"""Collecting by way of /authorize, as a wallet and a browser go it: what leads to a token, and all that does not."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from credkit.encoding import base64url_encode, sha256
from credkit.jose import sign_compact, thumbprint
from credkit.keys import SoftwareSigner
from demo.export import STUDENT_NUMBER
from issuer.bootstrap import build_services
from issuer.services.guessing import KEPT_FOR_LINKS
from issuer.services.offers import MadeOffer
from tests.issuer.conftest import ORIGIN, School

VERIFIER = "a-verifier-of-forty-three-characters-or-more"
CALLBACK = "https://wallet.example/callback"
COUNTER: Iterator[int] = itertools.count()
ALL = "badge course transcript"


@dataclass
class Wallet:
    """A client of the authorization server, with a key for DPoP if it wants one."""

    school: School
    key: SoftwareSigner | None = None
    nonce: str = ""
    client: Any = None

    def __post_init__(self) -> None:
        self.client = self.school.client(use_cookies=False)

    def request(self, **changes: Any) -> dict[str, str]:
        asked = {"response_type": "code", "client_id": "wallet", "redirect_uri": CALLBACK, "state": "s1", "scope": ALL,
                 "code_challenge": base64url_encode(sha256(VERIFIER.encode())), "code_challenge_method": "S256",
                 **changes}
        return {name: value for name, value in asked.items() if value is not None}

    def proof(self, path: str, *, token: str | None = None, method: str = "POST", key: SoftwareSigner | None = None,
              **changes: Any) -> dict[str, str]:
        signer = key or self.key
        assert signer is not None
        payload = {"jti": f"jti-{next(COUNTER)}", "htm": method, "htu": ORIGIN + path, "nonce": self.nonce,
                   "iat": int(self.school.world.clock.now().timestamp())}
        if token is not None:
            payload["ath"] = base64url_encode(sha256(token.encode()))
        header = {"jwk": signer.public_key.to_jwk()}
        return {"DPoP": sign_compact({**payload, **changes}, signer, typ="dpop+jwt", header=header)}

    def post(self, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> Any:
        """With the proof of the key, if there is one; a nonce that is asked for is brought, once."""
        for _ in range(2):
            sent = headers if headers is not None or self.key is None else self.proof(path)
            answer = self.client.post(path, data=form, headers=sent)
            self.nonce = answer.headers["DPoP-Nonce"]
            if headers is not None or answer.status_code != 400 or answer.json["error"] != "use_dpop_nonce":
                break
        return answer

    def push(self, **changes: Any) -> str:
        answer = self.post("/par", self.request(**changes))
        assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store"), answer.text
        assert 60 <= answer.json["expires_in"] <= 600
        return str(answer.json["request_uri"])

    def authorize(self, **parameters: str) -> Any:
        return self.client.get("/authorize?" + urlencode(parameters))

    def pushed(self, **changes: Any) -> Any:
        return self.authorize(client_id="wallet", request_uri=self.push(**changes))

    def redeem(self, code: str, headers: dict[str, str] | None = None, **changes: Any) -> Any:
        form = {"grant_type": "authorization_code", "code": code, "client_id": "wallet", "redirect_uri": CALLBACK,
                "code_verifier": VERIFIER, **changes}
        return self.post("/token", {name: value for name, value in form.items() if value is not None}, headers)


@pytest.fixture
def wallet(school: School) -> Wallet:
    return Wallet(school)


@pytest.fixture
def bound(school: School) -> Wallet:
    """A wallet with a key."""
    return Wallet(school, SoftwareSigner.generate("P-256"))


def answered(response: Any) -> dict[str, str]:
    """What the wallet reads at its redirect_uri."""
    assert response.status_code in (302, 303), response.text
    location = response.headers["Location"]
    assert location.startswith(CALLBACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def refused(response: Any, error: str) -> bool:
    """Whether a person reads this error on a page and is sent nowhere."""
    return response.status_code == 400 and "Location" not in response.headers and error in response.text


def state_of(school: School, **options: Any) -> tuple[str, MadeOffer]:
    """The issuer_state of a fresh offer by code."""
    made = school.offer(grant="code", **{"tx_code": False, **options})
    offer = school.read(made)
    assert offer.pre_authorized is None and offer.authorization_code is not None
    return str(offer.authorization_code.issuer_state), made


def code_of(wallet: Wallet, **changes: Any) -> str:
    state, _ = state_of(wallet.school)
    found = answered(wallet.pushed(issuer_state=state, **changes))
    assert found.keys() == {"code", "state", "iss"}
    return found["code"]


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]


# --- what leads to a token


@pytest.mark.spec("RFC9207", "#section-2")
def test_the_link_of_an_offer_without_a_code_is_the_right_to_collect(wallet: Wallet) -> None:
    state, made = state_of(wallet.school)
    found = answered(wallet.pushed(issuer_state=state))
    answer = wallet.redeem(found["code"], resource=ORIGIN)

    assert (found["state"], found["iss"], made.tx_code) == ("s1", ORIGIN, "")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert answer.json["token_type"] == "bearer" and 0 < answer.json["expires_in"] <= 300
    collected = wallet.school.family.collect(answer.json["access_token"], identifier_of(wallet.school, made))
    assert collected.status_code == 200, collected.text


def identifier_of(school: School, made: MadeOffer, kind: str = "transcript") -> str:
    with school.services.office.store.reading() as unit:
        return next(item.identifier for item in unit.items_of(made.claim.claim.id) if item.kind == kind)


@pytest.mark.parametrize("redirect_uri", ["http://127.0.0.1:4711/cb", "org.wallet://done", CALLBACK + "?a=b"])
def test_a_request_may_come_by_the_browser_alone(wallet: Wallet, redirect_uri: str) -> None:
    state, _ = state_of(wallet.school)
    answer = wallet.authorize(**wallet.request(issuer_state=state, redirect_uri=redirect_uri))
    location = answer.headers["Location"]

    assert answer.status_code == 302 and location.startswith(redirect_uri)
    code = parse_qs(urlsplit(location).query)["code"][0]
    assert wallet.redeem(code, redirect_uri=redirect_uri).status_code == 200


@pytest.mark.spec("OID4VCI-1.0", "#successful-token-response")
def test_details_that_were_asked_for_are_answered_with_identifiers(wallet: Wallet) -> None:
    details = json.dumps([{"type": "openid_credential", "credential_configuration_id": "course"}])
    answer = wallet.redeem(code_of(wallet, scope=None, authorization_details=details))
    (detail,) = answer.json["authorization_details"]

    assert detail["credential_configuration_id"] == "course" and detail["credential_identifiers"]
    token = answer.json["access_token"]
    assert wallet.school.family.collect(token, detail["credential_identifiers"][0]).status_code == 200
    other = wallet.school.family.ask(token, {"credential_configuration_id": "transcript"})
    assert error_of(other) == (400, "credential_request_denied")


def test_a_scope_limits_the_token_to_what_it_names(wallet: Wallet) -> None:
    token = wallet.redeem(code_of(wallet, scope="openid transcript")).json["access_token"]
    family = wallet.school.family
    asked = {"credential_configuration_id": "transcript",
             "proofs": {"jwt": [family.proof(SoftwareSigner.generate("P-256"))]}}

    assert error_of(family.ask(token, {"credential_configuration_id": "course"})) == (400, "credential_request_denied")
    assert family.ask(token, asked).status_code == 200


def test_details_at_the_token_endpoint_choose_among_what_was_granted(wallet: Wallet) -> None:
    code = code_of(wallet, scope="badge course")

    def of(name: str) -> str:
        return json.dumps([{"type": "openid_credential", "credential_configuration_id": name}])

    beyond = wallet.redeem(code, authorization_details=of("transcript"))
    assert error_of(beyond) == (400, "invalid_authorization_details")
    (detail,) = wallet.redeem(code, authorization_details=of("course")).json["authorization_details"]
    assert detail["credential_configuration_id"] == "course"


# --- pushed requests


def test_a_pushed_request_is_good_once_for_its_client_and_for_minutes(wallet: Wallet) -> None:
    state, _ = state_of(wallet.school)
    uri = wallet.push(issuer_state=state)
    other = wallet.authorize(client_id="another", request_uri=uri)
    assert other.status_code == 409 and "Location" not in other.headers
    assert wallet.client.head("/authorize?" + urlencode({"client_id": "wallet", "request_uri": uri})).status_code == 200
    assert answered(wallet.authorize(client_id="wallet", request_uri=uri))["code"]
    for parameters in ({"client_id": "wallet", "request_uri": uri}, {"request_uri": wallet.push(issuer_state=state)},
                       {"client_id": "wallet", "request_uri": "urn:ietf:params:oauth:request_uri:x"},
                       {"client_id": "wallet", "request_uri": "https://evil.example/request"}):
        answer = wallet.authorize(**parameters)
        assert answer.status_code == 409 and "Location" not in answer.headers
    late = wallet.push(issuer_state=state)
    wallet.school.world.clock.advance(seconds=wallet.school.config.lifetimes.pushed_s)
    assert wallet.authorize(client_id="wallet", request_uri=late).status_code == 409


@pytest.mark.parametrize(("changes", "error"), [
    ({"code_challenge": None}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"client_id": None}, "invalid_request"), ({"redirect_uri": None}, "invalid_request"),
    ({"redirect_uri": "http://wallet.example/"}, "invalid_request"), ({"request_uri": "urn:x"}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"), ({"request": "a.b.c"}, "request_not_supported"),
    ({"scope": "openid"}, "invalid_scope"), ({"scope": None}, "invalid_scope"),
    ({"authorization_details": "{"}, "invalid_authorization_details"),
    ({"authorization_details": '[{"type":"openid_credential","credential_configuration_id":"diploma"}]'},
     "invalid_authorization_details"),
])
def test_a_push_that_is_wrong_gets_its_error(wallet: Wallet, changes: dict[str, Any], error: str) -> None:
    answer = wallet.post("/par", wallet.request(**changes))

    assert error_of(answer) == (400, error)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_push_is_a_form_of_bounded_size(wallet: Wallet) -> None:
    large = wallet.client.post("/par", data=wallet.request(state="x" * 40_000))
    assert error_of(large) == (413, "invalid_request")
    assert error_of(wallet.client.post("/par", json=wallet.request())) == (400, "invalid_request")
    assert wallet.client.get("/par").status_code == 405


def test_nothing_of_the_kind_that_is_asked_for_waits(wallet: Wallet) -> None:
    state, _ = state_of(wallet.school)

    assert answered(wallet.pushed(issuer_state=state, scope="guardianship"))["error"] == "access_denied"


# --- the code


@pytest.mark.parametrize("changes", [
    {"code_verifier": VERIFIER + "x"}, {"code_verifier": "short"}, {"client_id": "another"},
    {"redirect_uri": CALLBACK + "/"}, {"redirect_uri": CALLBACK + "?"}, {"redirect_uri": "https://evil.example/"},
])
def test_a_code_is_good_only_with_what_it_is_bound_to(wallet: Wallet, changes: dict[str, Any]) -> None:
    code = code_of(wallet)

    assert error_of(wallet.redeem(code, client_id=None)) == (400, "invalid_request")
    assert error_of(wallet.redeem(code, **changes)) == (400, "invalid_grant")
    assert wallet.redeem(code).status_code == 200, "the wallet it belongs to still can"


@pytest.mark.spec("RFC6749", "#section-4.1.2")
def test_a_code_that_comes_again_takes_the_first_token_with_it(wallet: Wallet) -> None:
    code = code_of(wallet)
    token = wallet.redeem(code).json["access_token"]
    assert error_of(wallet.school.family.ask(token, {})) == (400, "invalid_credential_request")

    assert error_of(wallet.redeem(code)) == (400, "invalid_grant")
    assert error_of(wallet.school.family.ask(token, {})) == (401, "invalid_token")


def test_a_code_ends_in_minutes_and_with_its_offer(wallet: Wallet) -> None:
    late = code_of(wallet)
    wallet.school.world.clock.advance(seconds=wallet.school.config.lifetimes.code_s)
    assert error_of(wallet.redeem(late)) == (400, "invalid_grant")

    replaced = code_of(wallet)
    wallet.school.offer()
    assert error_of(wallet.redeem(replaced)) == (400, "invalid_grant")


def test_one_offer_gives_one_token_however_many_codes_it_gave(wallet: Wallet) -> None:
    state, _ = state_of(wallet.school)
    codes = [answered(wallet.pushed(issuer_state=state))["code"] for _ in range(2)]

    assert [wallet.redeem(code).status_code for code in codes] == [200, 400]
    assert refused(wallet.pushed(issuer_state=state), "invalid_request")


def test_no_secret_is_good_in_the_place_of_another(wallet: Wallet) -> None:
    state, _ = state_of(wallet.school)
    uri = wallet.push(issuer_state=state)
    secret = uri.rpartition(":")[2]
    pre_authorized = {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code"}

    assert error_of(wallet.redeem(secret)) == (400, "invalid_grant")
    assert wallet.client.get(f"/authorize/{secret}").status_code == 409
    assert error_of(wallet.post("/token", {**pre_authorized, "pre-authorized_code": state})) == (400, "invalid_grant")
    code = answered(wallet.authorize(client_id="wallet", request_uri=uri))["code"]
    again = wallet.authorize(client_id="wallet", request_uri="urn:ietf:params:oauth:request_uri:" + code)
    assert again.status_code == 409
    made = wallet.school.offer(tx_code=False)
    offer = wallet.school.read(made)
    assert offer.pre_authorized is not None
    swapped = wallet.pushed(issuer_state=offer.pre_authorized.pre_authorized_code)
    assert refused(swapped, "invalid_request")


# --- offers without a transaction code, pre-authorized


def pre_authorized(wallet: Wallet, made: MadeOffer, **more: str) -> Any:
    offer = wallet.school.read(made)
    assert offer.pre_authorized is not None
    return wallet.post("/token", {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
                                  "pre-authorized_code": offer.pre_authorized.pre_authorized_code, **more})


@pytest.mark.spec("OID4VCI-1.0", "#token-request")
def test_a_tx_code_is_sent_exactly_if_the_offer_asks_for_one(wallet: Wallet) -> None:
    without = wallet.school.offer(tx_code=False)
    assert wallet.school.read(without).pre_authorized.tx_code is None  # type: ignore[union-attr]
    assert error_of(pre_authorized(wallet, without, tx_code="123456")) == (400, "invalid_request")
    assert pre_authorized(wallet, without, resource=ORIGIN, unknown="x").status_code == 200

    asked = wallet.school.offer()
    assert wallet.school.read(asked).pre_authorized.tx_code is not None  # type: ignore[union-attr]
    assert error_of(pre_authorized(wallet, asked)) == (400, "invalid_request")
    assert pre_authorized(wallet, asked, tx_code=asked.tx_code).status_code == 200


def test_the_office_sees_that_an_offer_asks_for_no_code(school: School) -> None:
    made, client = school.offer(tx_code=False), school.signed_in()
    place = f"/students/{made.claim.person.id}/offers/{made.offer.id}"

    for page in (place, place + "/code", place + "/sheet", made.page_url.removeprefix(ORIGIN)):
        shown = client.get(page).text
        assert "hoever has" in shown and "code of six digits" not in shown, page


def test_a_claim_page_makes_offers_of_the_same_kind(school: School) -> None:
    made = school.offer(grant="code", tx_code=False)
    again = school.services.offers.fresh(made.claim.claim.id)

    assert school.read(again).authorization_code is not None and again.tx_code == ""


# --- the page


def page_of(response: Any) -> str:
    assert response.status_code == 302, response.text
    assert re.fullmatch(r"/authorize/[\w-]{43}", response.headers["Location"])
    return str(response.headers["Location"])


def typed(school: School, page: str, **form: str) -> Any:
    return school.post(school.client(), page, form)


def test_an_offer_with_a_code_leads_to_a_page_that_asks_for_it(wallet: Wallet) -> None:
    state, made = state_of(wallet.school, tx_code=True)
    page = page_of(wallet.pushed(issuer_state=state))
    shown = wallet.client.get(page)
    assert shown.status_code == 200 and "wallet.example" in shown.text and 'name="number"' not in shown.text
    assert "form-action 'self' https://wallet.example" in shown.headers["Content-Security-Policy"]

    assert typed(wallet.school, page, code="").status_code == 422
    assert typed(wallet.school, page, code="000000x").status_code == 422
    found = answered(typed(wallet.school, page, code=f"{made.tx_code[:3]} {made.tx_code[3:]}"))
    assert wallet.redeem(found["code"]).status_code == 200
    assert typed(wallet.school, page_of(wallet.pushed()), number="1", code="1").status_code == 422
    assert wallet.client.get(page).status_code == 409, "a page is over once it is answered"


def test_who_began_in_time_has_the_time_of_the_page(wallet: Wallet) -> None:
    lifetimes = wallet.school.config.lifetimes
    state, made = state_of(wallet.school, tx_code=True)
    wallet.school.world.clock.advance(seconds=lifetimes.offer_s - 1)
    page = page_of(wallet.pushed(issuer_state=state))
    wallet.school.world.clock.advance(seconds=lifetimes.page_s - 1)
    code = answered(typed(wallet.school, page, code=made.tx_code))["code"]
    wallet.school.world.clock.advance(seconds=lifetimes.code_s - 1)
    assert wallet.redeem(code).status_code == 200

    state, _ = state_of(wallet.school, tx_code=True, again=True)
    for _ in range(2):
        page_of(wallet.pushed(issuer_state=state))
        wallet.school.world.clock.advance(seconds=(lifetimes.offer_s + lifetimes.page_s + lifetimes.code_s) // 2)
    assert refused(wallet.pushed(issuer_state=state), "invalid_request"), "beginning again adds nothing"


def test_without_an_offer_the_page_asks_for_the_number_too(wallet: Wallet) -> None:
    made = wallet.school.offer()
    page = page_of(wallet.pushed(scope="course"))
    assert 'name="number"' in wallet.client.get(page).text
    answers = [typed(wallet.school, page, number=number, code=code).text for number, code in (
        ("nobody", made.tx_code), (STUDENT_NUMBER, "000000"), ("\x00", made.tx_code), ("S-1002", made.tx_code))]

    def same(text: str) -> str:
        return re.sub(r'(value|content)="[^"]*"', "", text)

    assert len({same(text) for text in answers}) == 1, "constant answer"
    found = answered(typed(wallet.school, page, number=STUDENT_NUMBER, code=made.tx_code))
    assert wallet.redeem(found["code"]).status_code == 200


def test_a_person_says_no(wallet: Wallet) -> None:
    state, _ = state_of(wallet.school, tx_code=True)
    page = page_of(wallet.pushed(issuer_state=state))
    client = wallet.school.client()
    found = answered(wallet.school.post(client, page + "/no", {}, page=page))

    assert (found["error"], found["state"], found["iss"]) == ("access_denied", "s1", ORIGIN)
    assert wallet.client.get(page).status_code == 409


def test_the_page_takes_no_form_of_another_site(wallet: Wallet) -> None:
    state, made = state_of(wallet.school, tx_code=True)
    page = page_of(wallet.pushed(issuer_state=state))

    for path, form in ((page, {"code": made.tx_code}), (page + "/no", {})):
        assert wallet.client.post(path, data=form).status_code in (400, 403)
    assert wallet.client.get(page).status_code == 200


@pytest.mark.parametrize(("redirect_uri", "source"), [
    ("http://127.0.0.1:4711/cb", "http://127.0.0.1:4711"), ("org.wallet://done", "org.wallet:"),
    ("https://wallet.example:8443/cb?x=1", "https://wallet.example:8443"),
])
def test_the_form_may_lead_to_the_wallet_and_nowhere_else(wallet: Wallet, redirect_uri: str, source: str) -> None:
    state, _ = state_of(wallet.school, tx_code=True)
    shown = wallet.client.get(page_of(wallet.pushed(issuer_state=state, redirect_uri=redirect_uri)))

    assert f"form-action 'self' {source}" in shown.headers["Content-Security-Policy"].split("; ")


@pytest.mark.spec("OID4VCI-1.0", "#pre-authorized-code-flow")
def test_wrong_codes_are_counted_on_the_page_as_at_the_token_endpoint(wallet: Wallet) -> None:
    state, made = state_of(wallet.school, tx_code=True)
    page = page_of(wallet.pushed(issuer_state=state))
    for _ in range(wallet.school.config.lifetimes.tx_code_tries):
        assert typed(wallet.school, page, code="000000x").status_code == 422

    assert typed(wallet.school, page, code=made.tx_code).status_code == 422
    assert wallet.school.services.offers.show(made.offer.id).claim.state == "locked"


def test_who_knows_only_a_number_cannot_lock_a_family_out(wallet: Wallet) -> None:
    made = wallet.school.offer()
    page = page_of(wallet.pushed())
    for _ in range(wallet.school.config.lifetimes.tx_code_tries + 1):
        assert typed(wallet.school, page, number=STUDENT_NUMBER, code="000000x").status_code == 422
    state = wallet.school.services.offers.show(made.offer.id).claim

    assert typed(wallet.school, page, number=STUDENT_NUMBER, code=made.tx_code).status_code == 422
    assert (state.state, state.claim.tries_left) == ("open", KEPT_FOR_LINKS)
    assert not wallet.school.services.tokens.closed()
    assert pre_authorized(wallet, made, tx_code=made.tx_code).status_code == 200


# --- DPoP


@pytest.mark.spec("RFC9449", "#section-5")
def test_a_token_is_bound_to_the_key_that_asked_for_it(bound: Wallet) -> None:
    answer = bound.redeem(code_of(bound))
    token = answer.json["access_token"]
    assert answer.json["token_type"] == "DPoP"

    def ask(scheme: str, headers: dict[str, str]) -> Any:
        return bound.client.post("/credential", json={}, headers={"Authorization": f"{scheme} {token}", **headers})

    passed = ask("DPoP", bound.proof("/credential", token=token))
    assert error_of(passed) == (400, "invalid_credential_request") and passed.headers["DPoP-Nonce"]
    refused = ask("Bearer", {})
    assert error_of(refused) == (401, "invalid_token")
    for headers, error in (
            ({}, "invalid_dpop_proof"), (bound.proof("/credential"), "invalid_dpop_proof"),
            (bound.proof("/credential", token=token, key=SoftwareSigner.generate("P-256")), "invalid_token"),
            (bound.proof("/credential", token=token, method="GET"), "invalid_dpop_proof"),
            (bound.proof("/notification", token=token), "invalid_dpop_proof"),
            (bound.proof("/credential", token=token, htu="https://evil.example/credential"), "invalid_dpop_proof"),
            (bound.proof("/credential", token=token, nonce="x"), "use_dpop_nonce")):
        answer = ask("DPoP", headers)
        assert error_of(answer) == (401, error)
        assert answer.headers["WWW-Authenticate"].startswith(f'DPoP error="{error}", algs="ES256 ')
        assert answer.headers["DPoP-Nonce"] == bound.nonce


@pytest.mark.spec("RFC9449", "#section-7.1")
def test_a_bearer_token_does_not_become_another_by_its_scheme(bound: Wallet) -> None:
    wallet = Wallet(bound.school)
    token = wallet.redeem(code_of(wallet)).json["access_token"]
    bound.nonce = wallet.nonce
    headers = {"Authorization": f"DPoP {token}", **bound.proof("/credential", token=token)}

    assert error_of(bound.client.post("/credential", json={}, headers=headers)) == (401, "invalid_token")


def test_a_pre_authorized_code_gives_a_bound_token_too(bound: Wallet) -> None:
    made = bound.school.offer()
    answer = pre_authorized(bound, made, tx_code=made.tx_code)

    assert answer.json["token_type"] == "DPoP"
    assert error_of(bound.school.family.ask(answer.json["access_token"], {})) == (401, "invalid_token")


@pytest.mark.spec("RFC9449", "#section-8")
def test_the_server_asks_for_its_nonce_and_takes_each_proof_once(bound: Wallet) -> None:
    code, good = code_of(bound), bound.proof("/token")
    stale = bound.proof("/token", nonce="eyJ7S_zG.eyJH0-Z.HX4w-7v")
    assert error_of(bound.redeem(code, stale)) == (400, "use_dpop_nonce")
    assert error_of(bound.redeem("wrong", good)) == (400, "invalid_grant")
    assert error_of(bound.redeem(code, good)) == (400, "invalid_dpop_proof"), "replayed"

    assert bound.redeem(code, bound.proof("/token")).status_code == 200


def test_a_nonce_is_known_to_every_worker_for_five_minutes(school: School) -> None:
    other = build_services(school.config, clock=school.world.clock, fetcher=school.world.web)
    nonce = school.services.dpop.freshness.new_nonce()
    assert other.dpop.freshness.new_nonce() == nonce
    school.world.clock.advance(minutes=4)
    assert other.dpop.freshness.is_fresh(nonce)
    school.world.clock.advance(minutes=1)
    assert not other.dpop.freshness.is_fresh(nonce) and other.dpop.freshness.new_nonce() != nonce


@pytest.mark.spec("RFC9449", "#section-10")
def test_a_code_is_for_the_key_that_was_named_or_proven_before(school: School) -> None:
    key, other = SoftwareSigner.generate("P-256"), SoftwareSigner.generate("Ed25519")
    jkt = thumbprint(key.public_key.to_jwk())
    plain, bound, wrong = Wallet(school), Wallet(school, key), Wallet(school, other)
    for asks, changes in ((plain, {"dpop_jkt": jkt}), (bound, {})):
        code = code_of(asks, **changes)
        assert error_of(plain.redeem(code)) == (400, "invalid_dpop_proof")
        assert error_of(wrong.redeem(code)) == (400, "invalid_dpop_proof")
        assert bound.redeem(code).json["token_type"] == "DPoP"
    mismatch = wrong.post("/par", wrong.request(dpop_jkt=jkt))
    assert error_of(mismatch) == (400, "invalid_dpop_proof")


# --- metadata


@pytest.mark.spec("RFC8414", "#section-2")
@pytest.mark.parametrize("end", ["", "/"])
def test_the_server_says_what_it_can(school: School, end: str) -> None:
    path = "/.well-known/oauth-authorization-server" + end
    answer = school.client().get(path, headers={"X-Forwarded-Host": "evil.example"})
    document: Any = answer.json

    assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {name: document[name] for name in (
        "issuer", "authorization_endpoint", "token_endpoint", "pushed_authorization_request_endpoint")} == {
        "issuer": ORIGIN, "authorization_endpoint": ORIGIN + "/authorize", "token_endpoint": ORIGIN + "/token",
        "pushed_authorization_request_endpoint": ORIGIN + "/par"}
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"] and "ES256" in document["dpop_signing_alg_values_supported"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["pre-authorized_grant_anonymous_access_supported"] is True
    assert document["authorization_details_types_supported"] == ["openid_credential"]
    assert set(document["grant_types_supported"]) == {
        "authorization_code", "urn:ietf:params:oauth:grant-type:pre-authorized_code"}
    offered: Any = school.client().get("/.well-known/openid-credential-issuer").json
    scopes = {each["scope"] for each in offered["credential_configurations_supported"].values()}
    assert scopes <= set(document["scopes_supported"])
