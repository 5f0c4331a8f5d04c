"""Killed at every moment it looks at the clock: nothing is lost, doubled or left half (security.md R02)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from credkit.keys import SoftwareSigner
from credkit.protocols.oid4vci.messages import CredentialRequest
from issuer.bootstrap import Services, build_services
from tests.issuer.conftest import School, identifiers
from tests.issuer.test_importing import export
from tests.support.world import FixedClock

MOST = 60


@dataclass
class DyingClock:
    """A clock that kills its process when it is asked for the ``left``-th time."""

    clock: FixedClock
    left: int

    def now(self) -> datetime:
        self.left -= 1
        if self.left == 0:
            os._exit(9)
        return self.clock.now()


def killed(school: School, moment: int, work: Callable[[Services], Any]) -> bool:
    """Do ``work`` in a process of its own that dies at a moment; whether it died before it was done."""
    child = os.fork()
    if child == 0:
        try:
            work(build_services(school.config, clock=DyingClock(school.world.clock, moment), fetcher=school.world.web))
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_an_import_killed_anywhere_goes_on_where_it_was_and_makes_each_record_once(empty_school: School) -> None:
    imports = empty_school.services.imports
    reading = imports.receive(export(), "export.zip", "operator")
    moments = 0
    while killed(empty_school, moments + 1, lambda services: services.imports.confirm(reading.id, "operator")):
        moments += 1
        assert moments < MOST
    assert moments > 5

    imports.confirm(reading.id, "operator")
    everything = [each for line in empty_school.services.students.all()
                  for each in empty_school.services.students.view(line.person.id).credentials]
    assert sorted((each.kind, each.version) for each in everything) == [
        ("course", 1), ("course", 1), ("transcript", 1), ("transcript", 1)]
    assert len({each.list_index for each in everything}) == 4
    events = [entry.event for entry in empty_school.services.students.log()]
    assert (events.count("imported"), events.count("drafted")) == (1, 4)
    assert empty_school.services.students.first_broken_log_entry() is None


def test_issuing_killed_anywhere_gives_the_record_once_it_is_asked_for_again(school: School) -> None:
    token, _made = school.redeemed()
    identifier, key = identifiers(token, "course")[0], SoftwareSigner.generate("Ed25519")

    def request() -> CredentialRequest:
        return CredentialRequest(credential_identifier=identifier, proof_type="jwt", proofs=(school.family.proof(key),))

    moments = 0
    while killed(school, moments + 1, lambda services: services.issuing.issue(token.access_token, request())):
        moments += 1
        assert moments < MOST
    assert moments > 1

    given = [school.services.issuing.issue(token.access_token, request()).credentials[0] for _ in range(2)]
    assert given[0] == given[1]
    assert [entry.event for entry in school.services.students.log()].count("issued") == 1
    assert school.services.students.first_broken_log_entry() is None


def test_a_code_whose_answer_was_lost_is_used_up_and_a_fresh_link_opens_the_same_offer(school: School) -> None:
    made = school.offer()
    offer = school.read(made)
    assert school.family.token(offer, made.tx_code).status_code == 200  # and the wallet never saw the answer
    assert school.family.token(offer, made.tx_code).json["error"] == "invalid_grant"
    fresh = school.services.offers.fresh(made.claim.claim.id)
    assert school.family.token(school.read(fresh), made.tx_code).status_code == 200
