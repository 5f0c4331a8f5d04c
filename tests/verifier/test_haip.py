"""The profile haip at the verifier: what it demands is on, what it forbids is off."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from credkit.errors import ConfigError, StateError
from credkit.formats.sd_jwt_vc import bind_key, choose, issue_sd_jwt_vc, parse_sd_jwt
from credkit.jose import peek_header
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from tests.support.certificates import leaf
from tests.support.certified import anchor, certificate_of, certified
from tests.support.world import NOW, OsRandomness
from tests.verifier.conftest import ORIGIN, PASSWORD, College, form_of, make_college
from tests.verifier.test_asking import object_of, request_of, seal
from ui.passwords import hash_password
from verifier.bootstrap import build_services, initialise_verifier
from verifier.cli import main
from verifier.cli.group import Ports
from verifier.config import from_environ
from verifier.services.naming import Manner
from verifier.services.questions import open_question
from verifier.web import create_app

CARD = {"id": "card", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:any:card"]}, "claims": [{"path": ["name"]}]}
QUERY: JSONObject = {"credentials": [CARD]}


@pytest.fixture
def college(tmp_path: Path) -> College:
    found = make_college(tmp_path)
    (tmp_path / "anchors.pem").write_bytes(anchor().pem)
    config = replace(found.services.config, data=tmp_path / "haip", anchors_file=str(tmp_path / "anchors.pem"),
                     database_url=f"sqlite:///{tmp_path / 'haip.sqlite3'}")
    initialise_verifier(config, origin=ORIGIN, wallets=(), password_hash=hash_password(PASSWORD, b"sixteen bytes ok"),
                        profile="haip", certificate=certificate_of("college.example"))
    found.services = build_services(config, clock=found.world.clock, fetcher=found.world.web)
    found.app = create_app(found.services)
    found.world.web.serve(ORIGIN, found.app)
    return found


def run(college: College, *arguments: str) -> Result:
    data = str(college.services.config.data)
    environment = {"BACKPACK_DATABASE": college.services.config.database_url, "LANG": "C.UTF-8"}
    return CliRunner().invoke(main, [*arguments, "--data", data], env=environment,
                              obj=Ports(college.world.clock, college.world.web))


def token_for(college: College, request: JSONObject, *, with_chain: bool = True, holder_type: str = "P-256",
              vct: str = "urn:any:card", **said: str) -> str:
    holder, certificate = SoftwareSigner.generate(holder_type), certified("records.example")
    own = said or {"name": "Ana"}
    claims = {"iss": "https://records.example", "vct": vct, "cnf": {"jwk": holder.public_key.to_jwk()}, **own}
    header: JSONObject = {"x5c": [certificate.x5c]} if with_chain else {"kid": college.school.p256.verification_method}
    names = [(name,) for name in own]
    whole = issue_sd_jwt_vc(claims, certificate.signer, selective=names, randomness=OsRandomness(), header=header)
    return str(bind_key(choose(parse_sd_jwt(whole), names), holder, nonce=request["nonce"],
                        audience=request["client_id"], now=college.world.clock.now()))


@pytest.mark.spec("HAIP-1.0", "#section-5")
def test_what_the_profile_demands_is_on_without_being_asked_for(college: College, tmp_path: Path) -> None:
    file = tmp_path / "query.json"
    file.write_text(json.dumps(QUERY))
    made: JSONObject = json.loads(run(college, "request", "--query", str(file), "--json").stdout)
    assert made["request"].startswith("haip-vp://?client_id=x509_hash%3A")
    made["request"] = made["request"].replace("haip-vp", "openid4vp", 1)
    header = peek_header(object_of(college, made))
    assert header["alg"] == "ES256" and header["x5c"] == [certified("college.example").x5c]
    request = request_of(college, made)
    assert request["response_mode"] == "direct_post.jwt"
    metadata = request["client_metadata"]
    assert metadata["encrypted_response_enc_values_supported"] == ["A128GCM", "A256GCM"]
    assert metadata["vp_formats_supported"] == {"dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"],
                                                             "kb-jwt_alg_values": ["ES256"]}}

    def post(**options: Any) -> int:
        token = {"card": [token_for(college, request, **options)]}
        sealed = seal(request, {"vp_token": token, "state": request["state"]}, enc="A256GCM")
        return int(college.post_form(request, form_of(response=sealed)).status_code)

    assert post(with_chain=False) == post(holder_type="Ed25519") == 400
    bare = {"card": token_for(college, request)}
    sealed = seal(request, {"vp_token": bare, "state": request["state"]})
    assert college.post_form(request, form_of(response=sealed)).status_code == 400
    assert post() == 200
    told = run(college, "result", made["id"], "--json")
    assert told.exit_code == 0 and json.loads(told.stdout)["verified"] is True, told.stdout


@pytest.mark.parametrize(("manner", "form"), [
    (Manner("x509_hash", response_mode="direct_post"), "dc+sd-jwt"),
    (Manner("x509_san_dns", response_mode="direct_post.jwt"), "dc+sd-jwt"),
    (Manner("redirect_uri", response_mode="direct_post.jwt"), "dc+sd-jwt"),
    (Manner("decentralized_identifier", response_mode="direct_post.jwt"), "dc+sd-jwt"),
    (Manner("x509_hash", response_mode="direct_post.jwt"), "ldp_vc"),
    (Manner("x509_hash", response_mode="direct_post.jwt"), "jwt_vc_json"),
])
def test_what_the_profile_forbids_is_not_asked(college: College, manner: Manner, form: str) -> None:
    question = open_question("", today=college.world.clock.now().date())
    with pytest.raises(StateError):
        college.services.requests.ask(question, query={"credentials": [{**CARD, "format": form, "meta": {}}]},
                                      manner=manner)


def test_a_verifier_of_the_profile_needs_a_certificate_that_somebody_else_signed(tmp_path: Path) -> None:
    alone = leaf(NOW, None, ["college.example"])
    for certificate in (None, (alone.pem, alone.key_pem)):
        with pytest.raises(ConfigError):
            initialise_verifier(from_environ({}, data=tmp_path / "v"), origin=ORIGIN, wallets=(), password_hash="hash",
                                profile="haip", certificate=certificate)
    with pytest.raises(ConfigError):
        initialise_verifier(from_environ({}, data=tmp_path / "v"), origin=ORIGIN, wallets=(), password_hash="hash",
                            profile="unknown")


def test_the_page_asks_for_what_the_profile_allows_and_says_what_it_is(college: College) -> None:
    client = college.signed_in()
    page = client.get("/ask").text
    assert "profile HAIP" in page and "backpack-verifier request --query FILE" in page
    assert "Put the schools whose records you ask for on your list first." in page
    assert all(f'value="{kind}"' in page for kind in ("courses", "badge", "enrolment"))
    assert 'value="transcript"' not in page and "Ask the former school" not in page
    form = {"asks": "courses", "purpose": "To admit you.", "until": "2026-07-01", "with_name": "yes"}
    assert college.post(client, "/ask/send", form, page="/ask").status_code == 409, "nobody is on the list yet"
    assert college.post(client, "/ask/send", {**form, "asks": "transcript"}, page="/ask").status_code == 409
    assert client.get("/ask/school").status_code == 409

    college.services.trust.add("did:web:records.example", "Records office")
    college.services.trust.add("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "Nobody on the web")
    assert "on your list first" not in client.get("/ask").text
    sent = college.post(client, "/ask/send", form, page="/ask")
    assert sent.status_code == 303, sent.text
    asked = college.services.requests.find(sent.headers["Location"].rsplit("/", 1)[1])
    assert asked.query == {"credentials": [{
        "id": "courses", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://records.example/vct/course"]},
        "multiple": True, "claims": [{"path": [name]} for name in ("title", "grade", "student_name")]}]}
    made = {"request": asked.links.deep.replace("haip-vp", "openid4vp", 1)}
    request = request_of(college, made)
    record = token_for(college, request, vct="https://records.example/vct/course", title="Algebra I", grade="A",
                       student_name="Ana")
    sealed = seal(request, {"vp_token": {"courses": [record]}, "state": request["state"]})
    assert college.post_form(request, form_of(response=sealed)).status_code == 200
    shown = client.get(client.get(sent.headers["Location"]).headers["Location"]).text
    assert "Algebra I" in shown and "Ana" in shown
