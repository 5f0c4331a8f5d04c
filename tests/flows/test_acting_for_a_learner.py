"""Somebody else than the learner shares: the grant that gives the right goes along, and the verifier judges it (G08).

The wallet and the verifier as they ship; a school that signs records and says who is a guardian.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from babel.support import NullTranslations
from click.testing import CliRunner, Result

import verifier.bootstrap
import verifier.config
import verifier.web
import wallet.bootstrap
import wallet.web
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles.family import GUARDIANSHIP, Grant, build_grant
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import AuthorizationResponse
from tests.flows.conftest import WALLET, build_wallet
from tests.support.world import World
from tests.wallet.household import let_in, take
from tests.wallet.offices import OfferingSchool, configuration
from tests.wallet.web.browser import Browser, words
from ui.passwords import hash_password
from verifier.services.questions import build_question
from verifier.services.requests import Asked
from verifier.web.told import Told, tell_story
from wallet.cli import main
from wallet.cli.group import Ports
from wallet.services import activity
from wallet.services.consent import Decision
from wallet.services.people.people import About, Draft
from wallet.services.presenting import Presenting
from wallet.services.record import about_me
from wallet.services.record.items import GRANT
from wallet.services.record.library import shelf
from wallet.services.requests import ResolvedRequest
from wallet.services.sharing import bundles, importing
from wallet.services.sharing.bundles import Chosen, Purpose
from wallet.services.sharing.grants import GrantShown
from wallet.services.sharing.shares import as_file
from wallet.services.signing import sign
from wallet.vault import OpenVault

COLLEGE = "https://college.example"
ORDER = "Order 22-JV-104 of the county court"


@dataclass(frozen=True)
class Decided:
    """A request that was answered; ``form`` is what would be sent."""

    asked: Asked
    resolved: ResolvedRequest
    decision: Decision
    form: str

    @property
    def grants(self) -> tuple[GrantShown, ...]:
        """What the sheet said about the right to share."""
        return self.decision.sheet.grants


@dataclass
class Town:
    """A family's wallet, a school, and a college that knows the school; ``mother`` is her view of Lucía's record."""

    world: World
    school: OfferingSchool
    wallet: wallet.bootstrap.Services
    college: verifier.bootstrap.Services
    own: OpenVault
    mother: OpenVault

    @property
    def presenting(self) -> Presenting:
        return self.wallet.presenting

    def school_names_her_guardian(self) -> None:
        """The school signs that the mother is Lucía's guardian, and gives it to her own key."""
        def make(did: str) -> JSONObject:
            grant = Grant("urn:uuid:22222222-2222-4222-8222-222222222222", "guardian", did, self.mother.learner_urn,
                          frozenset({"full", "people"}), "legal-guardian", self.world.clock.now(), None, ORDER)
            return self.school.school.sign(build_grant(grant, issuer=self.school.school.did, status_entry=None))

        take(self.wallet, self.mother, self.school.offer(("guardianship", make)))

    def caseworker(self, *rights: str, days: int = 60) -> OpenVault:
        """A caseworker who may see the transcript, and what is said."""
        return let_in(self.wallet, self.mother, "Dana", "read:transcript", *rights, role="caseworker", days=days,
                      basis="uninterrupted-scholars-act", evidence="Placement agreement 22-118")

    def decide(self, who: OpenVault) -> Decided:
        """The college asks for a course, ``who`` looks at the sheet and agrees."""
        today = self.world.clock.now().date()
        asked = self.college.requests.ask(build_question(["courses"], "For your place", today=today))
        resolved = self.presenting.resolve_request(asked.links.deep)
        matching = self.presenting.match(who, resolved)
        item_id = matching.asked[0].candidates[0].card.item_id
        sheet = self.presenting.sheet(who, resolved, {"courses": (item_id,)})
        decision = self.presenting.agree(who, resolved, sheet, seen_digest=sheet.digest)
        return Decided(asked, resolved, decision, self.presenting.answer(who, resolved, decision))

    def post(self, decided: Decided) -> None:
        """What the wallet sends."""
        self.college.responses.receive(decided.asked.id, decided.form.encode())

    def told(self, asked: Asked) -> tuple[JSONObject, Told]:
        """The college's report, and what its page says."""
        story = self.college.results.find(self.college.requests.find(asked.id).result_id or "").story
        return story["report"], tell_story(story, NullTranslations())

    def shared(self, who: OpenVault) -> tuple[JSONObject, Told]:
        decided = self.decide(who)
        self.post(decided)
        return self.told(decided.asked)

    def bundle(self, who: OpenVault, *keys: str) -> JSONObject:
        """What ``who`` would hand over as a file."""
        decided = self.draft(who, *keys)
        return self.wallet.sharing.hand_out(who, decided, seen_digest=decided.digest, form="file").bundle

    def draft(self, who: OpenVault, *keys: str) -> bundles.Draft:
        chosen = [Chosen(key) for key in keys or (shelf(who).all()[0].item_id,)]
        purpose = Purpose("Eastside High", "To place her", self.world.clock.now() + timedelta(days=300), "en")
        return bundles.draft(who, self.wallet.sharing.environment, chosen, purpose)

    def checked(self, document: JSONObject) -> tuple[JSONObject, Told]:
        """What the college says of a file."""
        story = self.college.checks.check(as_file(document), keep=False).result.story
        return story["report"], tell_story(story, NullTranslations())


@pytest.fixture
def town(tmp_path: Path) -> Town:
    world = World()
    school = OfferingSchool(world)
    school.configurations["guardianship"] = configuration("guardianship", (GUARDIANSHIP,), "eddsa-rdfc-2022")
    family = build_wallet(tmp_path / "wallet", world)
    world.web.serve(WALLET, wallet.web.create_app(family))
    config = verifier.config.from_environ({}, data=tmp_path / "college")
    hashed = hash_password("correct horse battery", b"sixteen bytes ok")
    verifier.bootstrap.initialise_verifier(config, origin=COLLEGE, wallets=(WALLET,), password_hash=hashed)
    college = verifier.bootstrap.build_services(config, clock=world.clock, fetcher=world.web)
    world.web.serve(COLLEGE, verifier.web.create_app(college))
    college.trust.add(school.school.did, "Lincoln High School")
    own = family.vault.create("seven green kites over Utah").vault
    mother = family.people.add_learner(own, About("Lucía", "2015-03-09", "America/Denver", "es"), basis="parent")
    take(family, mother, school.offer(school.course(1, "Algebra I")))
    return Town(world, school, family, college, own, mother)


def presentations(form: str) -> list[JSONObject]:
    """The presentations in a form."""
    answer = v1_0.parse_direct_post(form.encode())
    assert isinstance(answer, AuthorizationResponse)
    return [entry for entries in answer.vp_token.values() for entry in entries if isinstance(entry, dict)]


def outcome(report: JSONObject, check_id: str) -> str | None:
    return next((check["outcome"] for check in report["checks"] if check["id"] == check_id), None)


def grant_of(who: OpenVault) -> JSONObject:
    """The newest grant in reach of ``who`` that is its own."""
    found = [who.read(entry.id, GRANT).body["credential"] for entry in who.entries(GRANT)]
    return next(each for each in found if each["credentialSubject"]["id"] == who.party_did)


# Accepted -------------------------------------------------------------------------------------------------------------


def test_a_caseworkers_grant_travels_with_the_schools_word_on_who_let_her_in(town: Town) -> None:
    town.school_names_her_guardian()
    let_in(town.wallet, town.mother, "Okafor", "read:services", role="tutor")
    worker = town.caseworker("share")

    decided = town.decide(worker)
    town.post(decided)
    report, told = town.told(decided.asked)

    assert report["verified"] is True and outcome(report, "authority") == "passed"
    assert told.overall.verdict.look == "holds"
    assert told.notes[:2] == (
        "Shared for the student by: caseworker. The right to do so: the Uninterrupted Scholars Act.",
        f"Allowed until {(town.world.clock.now() + timedelta(days=60)).isoformat()[:10]}T12:00:00Z.")
    record, permission = presentations(decided.form)
    assert [each.document for each in decided.grants] == permission["verifiableCredential"]
    assert [each.grant.role for each in decided.grants] == ["caseworker", "guardian"]
    assert len(record["verifiableCredential"]) == 1
    others = {member.did for party_id, member in town.mother.members().items()} - {
        worker.party_did, town.mother.party_did}
    assert others and not any(did in decided.form for did in others), "only the grants needed, never the whole circle"


def test_the_sheet_lists_every_value_of_the_grant_that_leaves(town: Town) -> None:
    worker = town.caseworker("share")
    decided = town.decide(worker)

    shown = decided.grants[0]
    said = {value.kind: value.shown for value in (*shown.leaves, *shown.always)}
    subject = shown.document["credentialSubject"]
    assert said["credentialSubject.paper"] == "Placement agreement 22-118"
    assert {said["credentialSubject.role"], said["credentialSubject.basis"], said["credentialSubject.learner"]} == {
        "caseworker", "uninterrupted-scholars-act", town.mother.learner_urn}
    assert said["credentialSubject.id"] == subject["id"] == worker.party_did
    assert said["validUntil"] == shown.document["validUntil"]
    assert said["credentialStatus.statusListCredential"] == f"{WALLET}/status/1"


def test_what_the_log_and_the_receipt_keep_names_the_grant(town: Town) -> None:
    worker = town.caseworker("share")
    decided = town.decide(worker)
    town.presenting.share(worker, decided.resolved, decided.decision)

    line = activity.lines(town.mother)[0]
    _line, records = activity.show(town.mother, line.id)
    assert [record.get("grant") for record in records] == [None, "caseworker", "guardian"]
    assert ORDER not in str(line) and line.titles == ("Algebra I",)


def test_a_file_and_a_link_hold_the_grant_too(town: Town) -> None:
    town.school_names_her_guardian()
    worker = town.caseworker("share")

    report, told = town.checked(town.bundle(worker))

    assert report["verified"] is True and outcome(report, "authority") == "passed"
    assert any(note.startswith("Shared for the student by: caseworker.") for note in told.notes)
    assert [record.title for record in told.records] == ["Algebra I"]
    decided = town.draft(worker)
    link = town.wallet.sharing.hand_out(worker, decided, seen_digest=decided.digest, form="link").link
    assert link is not None
    story = town.college.checks.check(link.url.encode(), keep=False).result.story
    assert outcome(story["report"], "authority") == "passed"


def test_who_was_let_in_by_a_parent_alone_is_told_as_unknown(town: Town) -> None:
    worker = town.caseworker("share")

    report, told = town.shared(worker)
    assert (report["verified"], outcome(report, "authority")) == (False, "indeterminate")
    assert told.notes[:2] == ("Somebody shares this for the student, as: caseworker.",
                              "We could not check who let them.")

    report, told = town.checked(town.bundle(worker))
    assert (report["verified"], outcome(report, "authority")) == (True, "indeterminate")
    assert "We could not check who let them." in told.notes


def test_a_second_guardian_shows_the_grant_and_who_gave_it(town: Town) -> None:
    father = let_in(town.wallet, town.mother, "Father", "full", "people", role="guardian")

    decided = town.decide(father)
    town.post(decided)

    assert [(each.mine, each.grant.role) for each in decided.grants] == [(True, "guardian"), (False, "guardian")]
    assert town.told(decided.asked)[1].notes[0] == "Somebody shares this for the student, as: parent or legal guardian."


def test_a_guardian_a_school_vouches_for_shows_the_schools_paper_alone(town: Town) -> None:
    town.school_names_her_guardian()

    decided = town.decide(town.mother)
    town.post(decided)
    report, told = town.told(decided.asked)

    assert [each.document["issuer"]["id"] for each in decided.grants] == [town.school.school.did]
    assert report["verified"] is True
    assert told.notes == ("Shared for the student by: parent or legal guardian. The right to do so: being the legal "
                          "guardian.",)


def test_a_narrow_grant_is_shown_before_a_wide_one(town: Town) -> None:
    helper = let_in(town.wallet, town.mother, "Sol", "full", role="full-access")
    wide = grant_of(helper)
    grant = Grant("urn:uuid:33333333-3333-4333-8333-333333333333", "mentor", helper.party_did, town.mother.learner_urn,
                  frozenset({"share", "read:transcript"}), "family-consent", town.world.clock.now(),
                  town.world.clock.now() + timedelta(days=5), None)
    town.wallet.people._add_grant(town.mother, helper.party_id, "Sol", grant)

    decided = town.decide(helper)

    assert [each.grant.role for each in decided.grants] == ["mentor", "guardian"]
    assert wide["id"] not in decided.form


@pytest.mark.parametrize(("language", "said", "never"), [
    ("en", ("Your permission to share for the student", "Permission of the person who let you in", "Acts as Caseworker",
            "Because Law for child welfare (Uninterrupted Scholars Act)", "Share records", "Ends August 14, 2026",
            "The paper that says so Placement agreement 22-118"), ()),
    ("es", ("Su permiso para compartir en nombre del estudiante", "Permiso de la persona que le dio acceso",
            "Termina 14 de agosto de 2026"), ("Acts as", "Because", "Share records"))])
def test_the_pages_list_it_claim_by_claim_before_anything_is_decided(
        town: Town, language: str, said: tuple[str, ...], never: tuple[str, ...]) -> None:
    worker = town.caseworker("share")
    visitor = Browser(wallet.web.create_app(town.wallet), language)
    visitor.submit(visitor.get("/unlock"), login="Dana", passphrase="Dana has six blue boats at sea")
    today = town.world.clock.now().date()
    asked = town.college.requests.ask(build_question(["courses"], "For your place", today=today))
    link = asked.links.deep.partition("?")[2]
    sheet = visitor.get(f"/request?{link}")
    course = re.search(r'name="q-courses" value="([^"]+)"', sheet.text)
    if course is not None:  # several could answer: choose
        sheet = visitor.submit(sheet, decision="look", **{"q-courses": course[1]})
    preview = visitor.submit(visitor.get("/shares/new"), record=shelf(worker).all()[0].item_id, recipient="Eastside",
                             purpose="To place her", until="2026-07-01", form="file", views="10")

    for page in (sheet, preview):
        for each in (*said, worker.party_did, town.mother.party_did, town.mother.learner_urn, f"{WALLET}/status/1"):
            assert each in words(page), each
        assert not any(each in words(page) for each in never)
    assert town.college.requests.find(asked.id).result_id is None
    visitor.submit(sheet, sheet.request.path, decision="share", until="2026-07-01")
    report, told = town.told(asked)
    assert outcome(report, "authority") == "indeterminate" and told.records[0].title == "Algebra I"
    entry = activity.lines(town.mother)[0].id
    mother = Browser(visitor.app, language)
    mother.submit(mother.get("/unlock"), login="me", passphrase="seven green kites over Utah")
    told_her = words(mother.get(f"/activity/{entry}"))
    assert ("Permission to share for the student" if language == "en" else "Permiso para compartir") in told_her
    assert "Placement agreement 22-118" in told_her


def test_the_command_prints_it_before_the_yes_and_says_it_to_programs(town: Town, tmp_path: Path) -> None:
    worker = town.caseworker("share")
    item_id = shelf(worker).all()[0].item_id

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), obj=Ports(town.world.clock, town.world.web), env={
            "BACKPACK_DATA": str(tmp_path / "wallet"), "LANG": "en_US.UTF-8", "BACKPACK_ORIGIN": WALLET,
            "BACKPACK_LOGIN": "Dana", "BACKPACK_PASSPHRASE": "Dana has six blue boats at sea"})

    said = ("--record", item_id, "--to", "Eastside", "--purpose", "To place her", "--form", "file")
    preview = run("share", *said)
    assert "Your permission to share for the student" in preview.stdout, preview.stderr
    assert "Acts as: Caseworker" in preview.stdout and "May do: See: Courses and transcripts" in preview.stdout
    made = json.loads(run("share", *said, "--yes", "--json").stdout)
    assert [(each["role"], each["mine"]) for each in made["grants"]] == [("caseworker", True), ("guardian", False)]
    assert made["grants"][0]["rights"] == ["read:transcript", "share"]


# Nothing to show ------------------------------------------------------------------------------------------------------


def test_a_founding_mother_sends_none_and_the_page_says_nothing_about_it(town: Town) -> None:
    decided = town.decide(town.mother)
    town.post(decided)
    report, told = town.told(decided.asked)

    assert decided.grants == () and len(presentations(decided.form)) == 1
    assert town.mother.party_did not in decided.form and town.mother.learner_urn not in decided.form
    assert report["verified"] is True and told.notes == ()
    report, told = town.checked(town.bundle(town.mother))
    assert outcome(report, "authority") is None
    assert told.notes[0] == "The family chose these records. This is not the whole record."


def test_the_learner_discloses_what_was_disclosed_before_and_nothing_else(town: Town) -> None:
    take(town.wallet, town.own, town.school.offer(town.school.course(2, "Biology")))
    decided = town.decide(town.own)

    (record,) = decided.decision.sheet.records
    (presentation,) = presentations(decided.form)
    assert presentation["verifiableCredential"] == [record.document]
    assert set(presentation) == {"@context", "type", "holder", "verifiableCredential", "proof"}
    assert decided.grants == () and town.own.party_did not in decided.form
    town.post(decided)
    assert town.told(decided.asked)[0]["verified"] is True


# Refused --------------------------------------------------------------------------------------------------------------


def test_when_the_grant_is_over_the_wallet_refuses_and_the_verifier_is_red(town: Town) -> None:
    town.school_names_her_guardian()
    worker = town.caseworker("share", days=10)
    file = town.bundle(worker)
    town.world.clock.moment += timedelta(days=10, minutes=1)

    for attempt in (lambda: town.decide(worker), lambda: town.draft(worker)):
        with pytest.raises((StateError, IndexError)):
            attempt()
    report, told = town.checked(file)
    assert (report["outcome"], outcome(report, "authority")) == ("failed", "failed")
    assert told.overall.verdict.look == "fails"
    assert "Somebody shares this for the student, with a permission that does not hold." in told.notes


def test_when_the_grant_is_taken_back_the_wallet_refuses_and_the_verifier_is_red(town: Town) -> None:
    town.school_names_her_guardian()
    worker = town.caseworker("share")
    decided = town.decide(worker)
    file = town.bundle(worker)
    town.wallet.leaving.remove(town.mother, worker.party_id)

    with pytest.raises(StateError):
        town.presenting.answer(worker, decided.resolved, decided.decision)
    with pytest.raises(StateError):
        town.draft(worker)
    town.post(decided)
    report, told = town.told(decided.asked)
    assert (report["outcome"], outcome(report, "authority")) == ("failed", "failed")
    assert told.overall.verdict.look == "fails"
    report, _told = town.checked(file)
    assert (report["outcome"], outcome(report, "authority")) == ("failed", "failed")


def test_a_decision_does_not_outlive_the_grant_it_was_made_by(town: Town) -> None:
    worker = town.caseworker("share")
    decided = town.decide(worker)
    grant = Grant("urn:uuid:44444444-4444-4444-8444-444444444444", "caseworker", worker.party_did,
                  town.mother.learner_urn, frozenset({"share"}), "court-order", town.world.clock.now(),
                  town.world.clock.now() + timedelta(days=5), None)
    town.wallet.people._add_grant(town.mother, worker.party_id, "Dana", grant)

    with pytest.raises(StateError, match="changed since you looked"):
        town.presenting.answer(worker, decided.resolved, decided.decision)


def test_without_the_right_to_share_the_wallet_refuses_and_a_wallet_that_does_not_is_red(town: Town) -> None:
    town.school_names_her_guardian()
    worker = town.caseworker()

    for attempt in (lambda: town.decide(worker), lambda: town.draft(worker)):
        with pytest.raises(StateError):
            attempt()
    report, told = hostile_bundle(town, worker, grant_of(worker))
    assert outcome(report, "authority") == "failed"
    assert report["outcome"] == "failed" and told.overall.verdict.look == "fails"


def test_a_changed_grant_is_red(town: Town) -> None:
    town.school_names_her_guardian()
    worker = town.caseworker("share")
    changed = json.loads(json.dumps(grant_of(worker)))
    changed["credentialSubject"]["right"].append("read:iep")

    report, _told = hostile_bundle(town, worker, changed)

    assert (report["outcome"], outcome(report, "authority")) == ("failed", "failed")


def test_a_grant_for_one_child_says_nothing_for_another(town: Town) -> None:
    brother = town.wallet.people.add_learner(town.own, About("Luis", "2017-03-09", "America/Denver", "es"),
                                             basis="parent")
    take(town.wallet, brother, town.school.offer(town.school.course(3, "Biology", student="Luis Hernández")))
    town.school_names_her_guardian()
    worker = town.caseworker("share")
    token = town.wallet.people.invite(brother, let_in_draft(town))
    town.wallet.people.answer(worker.personal(), token, "Dana")
    town.wallet.people.confirm(brother, town.wallet.people.invitations(brother)[0].item_id)
    town.wallet.people.join(worker.personal())
    other = worker.personal().for_learner(brother.owner_id)

    with pytest.raises(StateError):
        town.decide(other)
    about_me.say(brother, town.wallet.sharing.environment, kind="strength", words="Counts well", name="María",
                 language="en")
    report, told = hostile_bundle(town, worker, grant_of(worker), *about_me.documents(brother))
    assert outcome(report, "authority") == "failed" and told.overall.verdict.look == "fails"
    decided = town.decide(worker)
    assert brother.learner_urn not in decided.form and decided.grants[0].grant.learner == town.mother.learner_urn


def let_in_draft(town: Town) -> Draft:
    return Draft("Dana", "caseworker", frozenset({"read:transcript"}), "court-order",
                 town.world.clock.now() + timedelta(days=30))


def hostile_bundle(town: Town, who: OpenVault, *more: JSONObject) -> tuple[JSONObject, Told]:
    """What the college says of a bundle that a changed wallet of ``who`` signs, with ``more`` in it."""
    fair = town.bundle(town.mother)
    subject = fair["credentialSubject"]
    document = {name: value for name, value in fair.items() if name != "proof"}
    document["issuer"] = {"id": who.party_did, "type": ["Profile"]}
    document["credentialSubject"] = {**subject, "verifiableCredential": [
        each for each in subject["verifiableCredential"] if GUARDIANSHIP not in each["type"]] + list(more)}
    return town.checked(sign(document, who.party_signer, town.wallet.sharing.environment))


# Handed on ------------------------------------------------------------------------------------------------------------


def test_a_bundle_taken_in_by_another_family_brings_no_permission_along(town: Town) -> None:
    worker = town.caseworker("share")

    documents = importing.read_file(as_file(town.bundle(worker)))

    assert [document["name"] for document in documents if isinstance(document, dict)] == ["Algebra I"]
    assert len(documents) == 1


def test_an_office_that_vouches_later_is_shown_by_those_let_in_before(town: Town) -> None:
    worker = town.caseworker("share")
    town.school_names_her_guardian()

    report, _told = town.shared(worker)

    assert outcome(report, "authority") == "passed"
