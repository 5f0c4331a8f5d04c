"""Registering, letting in, tokens: what leads a program to a learner's badges, and all that does not."""

from __future__ import annotations

import itertools
import json
import logging
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from credkit.errors import StateError
from credkit.protocols.ob_api_v3p0 import BASE, CREDENTIAL_READ, PROFILE_READ, SCOPES
from credkit.protocols.registered_clients import OFFLINE_ACCESS
from demo.export import STUDENT_NUMBER
from issuer.bootstrap import build_services
from issuer.services.app_access import Answer
from issuer.services.apps import MOST_OF_ADDRESS, MOST_UNUSED
from issuer.services.office import hash_secret
from issuer.services.passes import plain
from issuer.store import App
from tests.issuer.badge_apps import (
    ALL,
    BOXES,
    CALLBACK,
    HOME,
    REGISTRATION,
    BadgeApp,
    Caller,
    answered,
    make_pass,
    register,
    registered,
    say_yes,
)
from tests.issuer.conftest import ORIGIN, School

WRONG: tuple[Any, ...] = (None, True, 7, 1.5, "", [], ["x"], [7], {}, {"x": 7}, [[]])


@pytest.fixture
def app(school: School) -> BadgeApp:
    return registered(school)


def error_of(answer: Any) -> tuple[int, str]:
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json["error"]


# --- discovery


@pytest.mark.spec("OB-3.0", "#acg-registration")
def test_the_service_description_names_every_address_at_the_configured_origin(school: School) -> None:
    client: Any = school.client(use_cookies=False)
    answer = client.get(BASE + "/discovery", headers={"X-Forwarded-Host": "evil.example"})
    document = answer.json
    scheme = document["components"]["securitySchemes"]["OAuth2ACG"]
    flow = scheme["flows"]["authorizationCode"]

    assert answer.status_code == 200 and answer.content_type == "application/json"
    assert document["openapi"].startswith("3.0.") and document["info"]["title"] == "Lincoln High School"
    assert document["info"]["x-imssf-privacyPolicyUrl"] == ORIGIN + "/privacy"
    assert document["info"]["termsOfService"].startswith(ORIGIN + "/")
    assert scheme["type"] == "oauth2" and scheme["x-imssf-registrationUrl"] == f"{ORIGIN}{BASE}/register"
    assert (flow["authorizationUrl"], flow["tokenUrl"], flow["refreshUrl"]) == (
        f"{ORIGIN}{BASE}/authorize", f"{ORIGIN}{BASE}/token", f"{ORIGIN}{BASE}/token")
    assert flow["scopes"].keys() == SCOPES.keys()
    assert {(path, method) for path, item in document["paths"].items() for method in item} == {
        ("/credentials", "get"), ("/credentials", "post"), ("/profile", "get"), ("/profile", "put"),
        ("/discovery", "get")}
    assert "evil" not in answer.text


def test_each_page_that_is_named_is_there(school: School) -> None:
    client: Any = school.client(use_cookies=False)
    info = client.get(BASE + "/discovery").json["info"]
    for address in (info["termsOfService"], info["x-imssf-privacyPolicyUrl"]):
        assert client.get(address.removeprefix(ORIGIN)).status_code == 200


# --- registration


@pytest.mark.spec("RFC7591", "#section-3.2.1")
def test_a_registration_is_answered_with_all_that_was_said_and_a_secret(school: School) -> None:
    answer = register(school)

    assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store"
    assert all(answer.json[name] == value for name, value in REGISTRATION.items())
    assert len(answer.json["client_secret"]) >= 43 and answer.json["client_secret_expires_at"] == 0
    assert answer.json["client_id_issued_at"] == int(school.world.clock.now().timestamp())


def test_what_may_be_left_out_has_its_usual_value(school: School) -> None:
    answer = register(school, token_endpoint_auth_method=None, grant_types=None, response_types=None)

    assert answer.status_code == 201
    assert (answer.json["token_endpoint_auth_method"], answer.json["grant_types"], answer.json["response_types"]) == (
        "client_secret_basic", ["authorization_code"], ["code"])
    assert OFFLINE_ACCESS not in answer.json["scope"].split()


@pytest.mark.parametrize("name", sorted({*REGISTRATION, "contacts"}))
def test_a_member_of_a_wrong_type_is_refused_by_its_code_and_nothing_is_kept(school: School, name: str) -> None:
    expected = "invalid_redirect_uri" if name == "redirect_uris" else "invalid_client_metadata"
    optional = name in ("grant_types", "response_types", "token_endpoint_auth_method", "contacts")
    client = school.client(use_cookies=False)
    for value in WRONG:
        if (optional and value == "") or (name == "contacts" and value == ["x"]):
            continue
        answer = client.post(BASE + "/register", json={**REGISTRATION, name: value})
        assert error_of(answer) == (400, expected), (name, value, answer.text)
    if not optional:
        assert error_of(register(school, **{name: None})) == (400, expected)
    assert rows(school, "apps") == 0


@pytest.mark.parametrize(("changes", "code"), [
    ({"redirect_uris": ["http://app.example/callback"]}, "invalid_redirect_uri"),
    ({"redirect_uris": [CALLBACK + "#part"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["org.app://done"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://user@app.example/"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://localhost/callback"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["http://127.0.0.1:4000/callback"]}, "invalid_redirect_uri"),
    ({"redirect_uris": [CALLBACK] * 2}, "invalid_redirect_uri"),
    ({"redirect_uris": [f"{HOME}/{number}" for number in range(6)]}, "invalid_redirect_uri"),
    ({"redirect_uris": [HOME + "/" + "x" * 600]}, "invalid_redirect_uri"),
    ({"redirect_uris": [CALLBACK, "https://evil.example/"]}, "invalid_client_metadata"),
    ({"policy_uri": "https://evil.example/"}, "invalid_client_metadata"),
    ({"logo_uri": "data:image/png;base64,AAAA"}, "invalid_client_metadata"),
    ({"client_uri": "http://app.example/"}, "invalid_client_metadata"),
    ({"token_endpoint_auth_method": "client_secret_post"}, "invalid_client_metadata"),
    ({"token_endpoint_auth_method": "none"}, "invalid_client_metadata"),
    ({"grant_types": ["authorization_code", "implicit"]}, "invalid_client_metadata"),
    ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
    ({"response_types": ["token"]}, "invalid_client_metadata"),
    ({"scope": "openid profile"}, "invalid_client_metadata"),
    ({"scope": OFFLINE_ACCESS}, "invalid_client_metadata"),
    ({"client_name": "\u202e\u200b"}, "invalid_client_metadata"),
])
def test_a_registration_that_breaks_a_rule_is_refused(school: School, changes: dict[str, Any], code: str) -> None:
    assert error_of(register(school, **changes)) == (400, code)
    assert rows(school, "apps") == 0


def test_a_registration_that_is_no_json_or_too_large_is_refused(school: School) -> None:
    client: Any = school.client(use_cookies=False)
    for body in (b"", b"null", b"[]", b"{", b'{"a": 1, "a": 2}', b"\xff", b"[" * 10_000):
        answer = client.post(BASE + "/register", data=body, content_type="application/json")
        assert error_of(answer) == (400, "invalid_client_metadata"), body[:20]
    assert client.post(BASE + "/register", data="x=y").status_code == 400
    large = client.post(BASE + "/register", json={**REGISTRATION, "software_statement": "x" * 20_000})
    assert large.status_code == 413 and large.json["error"]


def test_scopes_that_are_not_known_are_left_out_and_what_is_not_known_is_ignored(school: School) -> None:
    answer = register(school, scope=f"openid {CREDENTIAL_READ}", jwks={"keys": []}, software_statement="x")

    assert answer.status_code == 201 and answer.json["scope"] == CREDENTIAL_READ and "jwks" not in answer.json


def test_one_address_registers_so_many_an_hour_and_no_more_also_after_a_restart(school: School) -> None:
    apps = school.services.apps
    message = json.dumps(REGISTRATION).encode()
    for _ in range(MOST_OF_ADDRESS):
        apps.register(message, "203.0.113.7")
    again = build_services(school.config, clock=school.world.clock, fetcher=school.world.web).apps
    with pytest.raises(Exception, match="too many") as caught:
        again.register(message, "203.0.113.7")

    assert getattr(caught.value, "http_status", None) == 429
    again.register(message, "203.0.113.8")
    school.world.clock.advance(hours=1)
    again.register(message, "203.0.113.7")


def test_of_too_many_that_nobody_uses_the_oldest_go(school: School, app: BadgeApp) -> None:
    app.tokens(make_pass(school))
    unused = registered(school)
    office, now = school.services.office, school.world.clock.now()
    with office.store.writing() as unit:
        for number in range(MOST_UNUSED):
            unit.add_app(App(f"x{number}", "", REGISTRATION, now, None, now.replace(year=now.year + 1)))
    school.world.clock.advance(seconds=1)
    newest = registered(school)

    assert rows(school, "apps") == MOST_UNUSED + 1
    assert newest.begin().status_code == 302 and app.begin().status_code == 302
    assert rows(school, "apps", f"id = '{unused.id}'") <= 1


def test_a_registration_that_nobody_used_ends_after_a_day_and_a_used_one_a_year_later(school: School) -> None:
    unused, used = registered(school), registered(school)
    used.tokens(make_pass(school, days=1))
    school.world.clock.advance(days=1)
    school.services.sweeping.sweep()

    assert unused.begin().status_code == 409 and used.begin().status_code == 302
    school.world.clock.advance(days=364)
    school.services.sweeping.sweep()
    assert rows(school, "apps") == 0


def test_only_hashes_lie_in_the_database(school: School, app: BadgeApp) -> None:
    made = make_pass(school)
    code = app.code(made)
    tokens = app.redeem(code).json
    page = app.page().rpartition("/")[2]
    text = everything(school)

    for secret in (app.secret, made.code, plain(made.code), code, tokens["access_token"], tokens["refresh_token"],
                   page):
        assert secret not in text
    assert hash_secret(plain(made.code)) in text


def test_logs_hold_no_code_token_or_secret(school: School, app: BadgeApp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = make_pass(school)
    tokens = app.tokens(made)
    app.redeem("wrong")
    Caller(app.client, "wrong").get("/profile")
    text = caplog.text + json.dumps([entry.detail for entry in school.services.students.log()])

    for secret in (app.secret, made.code, made.login, tokens["access_token"], tokens["refresh_token"]):
        assert secret not in text


# --- letting in


@pytest.mark.spec("OB-3.0", "#acg-auth-response")
def test_a_learner_lets_an_app_in_and_it_gets_a_token_for_an_hour(school: School, app: BadgeApp) -> None:
    made = make_pass(school)
    found = answered(say_yes(school, app.page(), made))
    answer = app.redeem(found["code"], scope=ALL)

    assert found.keys() == {"code", "scope", "state"} and (found["scope"], found["state"]) == (ALL, "s1")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert (answer.json["token_type"], answer.json["expires_in"], answer.json["scope"]) == ("Bearer", 3600, ALL)
    caller = Caller(app.client, answer.json["access_token"])
    assert caller.get("/credentials").status_code == 200
    school.world.clock.advance(seconds=3600)
    assert caller.get("/credentials").status_code == 401


def test_what_was_typed_is_read_kindly(school: School, app: BadgeApp) -> None:
    made = make_pass(school)
    typed = made.code.upper().replace("-", " ").replace("0", "o").replace("1", "L")

    assert answered(say_yes(school, app.page(), made, login=f" {made.login.upper()} ", code=typed))["code"]


def test_what_is_not_ticked_is_not_allowed(school: School, app: BadgeApp) -> None:
    tokens = app.tokens(make_pass(school), allow=("read",))
    caller = Caller(app.client, tokens["access_token"])

    assert tokens["scope"] == CREDENTIAL_READ and "refresh_token" not in tokens
    assert caller.get("/credentials").status_code == 200
    for answer in (caller.get("/profile"), caller.put({}), caller.hand_in("{}")):
        assert answer.status_code == 403 and "insufficient_scope" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("allow", [(), ("stay",), ("sensitive",), ("nothing we know",)])
def test_ticking_nothing_is_asked_about_again(school: School, app: BadgeApp, allow: tuple[str, ...]) -> None:
    answer = say_yes(school, app.page(), make_pass(school), allow=allow)

    assert answer.status_code == 422 and "Tick at least one" in answer.text


def test_a_box_that_was_not_asked_for_adds_nothing(school: School, app: BadgeApp) -> None:
    code = app.code(make_pass(school), scope=PROFILE_READ, allow=(*BOXES, "sensitive"))

    assert app.redeem(code).json["scope"] == PROFILE_READ


@pytest.mark.spec("RFC6749", "#section-4.1.2.1")
def test_no_is_told_to_the_app_and_ends_the_page(school: School, app: BadgeApp) -> None:
    page = app.page()
    answer = school.post(school.client(), page + "/no", {}, page=page)

    assert answered(answer) | {"error_description": ""} == {
        "error": "access_denied", "state": "s1", "error_description": ""}
    assert school.client().get(page).status_code == 409


@pytest.mark.parametrize("changes", [
    {"client_id": "nobody"}, {"client_id": None}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": None},
    {"redirect_uri": CALLBACK + "/"}, {"redirect_uri": CALLBACK + "?a=b"}, {"redirect_uri": CALLBACK.upper()},
])
def test_nobody_is_sent_anywhere_before_app_and_address_are_known(school: School, app: BadgeApp,
                                                                  changes: dict[str, Any]) -> None:
    answer = app.begin(**changes)

    assert answer.status_code == 409 and "Location" not in answer.headers
    assert "https://evil" not in answer.text
    assert rows(school, "app_grants") == 0


@pytest.mark.parametrize(("changes", "code"), [
    ({"state": None}, "invalid_request"), ({"state": "é"}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"), ({"code_challenge": "short"}, "invalid_request"),
    ({"response_type": None}, "invalid_request"), ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"), ({"request": "e30."}, "request_not_supported"),
    ({"scope": None}, "invalid_scope"), ({"scope": "openid"}, "invalid_scope"),
    ({"scope": CREDENTIAL_READ + " openid"}, "invalid_scope"), ({"scope": CREDENTIAL_READ + "  x"}, "invalid_scope"),
])
def test_a_request_that_breaks_a_rule_goes_back_with_its_code(school: School, app: BadgeApp, changes: dict[str, Any],
                                                              code: str) -> None:
    found = answered(app.begin(**changes))

    assert found["error"] == code and found.get("state") == app.request(**changes).get("state")
    assert rows(school, "app_grants") == 0


def test_an_app_may_not_ask_for_more_than_it_registered_for(school: School) -> None:
    app = registered(school, scope=CREDENTIAL_READ)

    assert answered(app.begin(scope=ALL))["error"] == "invalid_scope"
    assert app.page(scope=CREDENTIAL_READ)


def test_a_page_is_good_once_and_for_its_time(school: School, app: BadgeApp) -> None:
    made = make_pass(school)
    page, old = app.page(), app.page()
    answered(say_yes(school, page, made))

    assert school.client().get(page).status_code == 409
    school.world.clock.advance(minutes=20)
    assert school.client().get(old).status_code == 409


def test_looking_at_the_link_begins_nothing(school: School, app: BadgeApp) -> None:
    answer = app.client.head(f"{BASE}/authorize", query_string=app.request())

    assert answer.status_code == 200 and rows(school, "app_grants") == 0


# --- passes


def test_a_new_pass_ends_the_old_one_and_all_it_allowed(school: School, app: BadgeApp) -> None:
    old = make_pass(school)
    tokens, waiting = app.tokens(old), app.code(old)
    new = make_pass(school)

    assert Caller(app.client, tokens["access_token"]).get("/profile").status_code == 401
    assert error_of(app.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert error_of(app.redeem(waiting)) == (400, "invalid_grant")
    assert say_yes(school, app.page(), old).status_code == 422
    assert answered(say_yes(school, app.page(), new))["code"]


def test_the_office_ends_a_pass_and_all_it_allowed(school: School, app: BadgeApp) -> None:
    made = make_pass(school)
    caller = app.let_in(made)
    student = made.person.id
    assert [found.id for found, _grant in school.services.passes.view(student).apps] == [app.id]
    school.services.passes.end(student, "operator")

    assert caller.get("/credentials").status_code == 401
    assert school.services.passes.view(student).found is None and school.services.passes.view(student).apps == ()
    with pytest.raises(StateError):
        school.services.passes.end(student, "operator")


def test_a_pass_ends_by_itself_and_everything_under_it_with_it(school: School, app: BadgeApp) -> None:
    made = make_pass(school, days=1)
    school.world.clock.advance(hours=23, minutes=30)
    tokens = app.tokens(made)

    assert tokens["expires_in"] == 1800
    school.world.clock.advance(minutes=30)
    assert Caller(app.client, tokens["access_token"]).get("/profile").status_code == 401
    assert error_of(app.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert say_yes(school, app.page(), made).status_code == 422
    school.services.sweeping.sweep()
    assert [rows(school, table) for table in ("passes", "app_tokens")] == [0, 0]


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_pass_has_a_length(school: School, days: int) -> None:
    with pytest.raises(StateError):
        make_pass(school, days=days)


def test_wrong_codes_are_counted_for_the_pass_and_survive_a_restart(school: School, app: BadgeApp) -> None:
    made = make_pass(school)
    for _ in range(school.config.lifetimes.pass_tries):
        assert say_yes(school, app.page(), made, code="wrong").status_code == 422
    again = build_services(school.config, clock=school.world.clock, fetcher=school.world.web)

    found = again.passes.view(made.person.id).found
    assert found is not None and found.tries_left == 0
    assert say_yes(school, app.page(), made).status_code == 422


def test_a_right_code_gives_all_tries_again(school: School, app: BadgeApp) -> None:
    made = make_pass(school)
    for _ in range(3):
        say_yes(school, app.page(), made, code="wrong")
    answered(say_yes(school, app.page(), made))

    found = school.services.passes.view(made.person.id).found
    assert found is not None and found.tries_left == school.config.lifetimes.pass_tries


def test_names_that_nobody_has_count_for_the_address(school: School, app: BadgeApp) -> None:
    made = make_pass(school)
    page = app.page()
    office, limit = school.services, school.config.lifetimes.wrong_codes_address

    secret = page.rpartition("/")[2]
    for _ in range(limit):
        assert office.app_access.answer(secret, Answer("nobody", "x", (PROFILE_READ,), False), "203.0.113.7") is None
    good = Answer(made.login, made.code, (PROFILE_READ,), False)
    assert office.app_access.answer(secret, good, "203.0.113.7") is None
    assert office.app_access.answer(secret, good, "203.0.113.8") is not None


# --- tokens


@pytest.mark.spec("RFC6749", "#section-4.1.2")
def test_a_second_use_of_a_code_takes_the_tokens_with_it(school: School, app: BadgeApp) -> None:
    code = app.code(make_pass(school))
    tokens = app.redeem(code).json

    assert error_of(app.redeem(code)) == (400, "invalid_grant")
    assert Caller(app.client, tokens["access_token"]).get("/profile").status_code == 401
    assert error_of(app.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


def test_a_code_is_good_for_a_minute(school: School, app: BadgeApp) -> None:
    code = app.code(make_pass(school))
    school.world.clock.advance(seconds=60)

    assert error_of(app.redeem(code)) == (400, "invalid_grant")


@pytest.mark.parametrize(("changes", "code"), [
    ({"redirect_uri": HOME + "/other"}, "invalid_grant"), ({"redirect_uri": None}, "invalid_request"),
    ({"code_verifier": "v" * 43}, "invalid_grant"), ({"code_verifier": "short"}, "invalid_grant"),
    ({"code_verifier": None}, "invalid_request"), ({"code": "wrong"}, "invalid_grant"),
    ({"code": None}, "invalid_request"), ({"grant_type": None}, "invalid_request"),
    ({"grant_type": "password"}, "unsupported_grant_type"), ({"scope": "openid"}, "invalid_scope"),
    ({"scope": "é"}, "invalid_scope"), ({"client_id": "nobody"}, "invalid_client"),
    ({"client_secret": "x"}, "invalid_client"),
])
def test_a_code_is_redeemed_as_it_was_asked_for_or_not_at_all(school: School, app: BadgeApp, changes: dict[str, Any],
                                                              code: str) -> None:
    good = app.code(make_pass(school))

    assert error_of(app.redeem(good, **changes)) == (401 if code == "invalid_client" else 400, code)
    assert app.redeem(good).status_code == 200


def test_a_code_is_for_the_app_that_asked(school: School, app: BadgeApp) -> None:
    code = app.code(make_pass(school))

    assert error_of(registered(school).redeem(code)) == (400, "invalid_grant")
    assert app.redeem(code).status_code == 200


@pytest.mark.spec("RFC6749", "#section-2.3.1")
@pytest.mark.parametrize("header", ["", "Bearer x", "Basic", "Basic ÿ", "Basic !!!!", "Basic eA==", "Basic /w==",
                                    "Basic bm9ib2R5Ong="])
def test_without_its_secret_an_app_gets_nothing(school: School, app: BadgeApp, header: str) -> None:
    code = app.code(make_pass(school))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": "v" * 43}
    for path, sent in (("/token", form), ("/revoke", {"token": "x"})):
        answer = app.post(path, sent, {"Authorization": header} if header else {})
        assert error_of(answer) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_token_may_be_for_less_than_was_allowed(school: School, app: BadgeApp) -> None:
    tokens = app.redeem(app.code(make_pass(school)), scope=PROFILE_READ).json

    assert tokens["scope"] == PROFILE_READ and "refresh_token" not in tokens
    assert Caller(app.client, tokens["access_token"]).get("/credentials").status_code == 403


@pytest.mark.spec("RFC6749", "#section-6")
def test_a_refresh_token_is_good_once_and_gives_the_next(school: School, app: BadgeApp) -> None:
    first = app.tokens(make_pass(school))
    school.world.clock.advance(hours=2)
    second = app.refresh(first["refresh_token"])

    assert second.status_code == 200 and second.json["scope"] == ALL
    assert Caller(app.client, second.json["access_token"]).get("/profile").status_code == 200
    narrow = app.refresh(second.json["refresh_token"], scope=PROFILE_READ)
    assert narrow.json["scope"] == PROFILE_READ
    assert Caller(app.client, narrow.json["access_token"]).get("/credentials").status_code == 403
    assert app.refresh(narrow.json["refresh_token"]).json["scope"] == ALL


@pytest.mark.spec("RFC9700", "#section-4.14.2")
def test_a_refresh_token_that_comes_again_ends_the_whole_family(school: School, app: BadgeApp) -> None:
    first = app.tokens(make_pass(school))
    second = app.refresh(first["refresh_token"]).json

    assert error_of(app.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert error_of(app.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert Caller(app.client, second["access_token"]).get("/profile").status_code == 401


def test_a_refresh_gives_no_more_than_was_allowed_and_none_but_its_app(school: School, app: BadgeApp) -> None:
    tokens = app.tokens(make_pass(school), allow=("profile", "stay"))

    assert error_of(app.refresh(tokens["refresh_token"], scope=ALL)) == (400, "invalid_scope")
    assert error_of(registered(school).refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert error_of(app.refresh(tokens["access_token"])) == (400, "invalid_grant")
    assert Caller(app.client, tokens["refresh_token"]).get("/profile").status_code == 401
    assert app.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC7009", "#section-2")
def test_an_app_gives_tokens_back(school: School, app: BadgeApp) -> None:
    tokens = app.tokens(make_pass(school))
    caller = Caller(app.client, tokens["access_token"])
    stranger = registered(school)

    assert stranger.post("/revoke", {"token": tokens["refresh_token"]}).status_code == 200
    assert app.post("/revoke", {"token": "unknown", "token_type_hint": "refresh_token"}).status_code == 200
    assert caller.get("/profile").status_code == 200
    assert app.post("/revoke", {"token": tokens["access_token"], "token_type_hint": "access_token"}).status_code == 200
    assert caller.get("/profile").status_code == 401
    next_ = app.refresh(tokens["refresh_token"]).json
    assert app.post("/revoke", {"token": next_["refresh_token"]}).status_code == 200
    assert Caller(app.client, next_["access_token"]).get("/profile").status_code == 401
    assert error_of(app.post("/revoke", {})) == (400, "invalid_request")


def test_tokens_and_codes_of_one_protocol_are_of_no_use_at_the_other(school: School, app: BadgeApp) -> None:
    made = make_pass(school)
    collecting, _made = school.redeemed()
    tokens, code = app.tokens(made), app.code(made)

    assert Caller(app.client, collecting.access_token).get("/credentials").status_code == 401
    answer = school.family.ask(tokens["access_token"], {"credential_configuration_id": "course"})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_token")
    form = {"grant_type": "authorization_code", "code": code, "client_id": app.id, "redirect_uri": CALLBACK,
            "code_verifier": "a-verifier-of-forty-three-characters-or-more"}
    assert app.client.post("/token", data=form).json["error"] == "invalid_grant"
    assert school.client().get("/authorize/" + app.page().rpartition("/")[2]).status_code == 409


@pytest.mark.parametrize("path", ["/token", "/revoke"])
def test_a_parameter_twice_or_another_content_type_is_refused(app: BadgeApp, path: str) -> None:
    twice = app.client.post(BASE + path, data="token=a&token=b&grant_type=x&grant_type=y", headers=app.basic,
                            content_type="application/x-www-form-urlencoded")
    other = app.client.post(BASE + path, json={"token": "x"}, headers=app.basic)

    assert error_of(twice) == error_of(other) == (400, "invalid_request")


def test_a_token_of_one_student_never_shows_another(school: School, app: BadgeApp) -> None:
    numbers = [line.person.number for line in school.services.students.all()]
    callers = {number: app.let_in(make_pass(school, number)) for number in numbers}
    names = {line.person.number: line.person.name for line in school.services.students.all()}

    assert len(numbers) == 3
    for mine, other in itertools.permutations(numbers, 2):
        for path in ("/credentials?limit=100", "/profile"):
            text = callers[mine].get(path).text
            assert names[mine] in json.dumps(json.loads(text), ensure_ascii=False)
            assert names[other] not in json.dumps(json.loads(text), ensure_ascii=False) and f'"{other}"' not in text


def rows(school: School, table: str, where: str = "1 = 1") -> int:
    with closing(sqlite3.connect(school.config.data / "issuer.sqlite3")) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])  # noqa: S608


def everything(school: School) -> str:
    with closing(sqlite3.connect(school.config.data / "issuer.sqlite3")) as connection:
        return "\n".join(connection.iterdump())


def test_the_log_tells_what_happened(school: School, app: BadgeApp) -> None:
    caller = app.let_in(make_pass(school))
    caller.get("/credentials?limit=1")
    events = [entry.event for entry in school.services.students.log()]

    assert events[:3] == ["signed_for_reading", "app_allowed", "pass_made"]
    assert STUDENT_NUMBER not in json.dumps([entry.detail for entry in school.services.students.log(limit=3)])
