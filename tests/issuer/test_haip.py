"""The profile haip at the issuer: what it demands is on, what it forbids is refused with its exact error."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from credkit.errors import ConfigError, StateError
from credkit.formats.sd_jwt_vc import parse_sd_jwt, peek_sd_jwt_vc, verify_sd_jwt_vc
from credkit.jose import peek_header, sign_compact, verify_compact
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols.oid4vci import v1_0
from credkit.status.token_status_list import verify_status_list
from credkit.verification import Policy, verify_credential
from credkit.x509 import Anchors
from issuer.bootstrap import build_services, initialise_issuer
from issuer.cli import Ports, main
from issuer.config import Config, from_environ
from issuer.services.profiles import HAIP
from issuer.web import create_app
from tests.issuer.conftest import ORIGIN, PASSWORD, WALLETS, School
from tests.issuer.test_attestation import INSTANCE, headers_of
from tests.issuer.test_authorizing import Wallet, answered, error_of
from tests.support.certificates import Issued, authority, leaf
from tests.support.certified import anchor, certificate_of, certified
from tests.support.world import NOW, World
from ui.passwords import hash_password

PROVIDER = "wallets.example"
BADGE, COURSE = "badge-sd-jwt", "course-sd-jwt"
NUMBER = "7001"
CLAIMS: JSONObject = {
    "identifier": [
        {"type": "IdentityObject", "hashed": False, "identityHash": "Ada Lopez", "identityType": "name"},
        {"type": "IdentityObject", "hashed": False, "identityHash": NUMBER, "identityType": "sourcedId"}],
    "achievement": {"name": "Robotics Club", "description": "Builds robots.", "criteria": {"narrative": "Came often."}},
}
HOLDER = SoftwareSigner.generate("P-256")


def settings(folder: Path) -> Config:
    (folder / "attesters.pem").write_bytes(anchor().pem)
    return from_environ({"BACKPACK_ATTESTERS": str(folder / "attesters.pem")}, data=folder / "data")


def found(folder: Path, **options: Any) -> Config:
    config = settings(folder)
    chosen = {"profile": "haip", "certificate": certificate_of("school.example"), **options}
    initialise_issuer(config, origin=ORIGIN, wallets=WALLETS, clock=World().clock,
                      password_hash=hash_password(PASSWORD, b"sixteen bytes ok"), **chosen)
    return config


def opened(config: Config) -> School:
    world = World()
    services = build_services(config, clock=world.clock, fetcher=world.web)
    app = create_app(services)
    world.web.serve(ORIGIN, app)
    return School(world, config, services, app)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an office of the profile, whose one student has two badges and a course; made once."""
    folder = tmp_path_factory.mktemp("haip")
    made = opened(found(folder))
    for kind, name in (("badge", "Robotics Club"), ("badge", "Chess Club"), ("course", "Algebra I")):
        achievement = {**CLAIMS["achievement"], "name": name}
        result = {"result": [{"type": ["Result"], "status": "Completed"}]} if kind == "course" else {}
        made.services.claims.record(kind, {**CLAIMS, **result, "achievement": achievement}, "operator")
    return folder / "data"


@pytest.fixture
def school(filled: Path, tmp_path: Path) -> School:
    """That office, a copy for each test."""
    shutil.copytree(filled, tmp_path / "data")
    return opened(settings(tmp_path))


@pytest.fixture
def wallet(school: School) -> Wallet:
    return Wallet(school, SoftwareSigner.generate("P-256"))


def attested(school: School, issued: Issued | None = None, **more: Any) -> dict[str, str]:
    """The headers of a wallet for which somebody vouches by a certificate; as the profile wants it by default."""
    issued = issued or certified(PROVIDER)
    return headers_of(school, signer=issued.signer, **{"header": {"x5c": [issued.x5c]}, **more})


def offered(school: School, configuration: str | None = BADGE) -> tuple[Any, str]:
    student = school.services.students.find(NUMBER).id
    offers = school.services.offers
    made = offers.offer_student(student, "operator", tx_code=False) if configuration is None else offers.offer_form(
        student, configuration, "operator", tx_code=False)
    grant = school.read(made).authorization_code
    assert grant is not None and grant.issuer_state is not None
    return made, grant.issuer_state


def sent(wallet: Wallet, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> Any:
    """A request with an attestation and the proof of the wallet's key, made anew with the nonce that was given."""
    for _ in range(2):
        answer = wallet.client.post(path, data=form, headers={
            **wallet.proof(path), **(attested(wallet.school) if headers is None else headers)})
        wallet.nonce = answer.headers["DPoP-Nonce"]
        if answer.status_code != 400 or answer.json["error"] != "use_dpop_nonce":
            break
    return answer


def code_of(wallet: Wallet, state: str, scope: str = BADGE) -> str:
    pushed = sent(wallet, "/par", wallet.request(issuer_state=state, scope=scope))
    assert pushed.status_code == 201, pushed.text
    return answered(wallet.authorize(client_id="wallet", request_uri=pushed.json["request_uri"]))["code"]


def redeemed(wallet: Wallet, code: str, headers: dict[str, str] | None = None) -> Any:
    return sent(wallet, "/token", {
        "grant_type": "authorization_code", "code": code, "client_id": "wallet",
        "redirect_uri": "https://wallet.example/callback",
        "code_verifier": "a-verifier-of-forty-three-characters-or-more"}, headers)


def token_of(wallet: Wallet, configuration: str = BADGE) -> Any:
    answer = redeemed(wallet, code_of(wallet, offered(wallet.school, configuration)[1], configuration))
    assert answer.status_code == 200, answer.text
    return answer.json


def asked(wallet: Wallet, token: str, body: JSONObject, scheme: str = "DPoP") -> Any:
    proof = wallet.proof("/credential", token=token) if scheme == "DPoP" else {}
    return wallet.client.post("/credential", json=body, headers={"Authorization": f"{scheme} {token}", **proof})


def proof_of(wallet: Wallet, key: SoftwareSigner = HOLDER, header: JSONObject | None = None) -> str:
    claims = {"aud": ORIGIN, "iat": int(wallet.school.world.clock.now().timestamp()),
              "nonce": wallet.school.family.nonce(), "iss": "wallet"}
    return sign_compact(claims, key, typ=v1_0.PROOF_TYPE, header=header or {"jwk": key.public_key.to_jwk()})


@pytest.mark.spec("HAIP-1.0", "#section-4.1")
def test_the_metadata_say_what_the_profile_demands_and_nothing_that_it_forbids(school: School) -> None:
    client = school.family.client
    issuer: Any = client.get("/.well-known/openid-credential-issuer").json
    server: Any = client.get("/.well-known/oauth-authorization-server").json

    assert issuer["nonce_endpoint"] and "batch_credential_issuance" not in issuer and "token_endpoint" not in issuer
    assert issuer["credential_configurations_supported"].keys() == {BADGE, COURSE}
    for name, described in issuer["credential_configurations_supported"].items():
        assert (described["format"], described["scope"]) == ("dc+sd-jwt", name)
        assert described["credential_signing_alg_values_supported"] == ["ES256"]
        assert described["cryptographic_binding_methods_supported"] == ["jwk"]
        assert described["proof_types_supported"] == dict.fromkeys(
            ("jwt", "attestation"), {"proof_signing_alg_values_supported": ["ES256"]})
    assert server["require_pushed_authorization_requests"] is True
    assert server["grant_types_supported"] == ["authorization_code"]
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["authorization_response_iss_parameter_supported"] is True
    assert server["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth"]
    assert server["client_attestation_signing_alg_values_supported"] == ["ES256"]
    assert server["scopes_supported"] == [BADGE, COURSE] and "ES256" in server["dpop_signing_alg_values_supported"]
    assert server["pre-authorized_grant_anonymous_access_supported"] is False
    assert "authorization_details_types_supported" not in server

    signed = client.get("/.well-known/openid-credential-issuer", headers={"Accept": "application/jwt"}).text
    assert peek_header(signed)["x5c"] == [certified("school.example").x5c], "without the anchor"
    claims = verify_compact(signed, certified("school.example").signer.public_key, typ="openidvci-issuer-metadata+jwt")
    assert claims["sub"] == ORIGIN and claims["nonce_endpoint"] == issuer["nonce_endpoint"]


@pytest.mark.spec("HAIP-1.0", "#section-6.1")
def test_a_record_comes_by_the_whole_flow_with_its_signer_s_certificate(school: School, wallet: Wallet) -> None:
    made, state = offered(school)
    assert made.links.deep.startswith("haip-vci://?credential_offer_uri=")
    assert school.services.offers.by_value(made).startswith("haip-vci://?credential_offer=")
    token = redeemed(wallet, code_of(wallet, state))
    assert token.status_code == 200 and token.json["token_type"] == "DPoP"
    (detail,) = token.json["authorization_details"]
    assert detail["credential_configuration_id"] == BADGE and len(detail["credential_identifiers"]) == 2
    assert "c_nonce" not in token.json

    answer = asked(wallet, token.json["access_token"], {
        "credential_identifier": detail["credential_identifiers"][0], "proofs": {"jwt": [proof_of(wallet)]}})
    assert answer.status_code == 200, answer.text
    ((text,),) = [each.values() for each in answer.json["credentials"]]
    record = parse_sd_jwt(text)
    header, claims = peek_header(record.jwt), peek_sd_jwt_vc(record)
    assert (header["typ"], header["alg"]) == ("dc+sd-jwt", "ES256")
    assert header["x5c"] == [certified("school.example").x5c] and "kid" not in header
    assert claims["cnf"] == {"jwk": HOLDER.public_key.to_jwk()}
    assert verify_sd_jwt_vc(record, certified("school.example").signer.public_key).claims["title"] == "Robotics Club"
    place = claims["status"]["status_list"]["uri"]
    listed = school.family.client.get(place.removeprefix(ORIGIN)).text
    assert peek_header(listed)["x5c"] == [certified("school.example").x5c]
    assert verify_status_list(listed, certified("school.example").signer.public_key, url=place)
    anchors = Anchors(lambda: [anchor().der])
    report = verify_credential(text, Policy(), replace(school.world.environment(), anchors=anchors))
    assert {each.id for each in report.checks if each.outcome == "passed"} >= {"proof", "status", "issuer-binding"}


def test_a_key_named_by_a_did_is_bound_as_a_bare_key(wallet: Wallet) -> None:
    token = token_of(wallet)["access_token"]
    made = proof_of(wallet, HOLDER, {"kid": HOLDER.verification_method})
    answer = asked(wallet, token, {"credential_configuration_id": BADGE, "proofs": {"jwt": [made]}})
    record = parse_sd_jwt(answer.json["credentials"][0]["credential"])
    assert peek_sd_jwt_vc(record)["cnf"] == {"jwk": HOLDER.public_key.to_jwk()}


def test_a_whole_set_is_offered_in_the_one_form_and_given_out_one_after_the_other(
        school: School, wallet: Wallet) -> None:
    made, state = offered(school, None)
    assert {item.kind for item in made.claim.items} == {BADGE, COURSE} and len(made.claim.items) == 3
    token = redeemed(wallet, code_of(wallet, state, f"{BADGE} {COURSE}")).json["access_token"]
    titles = []
    for name, key in ((BADGE, "P-256"), (BADGE, "P-256"), (COURSE, "P-256")):
        holder = SoftwareSigner.generate(key)
        answer = asked(wallet, token, {"credential_configuration_id": name,
                                       "proofs": {"jwt": [proof_of(wallet, holder)]}})
        assert answer.status_code == 200, answer.text
        record = parse_sd_jwt(answer.json["credentials"][0]["credential"])
        titles.append(verify_sd_jwt_vc(record, certified("school.example").signer.public_key).claims["title"])
    assert sorted(titles) == ["Algebra I", "Chess Club", "Robotics Club"]


@pytest.mark.spec("HAIP-1.0", "#section-4.4.1")
def test_a_wallet_is_let_in_only_as_the_profile_wants_it(school: School, wallet: Wallet) -> None:
    _made, state = offered(school)
    form, code = wallet.request(issuer_state=state, scope=BADGE), code_of(wallet, state)
    alone, other = leaf(NOW, None, [PROVIDER]), leaf(NOW, authority(NOW, "Another"), [PROVIDER])
    vouching, ed25519 = certified(PROVIDER), SoftwareSigner.generate("Ed25519")
    bad: tuple[dict[str, str], ...] = (
        {}, attested(school, alone), attested(school, other), attested(school, anchor()),
        attested(school, header={"x5c": [vouching.x5c, anchor().x5c]}), attested(school, header={"kid": "a"}),
        attested(school, header={}), attested(school, client_id="another"), attested(school, aud="https://evil.example"),
        attested(school, instance=SoftwareSigner.generate("P-256")), attested(school, instance=ed25519),
        attested(school, iat=None, iss="wallet", exp=int((NOW + timedelta(minutes=1)).timestamp())),
    )
    for headers in bad:
        assert error_of(sent(wallet, "/par", form, headers)) == (401, "invalid_client"), headers
        assert error_of(redeemed(wallet, code, headers)) == (401, "invalid_client"), headers
    assert redeemed(wallet, code).status_code == 200, "nothing was spent"


def test_a_request_must_be_pushed_and_say_by_scope_what_it_wants(school: School, wallet: Wallet) -> None:
    unpushed = wallet.authorize(**wallet.request(scope=BADGE))
    assert unpushed.status_code == 400 and "Location" not in unpushed.headers and "invalid_request" in unpushed.text
    details = json.dumps([{"type": "openid_credential", "credential_configuration_id": BADGE}])
    for changes, error in (
            ({"authorization_details": details, "scope": None}, "invalid_authorization_details"),
            ({"scope": "course"}, "invalid_scope"), ({"scope": "transcript"}, "invalid_scope"),
            ({"code_challenge": None}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request")):
        assert error_of(sent(wallet, "/par", wallet.request(**{"scope": BADGE, **changes}))) == (400, error), changes


def test_a_token_is_given_for_no_other_code_and_to_nobody_without_a_key(school: School, wallet: Wallet) -> None:
    _made, state = offered(school)
    code = code_of(wallet, state)
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code", "pre-authorized_code": state}
    assert error_of(sent(wallet, "/token", grant)) == (400, "unsupported_grant_type")
    keyless = Wallet(school)
    uri = keyless.post("/par", keyless.request(issuer_state=state, scope=BADGE), attested(school)).json["request_uri"]
    unbound = answered(keyless.authorize(client_id="wallet", request_uri=uri))["code"]
    for each in (unbound, code):
        assert error_of(keyless.redeem(each, attested(school))) == (400, "invalid_dpop_proof")
    token = redeemed(wallet, code).json["access_token"]
    assert error_of(asked(wallet, token, {}, "Bearer")) == (401, "invalid_token")


def test_a_code_lives_a_minute(school: School, wallet: Wallet) -> None:
    code = code_of(wallet, offered(school)[1])
    school.world.clock.advance(seconds=60)
    wallet.nonce = ""
    assert error_of(redeemed(wallet, code)) == (400, "invalid_grant")


@pytest.mark.parametrize(("make", "error"), [
    (lambda wallet: {"credential_configuration_id": "badge", "proofs": {"jwt": [proof_of(wallet)]}},
     "unknown_credential_configuration"),
    (lambda wallet: {"credential_configuration_id": BADGE, "proofs": {
        "jwt": [proof_of(wallet, SoftwareSigner.generate("Ed25519"))]}}, "invalid_proof"),
    (lambda wallet: {"credential_configuration_id": BADGE, "proofs": {
        "jwt": [proof_of(wallet), proof_of(wallet, SoftwareSigner.generate("P-256"))]}}, "invalid_proof"),
    (lambda wallet: {"credential_configuration_id": BADGE}, "invalid_proof"),
    (lambda wallet: {"format": "dc+sd-jwt", "vct": f"{ORIGIN}/vct/badge", "proof": {
        "proof_type": "jwt", "jwt": proof_of(wallet)}}, "invalid_credential_request"),
])
def test_what_the_profile_forbids_at_the_credential_endpoint_gets_its_error(
        wallet: Wallet, make: Callable[[Wallet], JSONObject], error: str) -> None:
    token = token_of(wallet)["access_token"]
    answer = asked(wallet, token, make(wallet))
    assert error_of(answer) == (400, error) and "c_nonce" not in answer.json
    good = {"credential_configuration_id": BADGE, "proofs": {"jwt": [proof_of(wallet)]}}
    assert asked(wallet, token, good).status_code == 200, "nothing was spent"


def test_keys_are_attested_where_that_is_demanded(school: School, tmp_path: Path) -> None:
    config = replace(school.config, key_attestation_required=True)
    services = build_services(config, clock=school.world.clock, fetcher=school.world.web)
    demanding = School(school.world, config, services, create_app(services))
    wallet = Wallet(demanding, SoftwareSigner.generate("P-256"))
    told: Any = wallet.client.get("/.well-known/openid-credential-issuer").json
    for each in told["credential_configurations_supported"][BADGE]["proof_types_supported"].values():
        assert each["key_attestations_required"] == {}
    token = token_of(wallet)["access_token"]

    def vouched(issued: Issued, chain: list[str] | None = None, **changes: Any) -> str:
        now = int(school.world.clock.now().timestamp())
        claims = {"iat": now, "exp": now + 300, "attested_keys": [HOLDER.public_key.to_jwk()], **changes}
        return sign_compact(claims, issued.signer, typ="key-attestation+jwt", header={"x5c": chain or [issued.x5c]})

    def answer(attestation: str | None) -> Any:
        header = {"jwk": HOLDER.public_key.to_jwk()} | ({} if attestation is None else {"key_attestation": attestation})
        return asked(wallet, token, {"credential_configuration_id": BADGE, "proofs": {
            "jwt": [proof_of(wallet, HOLDER, header)]}})

    vouching = certified(PROVIDER)
    for bad in (None, vouched(leaf(NOW, None, [PROVIDER])), vouched(vouching, [vouching.x5c, anchor().x5c]),
                vouched(anchor()), vouched(leaf(NOW, authority(NOW, "Another"), [PROVIDER])),
                vouched(vouching, attested_keys=[INSTANCE.public_key.to_jwk()])):
        assert error_of(answer(bad)) == (400, "invalid_proof"), bad
    assert answer(vouched(vouching)).status_code == 200


def test_what_the_profile_forbids_is_not_offered(school: School) -> None:
    offers, student = school.services.offers, school.services.students.find(NUMBER).id
    for act in (
            lambda: offers.offer_student(student, "operator", grant="pre-authorized"),
            lambda: offers.offer_form(student, BADGE, "operator", grant="pre-authorized"),
            lambda: offers.offer_form(student, "badge", "operator"),
            lambda: offers.offer_form(student, "course-jwt", "operator"),
            lambda: school.services.transfers.read("openid4vp://?client_id=x", student, "operator")):
        with pytest.raises(StateError, match="profile"):
            act()
    interaction: Any = school.family.client.get(
        school.services.exchanging.interaction_url(offered(school)[0]).removeprefix(ORIGIN),
        headers={"Accept": "application/json"}).json
    assert interaction["protocols"].keys() == {"OID4VCI", "oid4vci-1.0"}, "no exchange"


def test_the_office_and_the_command_say_which_profile_is_kept(tmp_path: Path, school: School) -> None:
    assert "HAIP 1.0" in school.signed_in().get("/keys").text
    files = {"--cert": certificate_of("school.example")[0], "--key": certificate_of("school.example")[1]}
    arguments = ["init", "--origin", ORIGIN, "--profile", "haip", "--json", "--data", str(tmp_path / "other")]
    for option, content in files.items():
        (tmp_path / option).write_bytes(content)
        arguments += [option, str(tmp_path / option)]
    environment = {"BACKPACK_ATTESTERS": str(school.config.attesters), "BACKPACK_PASSPHRASE": PASSWORD}
    made = CliRunner().invoke(main, arguments, env=environment)
    assert made.exit_code == 0 and json.loads(made.stdout)["profile"] == "haip", made.output
    told = CliRunner().invoke(main, ["offer", "--student", NUMBER, "--json", "--data", str(school.config.data)],
                              env=environment, obj=Ports(school.world.clock, school.world.web))
    assert json.loads(told.stdout)["offer"].startswith("haip-vci://"), told.output
    refused = CliRunner().invoke(main, ["init", "--origin", ORIGIN, "--data", str(tmp_path / "third"),
                                        "--cert", str(tmp_path / "--cert"), "--key", str(tmp_path / "--key")])
    assert refused.exit_code == 2


@pytest.mark.parametrize("options", [
    {"certificate": None}, {"certificate": certificate_of("other.example")}, {"profile": "unknown"},
    {"certificate": (leaf(NOW, None, ["school.example"]).pem, certified("school.example").key_pem)}])
def test_an_office_of_the_profile_needs_a_certificate_for_its_host(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        found(tmp_path, **options)


def test_an_office_of_the_profile_needs_certificates_of_those_who_vouch(tmp_path: Path) -> None:
    config = found(tmp_path)
    assert HAIP.settle(config).attestation_required and HAIP.settle(config).strict
    with pytest.raises(ConfigError):
        build_services(replace(config, attesters=None))
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [INSTANCE.public_key.to_jwk()]}))
    with pytest.raises(ConfigError):
        build_services(replace(config, attesters=keys))
    with pytest.raises(ConfigError):
        initialise_issuer(from_environ({}, data=tmp_path / "x"), origin=ORIGIN, password_hash="h", profile="haip",
                          certificate=certificate_of("school.example"))
