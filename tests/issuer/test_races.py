"""Sixty-four at once, each with a connection of its own: of one code, nonce, request or guess, exactly one is taken."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from credkit.encoding import base64url_encode, sha256
from credkit.errors import CredkitError, ProtocolError, StateError
from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner
from credkit.proofs import add_proof
from credkit.protocols.exchanges import ExchangeMessage
from credkit.protocols.ob_api_v3p0 import PROFILE_READ
from credkit.protocols.oid4vci.messages import (
    AuthorizationClient,
    AuthorizationRequest,
    CodeTokenRequest,
    TokenRequest,
)
from credkit.protocols.registered_clients import OFFLINE_ACCESS, CodeRedemption, RefreshRedemption
from demo.export import STUDENT_NUMBER
from issuer.bootstrap import Services, build_services, initialise_issuer
from issuer.config import from_environ
from issuer.services.app_access import Answer
from issuer.services.offers import MadeOffer
from issuer.store import App
from tests.issuer.badge_apps import CALLBACK as READER
from tests.issuer.badge_apps import REGISTRATION
from tests.issuer.conftest import ORIGIN
from tests.support.races import PLAYERS, ROUNDS
from tests.support.world import World
from ui.passwords import hash_password

Act = Callable[[Services], Any]
VERIFIER: Final = "v" * 43
CALLBACK: Final = "https://wallet.example/callback"


@dataclass
class Crowd:
    """Sixty-four workers of one office."""

    workers: tuple[Services, ...]
    pool: ThreadPoolExecutor
    world: World

    @property
    def office(self) -> Services:
        return self.workers[0]

    def offer(self, **options: Any) -> MadeOffer:
        student = self.office.students.find(STUDENT_NUMBER).id
        return self.office.offers.offer_student(student, "operator", again=True, **options)

    def rush(self, act: Act) -> list[Any]:
        """What each of them gets of the same act, at once: a result, or the code of a refusal."""
        start = threading.Barrier(PLAYERS)

        def run(services: Services) -> Any:
            start.wait(60)
            try:
                return act(services)
            except ProtocolError as error:
                return error
            except StateError as error:
                return error

        return [*self.pool.map(run, self.workers)]


@pytest.fixture(scope="module")
def crowd(new_database: Callable[[Path], str], export: bytes,
          tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    folder = tmp_path_factory.mktemp("races")
    world = World()
    config = replace(from_environ({}, data=folder), database_url=new_database(folder))
    initialise_issuer(config, origin=ORIGIN, password_hash=hash_password("correct horse battery", b"sixteen bytes ok"),
                      clock=world.clock)
    workers = tuple(build_services(config, clock=world.clock, fetcher=world.web) for _ in range(PLAYERS))
    reading = workers[0].imports.receive(export, "export.zip", "operator")
    workers[0].imports.confirm(reading.id, "operator")
    with ThreadPoolExecutor(PLAYERS) as pool:
        yield Crowd(workers, pool, world)


def taken(results: list[Any]) -> list[Any]:
    """What is no refusal."""
    return [each for each in results if not isinstance(each, CredkitError)]


def secret_of(crowd: Crowd, made: MadeOffer) -> tuple[str | None, str | None]:
    """The pre-authorized code and the issuer_state of an offer."""
    grants = crowd.office.offers.read(made.offer_url.rpartition("/")[2])["grants"]
    code = grants.get("urn:ietf:params:oauth:grant-type:pre-authorized_code", {}).get("pre-authorized_code")
    return code, grants.get("authorization_code", {}).get("issuer_state")


def request_for(state: str | None) -> AuthorizationRequest:
    challenge = base64url_encode(sha256(VERIFIER.encode()))
    return AuthorizationRequest(AuthorizationClient("wallet", CALLBACK), challenge, ("transcript",), (), state)


def code_of(redirect: str | None) -> str:
    assert redirect is not None and "code=" in redirect, redirect
    return redirect.partition("code=")[2].partition("&")[0]


def redeeming(request: TokenRequest | CodeTokenRequest) -> Act:
    return lambda services: services.tokens.redeem(request, "192.0.2.7")


def redeeming_own(requests: Mapping[int, TokenRequest | CodeTokenRequest]) -> Act:
    return lambda services: services.tokens.redeem(requests[id(services)], "192.0.2.7")


def opening(request_uri: str) -> Act:
    return lambda services: services.authorizing.begin_pushed("wallet", request_uri)


def beginning(state: str | None) -> Act:
    return lambda services: services.authorizing.begin(request_for(state))


def answering(page: str, tx_code: str) -> Act:
    return lambda services: services.authorizing.answer(page, "", tx_code, "192.0.2.7")


def using(nonce: str) -> Act:
    return lambda services: services.tokens.use_nonce(nonce)


def checking(proof: str) -> Act:
    return lambda services: services.dpop.check(proof, method="POST", path="/token")


@pytest.mark.parametrize("tx_code", [False, True])
def test_a_pre_authorized_code_gives_one_token(crowd: Crowd, tx_code: bool) -> None:
    for _ in range(ROUNDS):
        made = crowd.offer(tx_code=tx_code)
        request = TokenRequest(secret_of(crowd, made)[0] or "", made.tx_code or None)
        results = crowd.rush(redeeming(request))

        assert len(taken(results)) == 1
        assert {each.error for each in results if isinstance(each, ProtocolError)} == {"invalid_grant"}


def let_in(crowd: Crowd, app: App) -> str:
    """The code of a learner's yes to an app."""
    office, scopes = crowd.office, (PROFILE_READ, OFFLINE_ACCESS)
    made = office.passes.make(office.students.find(STUDENT_NUMBER).id, "operator")
    page = office.app_access.begin(urlencode({
        "response_type": "code", "client_id": app.id, "redirect_uri": READER, "state": "s", "scope": " ".join(scopes),
        "code_challenge": base64url_encode(sha256(VERIFIER.encode())), "code_challenge_method": "S256"}).encode()).page
    assert page is not None
    return code_of(office.app_access.answer(page, Answer(made.login, made.code, scopes, sensitive=False), "192.0.2.7"))


def test_a_code_and_a_refresh_token_of_an_app_are_good_once(crowd: Crowd) -> None:
    told = crowd.office.apps.register(json.dumps(REGISTRATION).encode(), "192.0.2.7")
    app = crowd.office.apps.authenticated(told["client_id"], told["client_secret"])
    for _ in range(ROUNDS):
        redemption = CodeRedemption(let_in(crowd, app), READER, VERIFIER, None)
        assert len(taken(crowd.rush(lambda services: services.app_access.redeem(app, redemption)))) == 1  # noqa: B023
        first = crowd.office.app_access.redeem(app, replace(redemption, code=let_in(crowd, app)))
        again = RefreshRedemption(first["refresh_token"], None)
        results = crowd.rush(lambda services: services.app_access.redeem(app, again))  # noqa: B023

        assert len(taken(results)) == 1
        assert {each.error for each in results if isinstance(each, ProtocolError)} == {"invalid_grant"}


def test_an_exchange_gives_its_records_once(crowd: Crowd) -> None:
    signer = SoftwareSigner.generate("Ed25519")
    for _ in range(ROUNDS):
        made = crowd.offer(tx_code=False)
        secret, office = made.offer_url.rpartition("/")[2], crowd.office.office
        asked = crowd.office.exchanging.answer(secret, ExchangeMessage()).request
        assert asked is not None
        presentation = add_proof(
            {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"]},
            suite="eddsa-rdfc-2022", signer=signer, processor=office.processor, created=crowd.world.clock.now(),
            purpose="authentication", challenge=asked.challenge, domain=asked.domain)
        results = crowd.rush(lambda services: services.exchanging.answer(  # noqa: B023
            secret, ExchangeMessage(presentation=presentation)))  # noqa: B023

        assert len(taken(results)) == 1
        assert crowd.office.offers.show(made.offer.id).claim.state == "collected"


def test_students_do_not_stand_in_each_others_way(crowd: Crowd) -> None:
    students = [line.person.id for line in crowd.office.students.all() if line.progress.total]
    for _ in range(ROUNDS):
        crowd.world.clock.advance(hours=25)  # the counts of the office begin anew
        made = [crowd.office.offers.offer_student(each, "operator", again=True) for each in students]
        first, *others = [TokenRequest(secret_of(crowd, each)[0] or "", each.tx_code) for each in made]
        guess = TokenRequest(first.pre_authorized_code, "000000x")
        requests = itertools.cycle((guess, *others))
        results = crowd.rush(redeeming_own({id(services): next(requests) for services in crowd.workers}))

        assert len(taken(results)) == len(others) > 1
        assert wrong_codes(crowd) == min(crowd.office.office.config.lifetimes.tx_code_tries, -(-PLAYERS // len(made)))
        assert crowd.office.students.first_broken_log_entry() is None


def test_a_pushed_request_leads_on_once(crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        _, state = secret_of(crowd, crowd.offer(grant="code", tx_code=False))
        uri, _ = crowd.office.authorizing.push(request_for(state))

        assert len(taken(crowd.rush(opening(uri)))) == 1


def test_an_authorization_code_gives_one_token(crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        _, state = secret_of(crowd, crowd.offer(grant="code", tx_code=False))
        code = code_of(crowd.office.authorizing.begin(request_for(state)).redirect)
        request = CodeTokenRequest(code, CALLBACK, VERIFIER, "wallet")
        results = crowd.rush(redeeming(request))

        assert len(taken(results)) == 1
        assert {each.error for each in results if isinstance(each, ProtocolError)} == {"invalid_grant"}


def test_one_issuer_state_gives_one_token_by_however_many_codes(crowd: Crowd) -> None:
    for _ in range(max(1, ROUNDS // 5)):
        _, state = secret_of(crowd, crowd.offer(grant="code", tx_code=False))
        steps = crowd.rush(beginning(state))
        requests = {id(services): CodeTokenRequest(code_of(step.redirect), CALLBACK, VERIFIER, "wallet")
                    for services, step in zip(crowd.workers, steps, strict=True)}

        assert len(taken(crowd.rush(redeeming_own(requests)))) == 1


def test_a_page_is_answered_once(crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        made = crowd.offer(grant="code")
        _, state = secret_of(crowd, made)
        page = crowd.office.authorizing.begin(request_for(state)).page or ""
        results = crowd.rush(answering(page, made.tx_code))

        assert len([each for each in taken(results) if each is not None]) == 1


@pytest.mark.parametrize("left", [1, 3])
def test_no_more_codes_are_guessed_than_there_are_tries(crowd: Crowd, left: int) -> None:
    for _ in range(ROUNDS):
        made = crowd.offer()
        crowd.world.clock.advance(hours=25)  # the counts of the office begin anew
        made = crowd.office.offers.fresh(made.claim.claim.id)
        request = TokenRequest(secret_of(crowd, made)[0] or "", "000000x")
        for _ in range(crowd.office.office.config.lifetimes.tx_code_tries - left):
            with pytest.raises(ProtocolError):
                crowd.office.tokens.redeem(request, "192.0.2.7")
        before = wrong_codes(crowd)
        results = crowd.rush(redeeming(request))

        assert not taken(results)
        assert wrong_codes(crowd) - before == left
        assert crowd.office.offers.show(made.offer.id).claim.state == "locked"


def wrong_codes(crowd: Crowd) -> int:
    with crowd.office.office.store.reading() as unit:
        return unit.counted_against("wrong codes, hour", crowd.world.clock.now(), 3600)


def test_a_nonce_is_used_once(crowd: Crowd) -> None:
    for _ in range(ROUNDS):
        nonce = crowd.office.tokens.new_nonce().c_nonce

        assert sum(crowd.rush(using(nonce))) == 1


def test_a_proof_of_a_key_is_taken_once(crowd: Crowd) -> None:
    signer = SoftwareSigner.generate("P-256")
    for number in range(ROUNDS):
        payload = {"jti": str(number), "htm": "POST", "htu": ORIGIN + "/token",
                   "iat": int(crowd.world.clock.now().timestamp()), "nonce": crowd.office.dpop.freshness.new_nonce()}
        proof = sign_compact(payload, signer, typ="dpop+jwt", header={"jwk": signer.public_key.to_jwk()})

        assert len(taken(crowd.rush(checking(proof)))) == 1
