"""A removed guardian is out: on every surface, within a minute of a stepped clock, with every old key (P10, G03)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from credkit.errors import StateError
from credkit.status import bitstring
from tests.support.world import World
from tests.wallet.family.town import Household, found_household, passphrase_of
from tests.wallet.web.browser import Browser
from wallet.bootstrap import Services
from wallet.services.record.items import CREDENTIAL, GRANT
from wallet.store import ShareRow
from wallet.vault import OpenVault
from wallet.web import create_app

SURNAME = "Quetzalli"


@pytest.fixture
def app(services: Services) -> Flask:
    app = create_app(services)
    app.testing = True
    app.extensions["backpack_limiter"].enabled = False
    return app


@pytest.fixture
def household(services: Services, world: World) -> Household:
    household = found_household(services, world, SURNAME)
    household.family.admit(household.family.draft("guardian", "full", "people", name="aunt", days=None))
    return household


def view_of(services: Services, login: str, owner_id: str) -> OpenVault:
    own = services.vault.unlock(passphrase_of(login), login=login, client="x").vault
    return own.for_learner(owner_id)


def test_fourteen_surfaces_are_closed_within_a_minute(
        services: Services, household: Household, app: Flask, world: World) -> None:
    record, leaving = household.guardian, services.leaving
    login = household.logins["father"]
    father = view_of(services, login, record.owner_id)
    browser: Browser = household.browser(app, "father")
    item_id = record.entries(CREDENTIAL)[0].id
    shown = browser.get(f"/records/{item_id}")
    assert shown.status_code == 200 and SURNAME in shown.text
    store = services.people.store
    old_row = store.item(item_id, father.party_id)
    invited = services.people.invite(father, household.family.draft("tutor", "read:services", name="spy"))
    grant = next(entry for entry in record.entries(GRANT) if entry.summary["holder_party"] == father.party_id)
    entry = bitstring.parse_entry(record.read(grant.id, GRANT).body["credential"]["credentialStatus"])

    leaving.remove(record, father.party_id)
    aunt = view_of(services, "aunt", record.owner_id)
    leaving.agree(aunt, leaving.proposals(aunt)[0].item_id)
    world.clock.advance(seconds=60)

    new_id = record.add(CREDENTIAL, {**record.read(item_id, CREDENTIAL).body})
    closed = {
        "list": lambda: father.entries(CREDENTIAL), "read": lambda: father.read(item_id, CREDENTIAL),
        "read what is new": lambda: father.read(new_id, CREDENTIAL), "write": lambda: father.add(CREDENTIAL, {}),
        "members": father.members, "log": lambda: father.append_log({}), "rewrap": father.rewrap,
        "learners": lambda: father.personal().for_learner(record.owner_id),
        "sign in again": lambda: view_of(services, login, record.owner_id),
        "admit": lambda: father.admit("x", "delegate", opening_key="x", signing_key="x", steward=False,
                                      now=world.clock.now()),
        "remove": lambda: father.remove(record.party_id, world.clock.now()),
        "invite": lambda: services.people.invite(father, household.family.draft("tutor", "read:services")),
        "confirm": lambda: services.people.confirm(father, services.people.invitations(record)[0].item_id),
    }
    for surface, act in closed.items():
        with pytest.raises(StateError):
            act()
            raise AssertionError(surface)
    for path in ("/", f"/records/{item_id}", f"/records/{item_id}/picture", "/activity/", "/people/", "/profile/",
                 "/growth/", "/export", "/shares/", "/inbox", "/rules/", "/letters/", "/papers/"):
        shown = browser.get(path)  # his own name is all of it that he still sees
        assert all(word not in shown.text for word in (f"child {SURNAME}", f"mother {SURNAME}", f"{SURNAME} ")), path
    assert old_row is not None and store.item(item_id, father.party_id) is None
    assert all(father.party_id not in record.recipients(each) for each in record._space.mine())
    fresh = store.item(item_id, record.party_id)
    assert fresh is not None and fresh[0].ciphertext != old_row[0].ciphertext
    assert bitstring.read_status(entry, services.host.status_list())
    assert father.personal().learners() == ()
    with pytest.raises(StateError):
        services.people.peek(invited)


def test_new_bytes_cannot_be_read_with_any_old_key(services: Services, household: Household) -> None:
    """Everything the father's key ever opened, and all that came since: no wrap is left for it, and no old content key
    opens a row that was written after."""
    record = household.guardian
    father = view_of(services, household.logins["father"], record.owner_id)
    store, before = services.people.store, {}
    for item_id in father._space.mine():
        found = store.item(item_id, father.party_id)
        assert found is not None
        before[item_id] = father._space.unwrap(found[1])
    aunt = view_of(services, "aunt", record.owner_id)
    services.leaving.remove(record, father.party_id)
    services.leaving.agree(aunt, services.leaving.proposals(aunt)[0].item_id)

    for item_id, line in record._space.mine().items():
        now = store.item(item_id, record.party_id)
        assert now is not None and father.party_id not in store.wraps_of(item_id)
        if line.type != "activity" and item_id in before:
            assert record._space.unwrap(now[1]) != before[item_id], line.type


def test_the_tutor_whom_a_removed_guardian_let_in_is_out_too(services: Services, household: Household) -> None:
    record = household.guardian
    father = view_of(services, household.logins["father"], record.owner_id)
    spy = household.family.admit(household.family.draft("tutor", "read:transcript", name="spy"), into=father)
    assert spy.entries(CREDENTIAL)

    aunt = view_of(services, "aunt", record.owner_id)
    services.leaving.remove(record, father.party_id)
    services.leaving.agree(aunt, services.leaving.proposals(aunt)[0].item_id)

    assert spy.entries(CREDENTIAL) == ()


def test_links_a_removed_guardian_could_have_noted_lead_nowhere(services: Services, household: Household) -> None:
    record = household.guardian
    father = view_of(services, household.logins["father"], record.owner_id)
    assert services.people.store.shares(record.owner_id) == ()
    now = int(services.clock.now().timestamp())
    for party in (father, record):
        until = now + int(timedelta(days=9).total_seconds())
        services.people.store.add_share(ShareRow(
            party.party_id, record.owner_id, party.party_id, b"digest", b"sealed", until, 0, 5, None), now=now)

    aunt = view_of(services, "aunt", record.owner_id)
    services.leaving.remove(record, father.party_id)
    services.leaving.agree(aunt, services.leaving.proposals(aunt)[0].item_id)

    assert services.people.store.shares(record.owner_id) == ()

