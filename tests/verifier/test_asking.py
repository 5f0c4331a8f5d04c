"""Asking with a query of one's own under every name, in clear and sealed, from the command line to the report."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from credkit.dids import Resolver
from credkit.encoding import base64url_encode, sha256
from credkit.jose import encrypt_direct, peek_header, peek_payload, verify_compact
from credkit.keys import PublicKey
from credkit.ports import JSONObject
from credkit.storage import open_engine, reading
from tests.support.certified import anchor, certificate_of
from tests.verifier.conftest import CLIENT_ID, ORIGIN, College, form_of, parsed, path_of
from tests.verifier.test_sd_jwt import QUERY, text_for
from verifier.bootstrap import build_services, initialise_verifier
from verifier.cli import main
from verifier.cli.group import Ports
from verifier.config import from_environ

Run = Callable[..., Result]
FORM = "application/x-www-form-urlencoded"
PREFIXES = ("decentralized_identifier", "x509_san_dns", "x509_hash", "redirect_uri")
MODES = ("direct_post", "direct_post.jwt")


@pytest.fixture
def run(college: College, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("BACKPACK_DATA", str(college.services.config.data))
    monkeypatch.setenv("LANG", "C.UTF-8")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, obj=Ports(college.world.clock, college.world.web))

    return invoke


@pytest.fixture
def ask(run: Run, tmp_path: Path) -> Callable[..., JSONObject]:
    def make(*options: str, query: JSONObject = QUERY) -> JSONObject:
        file = tmp_path / "query.json"
        file.write_text(json.dumps(query))
        made = run("request", "--query", str(file), *options, "--json")
        assert made.exit_code == 0, made.output
        return dict(json.loads(made.stdout))

    return make


def outer(made: JSONObject) -> dict[str, str]:
    """The parameters of the link."""
    assert made["request"].startswith("openid4vp://?")
    return dict(parse_qsl(made["request"].partition("?")[2]))


def object_of(college: College, made: JSONObject) -> str:
    answer = college.client(use_cookies=False).get(path_of(outer(made)["request_uri"]))
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/oauth-authz-req+jwt"
    return str(answer.text)


def request_of(college: College, made: JSONObject) -> JSONObject:
    """What a wallet knows after it has read the request."""
    parameters = outer(made)
    if "request_uri" in parameters:
        return peek_payload(object_of(college, made))
    return {name: json.loads(value) if value.startswith("{") else value for name, value in parameters.items()}


def seal(request: JSONObject, document: JSONObject, *, enc: str = "A128GCM") -> str:
    (key,) = request["client_metadata"]["jwks"]["keys"]
    assert (key["use"], key["alg"], key["crv"]) == ("enc", "ECDH-ES", "P-256") and "d" not in key and key["kid"]
    assert enc in request["client_metadata"]["encrypted_response_enc_values_supported"]
    return encrypt_direct(json.dumps(document).encode(), key, enc=enc)


def answer(college: College, request: JSONObject, token: JSONObject, **more: Any) -> Any:
    if request["response_mode"] == "direct_post.jwt":
        sealed = seal(request, {"vp_token": token, "state": request["state"]}, **more)
        return college.post_form(request, form_of(response=sealed))
    return college.post_form(request, form_of(vp_token=json.dumps(token), state=request["state"]))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_request_is_asked_answered_and_told_under_every_name(
        college: College, run: Run, ask: Callable[..., JSONObject], prefix: str, mode: str) -> None:
    made = ask("--prefix", prefix, "--response-mode", mode)
    waiting = run("result", made["id"], "--json")
    assert (waiting.exit_code, json.loads(waiting.stdout)["verified"]) == (3, False)

    request = request_of(college, made)
    assert request["client_id"] == outer(made)["client_id"] and request["client_id"].startswith(prefix + ":")
    assert request["response_mode"] == mode and request["response_type"] == "vp_token"
    assert request["dcql_query"] == QUERY and "redirect_uri" not in request
    assert request["response_uri"] == f"{ORIGIN}/responses/{made['id']}"
    sent = answer(college, request, {"course": [text_for(college, request)]})
    assert sent.status_code == 200 and sent.headers["Content-Type"] == "application/json", sent.text
    assert sent.headers["Cache-Control"] == "no-store"
    told = run("result", made["id"], "--wait", "5", "--json")
    assert told.exit_code == 0 and json.loads(told.stdout)["verified"] is True, told.output


@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_answer_made_for_another_name_of_ours_is_refused(
        college: College, run: Run, ask: Callable[..., JSONObject], prefix: str) -> None:
    made = ask("--prefix", prefix)
    request = request_of(college, made)
    names = [request["client_id"].partition(":")[2], CLIENT_ID, "x509_san_dns:college.example", ORIGIN]
    for name in names:
        if name != request["client_id"]:
            wrong = text_for(college, {**request, "client_id": name})
            assert answer(college, request, {"course": [wrong]}).status_code == 400, name
    assert run("result", made["id"]).exit_code == 3
    assert answer(college, request, {"course": [text_for(college, request)]}).status_code == 200


@pytest.mark.spec("OID4VP-1.0", "#client_identifier_prefixes")
@pytest.mark.parametrize(("options", "did"), [((), "did:web:college.example"), (("--did", "jwk"), "did:jwk:")])
def test_a_key_of_the_did_signs(college: College, ask: Callable[..., JSONObject], options: tuple[str, ...],
                                did: str) -> None:
    made = ask("--prefix", "decentralized_identifier", *options)
    signed = object_of(college, made)
    header = peek_header(signed)
    name = outer(made)["client_id"].partition(":")[2]
    assert name.startswith(did) and header["kid"].startswith(name + "#") and "x5c" not in header
    method = Resolver(college.world.web, college.world.clock).resolve(name).verification_method(
        header["kid"], "authentication")
    payload = verify_compact(signed, method.public_key, typ="oauth-authz-req+jwt")
    assert payload["aud"] == "https://self-issued.me/v2" and "iss" not in payload
    sent = answer(college, payload, {"course": [text_for(college, payload)]})
    assert sent.status_code == 200


@pytest.mark.spec("OID4VP-1.0", "#client_identifier_prefixes")
@pytest.mark.parametrize("prefix", ["x509_san_dns", "x509_hash"])
def test_the_key_of_the_certificate_signs_and_the_anchor_stays_at_home(
        college: College, ask: Callable[..., JSONObject], prefix: str) -> None:
    made = ask("--prefix", prefix)
    signed = object_of(college, made)
    header = peek_header(signed)
    (leaf,) = [base64.b64decode(each, validate=True) for each in header["x5c"]]
    certificate = x509.load_der_x509_certificate(leaf)
    certificate.verify_directly_issued_by(anchor().certificate)
    point = certificate.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    verify_compact(signed, PublicKey("P-256", point), typ="oauth-authz-req+jwt")
    assert "kid" not in header and "jwk" not in header and header["alg"] == "ES256"
    expected = "college.example" if prefix == "x509_san_dns" else base64url_encode(sha256(leaf))
    assert outer(made)["client_id"] == f"{prefix}:{expected}"


def test_an_unsigned_request_holds_everything_and_can_be_fetched_nowhere(
        college: College, ask: Callable[..., JSONObject]) -> None:
    made = ask("--prefix", "redirect_uri")
    parameters = outer(made)
    assert parameters["client_id"] == "redirect_uri:" + parameters["response_uri"] and made["request_uri"] == ""
    assert not {"request", "request_uri", "request_uri_method", "iss", "aud"} & set(parameters)
    for method in ("get", "post"):
        assert getattr(college.client(), method)(f"/requests/{made['id']}/object").status_code == 404


def test_without_a_certificate_nobody_is_known_by_one(tmp_path: Path, college: College) -> None:
    for host, options in (("college.example", {}), ("other.example", {"certificate": certificate_of("other.example")})):
        config = from_environ({}, data=tmp_path / host)
        initialise_verifier(config, origin=ORIGIN, wallets=(), password_hash="hash", **options)  # type: ignore[arg-type]
        assert build_services(config).identity.origin == ORIGIN
        file = tmp_path / "query.json"
        file.write_text(json.dumps(QUERY))
        made = CliRunner().invoke(main, ["request", "--query", str(file), "--prefix", "x509_san_dns", "--data",
                                         str(config.data)])
        assert made.exit_code == 1 and "certificate" in made.output, made.output


@pytest.mark.parametrize("body", [
    {}, {"wallet_nonce": "w-1"}, {"wallet_nonce": "w-1", "wallet_metadata": "{}"}, {"wallet_metadata": '{"a":[1]}'},
    {"vp_formats_supported": "{}", "response_types_supported": '["vp_token"]', "client_id_prefixes_supported": "[]"},
])
def test_a_request_is_fetched_by_post_with_or_without_a_nonce(
        college: College, ask: Callable[..., JSONObject], body: dict[str, str]) -> None:
    made = ask("--prefix", "x509_hash")
    fetched = college.client().post(path_of(made["request_uri"]), data=form_of(**body), content_type=FORM)
    assert fetched.status_code == 200
    assert peek_payload(fetched.text).get("wallet_nonce") == body.get("wallet_nonce")


@pytest.mark.parametrize("body", [
    {"wallet_metadata": "[]"}, {"wallet_metadata": "x"}, {"wallet_nonce": "w" * 1025}, {"wallet_metadata": "1"},
])
def test_a_malformed_post_for_a_request_is_an_error_and_opens_nothing(
        college: College, ask: Callable[..., JSONObject], body: dict[str, str]) -> None:
    made = ask()
    fetched = college.client().post(path_of(made["request_uri"]), data=form_of(**body), content_type=FORM)
    assert (fetched.status_code, parsed(fetched)["error"]) == (400, "invalid_request")
    assert str(college.services.requests.find(made["id"]).progress) == "waiting"


@pytest.fixture
def sealed_request(college: College, ask: Callable[..., JSONObject]) -> JSONObject:
    return request_of(college, ask("--response-mode", "direct_post.jwt"))


@pytest.mark.spec("OID4VP-1.0", "#response_encryption")
@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
@pytest.mark.parametrize("places", ["inside", "beside", "both"])
def test_the_state_may_stand_inside_or_beside_a_sealed_answer(
        college: College, sealed_request: JSONObject, enc: str, places: str) -> None:
    request, state = sealed_request, {"state": sealed_request["state"]}
    inside = {} if places == "beside" else state
    document = {"vp_token": {"course": [text_for(college, request)]}, **inside}
    form = {"response": seal(request, document, enc=enc), **({} if places == "inside" else state)}
    assert college.post_form(request, form_of(**form)).status_code == 200


def test_every_sealed_request_has_a_key_of_its_own_that_goes_with_the_answer(
        college: College, ask: Callable[..., JSONObject]) -> None:
    first, second = (request_of(college, ask("--response-mode", "direct_post.jwt")) for _ in range(2))
    keys = [request["client_metadata"]["jwks"]["keys"][0] for request in (first, second)]
    assert keys[0]["x"] != keys[1]["x"] and keys[0]["kid"] != keys[1]["kid"]
    crossed = seal(second, {"vp_token": {"course": [text_for(college, first)]}, "state": first["state"]})
    assert college.post_form(first, form_of(response=crossed)).status_code == 400

    def stored() -> list[Any]:
        with reading(open_engine(college.services.config.database_url)) as connection:
            return list(connection.execute(text("SELECT answer_key FROM requests WHERE answer_key IS NOT NULL")))

    assert len(stored()) == 2 and not any(keys[0]["x"] in row[0] for row in stored())
    assert answer(college, first, {"course": [text_for(college, first)]}).status_code == 200
    assert college.post_form(second, form_of(error="access_denied", state=second["state"])).status_code == 200
    assert stored() == []


def test_the_key_of_a_request_that_ended_unanswered_goes_too(college: College, sealed_request: JSONObject) -> None:
    college.world.clock.advance(hours=5)
    college.services.results.sweep()
    with reading(open_engine(college.services.config.database_url)) as connection:
        assert connection.scalar(text("SELECT count(*) FROM requests WHERE answer_key IS NOT NULL")) == 0


def test_what_must_be_sealed_is_refused_in_clear_and_the_other_way_round(
        college: College, ask: Callable[..., JSONObject], sealed_request: JSONObject) -> None:
    token = {"course": [text_for(college, sealed_request)]}
    clear = form_of(vp_token=json.dumps(token), state=sealed_request["state"])
    assert college.post_form(sealed_request, clear).status_code == 400
    plain = request_of(college, ask())
    jwe = seal(sealed_request, {"vp_token": {"course": [text_for(college, plain)]}, "state": plain["state"]})
    assert college.post_form(plain, form_of(response=jwe, state=plain["state"])).status_code == 400
    assert answer(college, sealed_request, token).status_code == 200


@pytest.mark.parametrize("document", [
    {}, [], None, 1, "x", {"vp_token": None}, {"vp_token": "x"}, {"vp_token": []}, {"vp_token": {}},
    {"vp_token": {"course": 1}}, {"vp_token": {"course": []}}, {"vp_token": {"course": [1]}},
    {"vp_token": {"course": [None]}}, {"vp_token": {"other": ["x~"]}}, {"error": 1}, {"error": ["x"]}, {"state": 1},
    {"vp_token": {"course": ["x~"]}, "error": "access_denied"}, {"vp_token": {"course": ["a.b.c~"]}},
])
def test_a_malformed_answer_in_an_envelope_gets_a_code_and_changes_nothing(
        college: College, sealed_request: JSONObject, document: Any) -> None:
    jwe = seal(sealed_request, document)
    for form in ({"response": jwe}, {"response": jwe, "state": sealed_request["state"]}):
        refused = college.post_form(sealed_request, form_of(**form))
        assert (refused.status_code, parsed(refused)["error"]) == (400, "invalid_request")
        assert refused.headers["Cache-Control"] == "no-store"
    token = {"course": [text_for(college, sealed_request)]}
    assert answer(college, sealed_request, token).status_code == 200


@pytest.mark.parametrize(("error", "said"), [
    ("access_denied", "access_denied"), ("vp_formats_not_supported", "vp_formats_not_supported"),
    ("wallet_unavailable", "wallet_unavailable"), ("made_up", "made_up"),
])
@pytest.mark.parametrize("mode", MODES)
def test_a_wallet_that_says_no_is_told_as_such_and_ends_the_request(
        college: College, run: Run, ask: Callable[..., JSONObject], mode: str, error: str, said: str) -> None:
    made = ask("--response-mode", mode)
    request = request_of(college, made)
    assert college.post_form(request, form_of(error=error, state=request["state"])).status_code == 200
    told = run("result", made["id"], "--json")
    assert told.exit_code == 1 and json.loads(told.stdout)["refusal"] == said
    assert answer(college, request, {"course": [text_for(college, request)]}).status_code == 400


def test_the_end_of_a_request_and_an_id_that_never_was_are_told_by_the_exit_code(
        college: College, run: Run, ask: Callable[..., JSONObject]) -> None:
    made = ask()
    college.world.clock.advance(minutes=30)
    assert run("result", made["id"], "--wait", "60").exit_code == 1
    assert run("result", "0" * 32).exit_code == 1


@pytest.mark.parametrize("query", [
    {}, [], {"credentials": []}, {"credentials": [{"id": "a", "format": "mso_mdoc", "meta": {}}]},
    {"credentials": [{"id": "a b", "format": "dc+sd-jwt", "meta": {}}]},
    {"credentials": [{"id": "a", "format": "dc+sd-jwt"}]},
    {"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {}, "claims": [{"path": []}]}]},
    {"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {}, "claims": [{"path": ["x"]}, {"path": ["x"]}]}]},
    {"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {}}], "credential_sets": [{"options": [["b"]]}]},
])
def test_a_query_that_cannot_be_asked_is_a_clear_error_at_the_command(
        run: Run, tmp_path: Path, query: Any) -> None:
    file = tmp_path / "query.json"
    file.write_text(json.dumps(query))
    made = run("request", "--query", str(file))
    assert made.exit_code == 2 and "This query cannot be used" in made.output


def test_members_of_a_query_that_nobody_knows_travel_and_mean_nothing(
        college: College, ask: Callable[..., JSONObject]) -> None:
    (entry,) = QUERY["credentials"]
    query = {"credentials": [{**entry, "made_up": {"x": 1}}], "of_tomorrow": [1]}
    made = ask(query=query)
    request = request_of(college, made)
    assert request["dcql_query"] == query
    assert answer(college, request, {"course": [text_for(college, request)]}).status_code == 200


@pytest.mark.parametrize("name", ["vp_token", "error", "response", "state"])
@pytest.mark.parametrize("value", ["", "x", "[]", "null", "1", '""', '{"course":{}}', "%", "\x00", '{"course":"x"}'])
def test_a_member_of_an_answer_of_another_type_is_refused_by_name_and_changes_nothing(
        college: College, ask: Callable[..., JSONObject], name: str, value: str) -> None:
    request = request_of(college, ask())
    form = {"vp_token": json.dumps({"course": ["x~"]}), "state": request["state"], name: value}
    if name == "error":
        form["vp_token"] = "{}"
    refused = college.post_form(request, urlencode(form))
    assert (refused.status_code, parsed(refused)["error"]) == (400, "invalid_request"), refused.text
    assert answer(college, request, {"course": [text_for(college, request)]}).status_code == 200


def test_a_certificate_is_given_at_the_first_start_and_kept_for_its_owner_only(
        run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKPACK_PASSPHRASE", "correct horse")
    certificate, key = certificate_of("office.example")
    paths = {"cert.pem": certificate, "key.pem": key, "other.pem": certificate_of("other.example")[1], "no.pem": b"x"}
    for name, content in paths.items():
        (tmp_path / name).write_bytes(content)

    def init(folder: str, *options: str) -> Result:
        return run("init", "--data", str(tmp_path / folder), "--origin", "https://office.example", *options)

    good = ("--cert", str(tmp_path / "cert.pem"))
    assert init("a", *good).exit_code == 2
    for wrong in ("other.pem", "no.pem"):
        assert init("b", *good, "--key", str(tmp_path / wrong)).exit_code == 2
        assert not (tmp_path / "b" / "certificate.pem").exists()
    assert init("c", *good, "--key", str(tmp_path / "key.pem")).exit_code == 0
    assert (tmp_path / "c" / "certificate.key").stat().st_mode & 0o077 == 0
    (tmp_path / "query.json").write_text(json.dumps(QUERY))
    made = run("request", "--data", str(tmp_path / "c"), "--query", str(tmp_path / "query.json"), "--prefix",
               "x509_san_dns", "--json")
    assert json.loads(made.stdout)["client_id"] == "x509_san_dns:office.example"
