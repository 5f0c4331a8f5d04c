"""Whether a family's credential was taken back: one shared list per wallet host, signed by that host alone (C02)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

import contexts
from credkit.dids import Resolver, build_did_document
from credkit.environment import Environment
from credkit.profiles.family import build_court_limit, build_grant
from credkit.status.bitstring import build_entry, build_status_list_credential
from credkit.verification import Policy, verify_credential
from tests.credkit.profiles.families import guardian, limit, tutor
from tests.support.fakeweb import FakeWeb
from tests.support.world import NOW, V2, Holder, OsRandomness, School, World

TOMORROW = NOW + timedelta(days=1)
START = NOW.replace(month=1)
KINDS = ("guardian", "tutor", "limit")


@pytest.fixture
def world():
    return World()


@pytest.fixture
def host(world):
    return School(world, "https://wallet.example", "A wallet host")


@pytest.fixture
def mother(world):
    return Holder(world)


def grant(host, mother, kind="tutor", url=None, index=7):
    entry = build_entry(url or host.list_url, index)
    if kind == "limit":
        unsigned = build_court_limit(limit(valid_from=START), issuer=mother.did, status_entry=entry)
    else:
        made = (guardian if kind == "guardian" else tutor)(valid_from=START)
        unsigned = build_grant(made, issuer=mother.did, status_entry=entry)
    return host.sign(unsigned, signer=mother.signer)


def status(world, document):
    return str(verify_credential(document, Policy(), world.environment()).check("status").outcome)


@pytest.mark.parametrize("kind", KINDS)
def test_the_hosts_list_counts_for_what_families_sign_there(world, host, mother, kind):
    document = grant(host, mother, kind)
    assert status(world, document) == "passed"
    host.revoked.add(7)
    host.publish_list()
    assert status(world, document) == "failed"


def test_it_counts_for_no_record_of_a_school(world, host):
    school = School(world)
    record = school.course(status=False)
    record["credentialStatus"] = build_entry(host.list_url, 7)
    assert status(world, school.sign(record)) == "failed"


@pytest.mark.parametrize("signer", ["host", "issuer", "another host", "another key", "host under another key"])
def test_only_the_named_host_or_the_issuer_may_sign_the_list(world, host, mother, signer):
    other = School(world, "https://other.example")
    issuer, key = {
        "host": (host.did, host.ed25519), "issuer": (mother.did, mother.signer),
        "another host": (other.did, other.ed25519), "another key": (Holder(world).did, mother.signer),
        "host under another key": (host.did, mother.signer),
    }[signer]
    forged = build_status_list_credential(
        url=host.list_url, issuer=issuer, context=V2, set_indexes=set(), valid_from=NOW, valid_until=TOMORROW)
    world.web.serve_json(host.list_url, host.sign(forged, signer=key))
    assert status(world, grant(host, mother)) == ("passed" if signer in ("host", "issuer") else "failed")


@pytest.mark.parametrize("fault", ["another list of the same host", "other purpose", "unsigned", "index beyond"])
def test_another_list_of_the_right_host_does_not_count(world, host, mother, fault):
    document = grant(host, mother, index=10**9 if fault == "index beyond" else 7)
    if fault == "another list of the same host":
        host.list_url = "https://wallet.example/status/2"
        host.publish_list()
        answer = world.web.get(host.list_url)
        host.list_url = "https://wallet.example/status/1"
        world.web.serve_json(host.list_url, json.loads(answer.body))
    elif fault == "other purpose":
        host.publish_list(credentialSubject={
            **json.loads(world.web.get(host.list_url).body)["credentialSubject"],
            "statusPurpose": "suspension"})
    elif fault == "unsigned":
        world.web.serve_json(host.list_url, build_status_list_credential(
            url=host.list_url, issuer=host.did, context=V2, set_indexes=set(), valid_from=NOW, valid_until=TOMORROW))
    assert status(world, document) == "failed"


@pytest.mark.parametrize("url", [
    "https://other.example/status/1", "https://wallet.example.other.example/status/1",
    "https://user@wallet.example/status/1", "https://wallet.example:8443/status/1",
])
def test_the_list_of_the_host_counts_under_its_own_address_only(world, host, mother, url):
    listed = host.sign(build_status_list_credential(
        url=url, issuer=host.did, context=V2, set_indexes=set(), valid_from=NOW, valid_until=TOMORROW))
    if "@" not in url and ":8443" not in url:
        world.web.serve_json(url, listed)
    assert status(world, grant(host, mother, url=url)) != "passed"


@pytest.mark.parametrize("url", ["https://[wallet.example/status/1", "https://[::1", "urn:uuid:1", "https:///status/1",
                                 "did:web:wallet.example", "https://wallet.example\\@other.example/1"])
def test_a_list_at_no_address_is_a_typed_problem(world, host, mother, url):
    document = grant(host, mother)
    document["credentialStatus"] = {**document["credentialStatus"], "statusListCredential": url}
    assert status(world, document) != "passed"


def test_a_list_out_of_reach_could_not_be_checked_and_what_it_took_back_stays_taken_back(world, host, mother):
    document = grant(host, mother)
    world.web.serve_json(host.list_url, {}, status=503)
    assert status(world, document) == "indeterminate"
    host.revoked.add(7)
    host.publish_list()
    assert status(world, document) == "failed"
    world.web.serve_json(host.list_url, {}, status=503)
    assert status(world, document) == "failed"


def test_an_older_list_of_the_host_does_not_give_a_right_back(world, host, mother):
    document = grant(host, mother)
    yesterday = world.web.get(host.list_url).body
    world.clock.advance(hours=2)
    host.revoked.add(7)
    host.publish_list()
    assert status(world, document) == "failed"
    world.web.serve_json(host.list_url, json.loads(yesterday))
    assert status(world, document) == "failed"


def test_a_wallet_on_this_machine_signs_its_list_as_did_web_of_localhost():
    world = World(web=FakeWeb(allow_loopback=True))
    mother = Holder(world)
    did = "did:web:localhost%3A8103"
    url = "http://localhost:8103/status/1"
    host = School(world, "https://wallet.example")
    host.ed25519.verification_method = did + "#ed25519"
    world.web.serve_json("http://localhost:8103/.well-known/did.json", build_did_document(
        did, [("ed25519", host.ed25519.public_key, ("assertionMethod",))]))
    world.web.serve_json(url, host.sign(build_status_list_credential(
        url=url, issuer=did, context=V2, set_indexes={7}, valid_from=NOW, valid_until=TOMORROW)))
    environment = Environment(world.clock, world.web, OsRandomness(), world.processor,
                              Resolver(world.web, world.clock, allow_loopback=True), world.memory, contexts.read)
    outcomes = [str(verify_credential(grant(host, mother, url=url, index=index), Policy(), environment).check(
        "status").outcome) for index in (6, 7)]
    assert outcomes == ["passed", "failed"]


class SlowList:
    """A web on which time passes while one asks, and a host that signs its list when it is asked."""

    def __init__(self, world, host, seconds):
        self.world, self.host, self.seconds = world, host, seconds

    def get(self, url, **options):
        self.world.clock.advance(seconds=self.seconds)
        self.host.publish_list()
        return self.world.web.get(url, **options)


@pytest.mark.parametrize("seconds", [0, 2, 59])
def test_a_list_signed_while_we_ask_counts(world, host, mother, seconds):
    document = grant(host, mother)
    environment = replace(world.environment(), fetcher=SlowList(world, host, seconds))
    assert str(verify_credential(document, Policy(), environment).check("status").outcome) == "passed"


def test_a_list_from_the_future_could_not_be_checked(world, host, mother):
    document = grant(host, mother)
    host.publish_list(validFrom="2026-06-15T12:00:05Z")
    assert status(world, document) == "indeterminate"
