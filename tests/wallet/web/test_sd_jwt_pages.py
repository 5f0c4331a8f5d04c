"""The wallet's pages with a record kept as an SD-JWT: a school's course, and a stranger's with its own words."""

from __future__ import annotations

import io
import json
import zipfile
from urllib.parse import urlsplit

import pytest

from credkit.formats.sd_jwt_vc import issue_sd_jwt_vc, parse_sd_jwt, peek_sd_jwt_vc
from credkit.keys import public_key_from_multibase
from credkit.ports import JSONObject
from credkit.protocols.oid4vci.messages import CredentialConfiguration
from credkit.protocols.oid4vp.messages import AuthorizationResponse
from credkit.shape import format_date_time
from credkit.verification import Policy, verify_sd_jwt_presentation
from tests.support.world import OsRandomness, School, World
from tests.wallet.offices import AskingCollege
from tests.wallet.web.browser import Browser, heading, words
from tests.wallet.web.test_record_pages import vault_of
from wallet.bootstrap import Services
from wallet.services.checking import check_issued
from wallet.services.holder import NamedKey
from wallet.services.record import library
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.sd_jwt import claims_of, reading_of
from wallet.services.sharing import bundles
from wallet.vault import OpenVault

COURSE = {"title": "Algebra I", "grade": "A", "term": "Spring 2026", "credits": 1.0, "student_name": "Lucía Hernández",
          "student_number": "20391", "school": "Lincoln High School", "ended_on": "2026-05-29",
          "criteria": "Work and a final test."}
STRANGE = {"favorite_color": "teal", "type": "Guitarist", "address": {"city": "Moab", "zip": ["84532"]}, "empty": {}}


def keep(vault: OpenVault, services: Services, office: School, own: JSONObject, vct: str) -> str:
    """A record as receiving keeps it, signed by ``office``."""
    key = vault.new_holder_key()
    holder = public_key_from_multibase(key.public_key_multibase).to_jwk()
    claims = {"iss": office.did, "iat": 1_781_000_000, "vct": vct, "cnf": {"jwk": holder}, **own}
    text = issue_sd_jwt_vc(claims, office.p256, selective=[(name,) for name in own], randomness=OsRandomness(),
                           header={"kid": office.p256.verification_method})
    environment = services.receiving.environment
    received = check_issued(text, CredentialConfiguration("x", "dc+sd-jwt", vct=vct), NamedKey(key, "jwk"), environment)
    now = format_date_time(environment.clock.now())
    return vault.add(CREDENTIAL, {
        **received.to_body(), "credential": reading_of(claims_of(text), "Membership"), "received_at": now,
        "received_from": office.origin, "checked_at": now, "issuance_id": None, "key_method": key.verification_method,
    }, keys=(key,))


@pytest.fixture
def office(world: World) -> School:
    return School(world, "https://lincoln.example")


@pytest.fixture
def course(inside: Browser, services: Services, office: School) -> str:
    return keep(vault_of(inside, services), services, office, COURSE, "https://lincoln.example/vct/course")


@pytest.fixture
def strange(inside: Browser, services: Services, office: School) -> str:
    return keep(vault_of(inside, services), services, office, STRANGE, "https://lincoln.example/vct/member")


def test_a_course_is_read_like_any_other(inside: Browser, course: str) -> None:
    for path in ("/", "/list/courses", "/search?q=algebra"):
        assert "Algebra I" in words(inside.get(path)), path
    page = inside.get(f"/records/{course}")
    assert heading(page).startswith("Algebra I")
    for said in ("Grade", "A", "Spring 2026", "Lucía Hernández", "20391", "lincoln.example", "Lincoln High School"):
        assert said in words(page), said
    assert "cannot go into a link" in words(page) and "Share this record" not in page.text
    assert "What else it says" not in page.text and "Comment on this record" not in page.text


def test_a_strangers_claims_are_all_shown_by_their_own_names(inside: Browser, strange: str) -> None:
    assert "Membership" in words(inside.get("/list/others"))
    page = words(inside.get(f"/records/{strange}"))
    for said in ("favorite color", "teal", "type", "Guitarist", "address · city", "Moab", "84532", "empty"):
        assert said in page, said


def test_no_page_breaks(inside: Browser, course: str, strange: str) -> None:
    for path in ("/records/{}", "/records/{}/check", "/rules/{}", "/rules/", "/delete/record/{}", "/export",
                 "/shares/new?record={}", "/growth/", "/activity/", "/papers/", "/portfolio/", "/profile/timeline"):
        for item_id in (course, strange):
            assert inside.get(path.format(item_id)).status_code == 200, path


def test_it_can_be_checked_again_and_hidden(inside: Browser, services: Services, course: str) -> None:
    page = inside.submit(inside.get(f"/records/{course}/check"), f"/records/{course}/check")
    assert page.status_code == 200 and "Nobody has changed it since it was signed." in words(page)
    page = inside.submit(inside.get(f"/rules/{course}"), rule="never", kind="other")
    assert heading(page).startswith("Algebra I") and "Never" in words(page)


def test_it_is_not_offered_for_links_files_and_paper(inside: Browser, services: Services, course: str) -> None:
    vault = vault_of(inside, services)
    assert course in {card.item_id for card in library.shelf(vault).all()}
    assert bundles.choices(vault) == ()


def test_an_export_holds_it_as_it_was_signed(inside: Browser, services: Services, course: str) -> None:
    answer = inside.submit(inside.get("/export"), hidden="yes")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        text = archive.read("records/001-algebra-i.sd-jwt").decode()
        assert peek_sd_jwt_vc(parse_sd_jwt(text))["title"] == "Algebra I"
        assert "Algebra I" in archive.read("records.csv").decode()
        assert "Algebra I" in archive.read("site/001-algebra-i.html").decode()


def test_the_sheet_lists_in_words_what_leaves_and_just_that_leaves(inside: Browser, services: Services, world: World,
                                                                   course: str) -> None:
    college = AskingCollege(world)
    link = college.ask()
    college.query = {"credentials": [{
        "id": "course", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://lincoln.example/vct/course"]},
        "claims": [{"path": ["title"]}, {"path": ["grade"]}]}]}
    sheet = inside.get("/request?" + urlsplit(link).query)
    text = words(sheet)
    for said in ("Title", "Algebra I", "Grade or result", "A"):
        assert said in text, said
    stays = text.partition("stay")[2]
    assert "School's student number" in stays and "20391" not in text and "Hernández" not in text
    inside.submit(sheet, decision="share", until="2026-07-01")
    answer = college.sent[-1]
    assert isinstance(answer, AuthorizationResponse)
    ((sent,),) = answer.vp_token.values()
    report = verify_sd_jwt_presentation(sent, Policy(), world.environment(), nonce=college.nonce,
                                        audience=college.client_id)
    assert report.verified and report.document.keys() == {"iss", "iat", "vct", "cnf", "title", "grade"}
    assert json.dumps(report.document).count("20391") == 0
    log = words(inside.get("/activity/"))
    assert "college.example" in log


def test_the_page_says_it_in_spanish(inside: Browser, course: str) -> None:
    inside.language = "es"
    page = words(inside.get(f"/records/{course}"))
    assert "SD-JWT" in page and "This record" not in page


def test_a_backup_brings_it_back_with_its_key(inside: Browser, services: Services, course: str) -> None:
    vault = vault_of(inside, services)
    item = vault.read(course, CREDENTIAL)
    key = vault.signer(item, item.body["key_method"])
    holder = peek_sd_jwt_vc(parse_sd_jwt(item.body["sd_jwt"]))["cnf"]["jwk"]
    assert public_key_from_multibase(key.public_key_multibase).to_jwk() == holder
