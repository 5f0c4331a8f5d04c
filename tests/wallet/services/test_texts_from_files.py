"""Records that are signed texts (SD-JWT VC, JWS) come out of one wallet and into another, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from credkit.baking import bake
from credkit.encoding import base64url_decode
from credkit.formats.jwt_vc import sign_jwt_vc_json, sign_vc_jwt, sign_vp_jwt
from credkit.formats.sd_jwt_vc import bind_key, parse_sd_jwt
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from tests.support.world import School, World
from tests.wallet.offices import AskingCollege
from tests.wallet.services.test_exports import other  # noqa: F401
from tests.wallet.services.test_sd_jwt_sharing import VCT
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.test_sd_jwt_pages import COURSE, keep
from ui.badges import badge_png
from wallet.bootstrap import Services
from wallet.services.checking import check_again
from wallet.services.record import library
from wallet.services.record.items import CREDENTIAL
from wallet.services.sharing import exports, importing
from wallet.services.sharing.importing import Imported
from wallet.vault import OpenVault

ORIGIN = "https://lincoln.example"


@pytest.fixture
def office(world: World) -> School:
    return School(world, ORIGIN)


@pytest.fixture
def theirs(other: Services) -> OpenVault:  # noqa: F811
    return other.vault.create(PASSPHRASE).vault


def bring(services: Services, vault: OpenVault, data: bytes) -> Imported:
    return importing.keep(vault, services.sharing.environment, importing.read_file(data), file_name="a file")


def older(document: JSONObject) -> JSONObject:
    """The same under the data model of 2019."""
    return {**document, "@context": ["https://www.w3.org/2018/credentials/v1", *document["@context"][1:]],
            "issuanceDate": document["validFrom"]}


def envelope(token: str, media_type: str = "vc+jwt") -> JSONObject:
    return {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "EnvelopedVerifiableCredential",
            "id": f"data:application/{media_type},{token}"}


def enveloped(token: str) -> bytes:
    """In a presentation that nobody signed, as exports of other wallets have it."""
    media_type = "vc+jwt" if json.loads(base64url_decode(token.partition(".")[0])).get("typ") == "vc+jwt" else "jwt"
    return json.dumps({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
                       "verifiableCredential": [envelope(token, media_type)]}).encode()


FORMS: dict[str, Callable[[School, JSONObject], str]] = {
    "vc+jwt": lambda office, document: sign_vc_jwt(document, office.p256, key_id=office.p256.verification_method),
    "jwt_vc_json": lambda office, document: sign_jwt_vc_json(
        document, office.p256, key_id=office.p256.verification_method),
}


def test_what_came_as_text_comes_out_of_one_wallet_and_into_another(
        services: Services, vault: OpenVault, other: Services, theirs: OpenVault, office: School,  # noqa: F811
        world: World) -> None:
    keep(vault, services, office, COURSE, VCT)
    token = FORMS["vc+jwt"](office, office.course(name="Biology"))
    assert len(bring(services, vault, token.encode()).kept) == 1
    data = exports.export(vault, services.sharing.environment, hidden=False)

    first, again = bring(other, theirs, data), bring(other, theirs, data)

    assert (len(first.kept), first.known, first.refused) == (2, 0, ())
    assert (len(again.kept), again.known) == (0, 2)
    shown = {card.title: card for card in library.shelf(theirs).all()}
    assert {title: card.form for title, card in shown.items()} == {"Algebra I": "dc+sd-jwt", "Biology": "vc+jwt"}
    body = theirs.read(shown["Biology"].item_id, CREDENTIAL).body
    assert body["jwt"] == token and body["received_from"].startswith("file:") and body["key_method"] is None
    report = check_again(theirs, shown["Algebra I"].item_id, library.known_issuers(theirs), other.sharing.environment)
    assert not [check for check in report.problems() if check.id != "trust"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wrap", [
    lambda token: token.encode() + b"\n", lambda token: json.dumps([token]).encode(),
    lambda token: bake(badge_png("Reader", None), token), enveloped], ids=["text", "list", "picture", "envelope"])
def test_a_signed_text_is_kept_however_it_lies_in_the_file(
        services: Services, vault: OpenVault, office: School, form: str, wrap: Callable[[str], bytes]) -> None:
    document = office.course()
    token = FORMS[form](office, document if form == "vc+jwt" else older(document))

    imported = bring(services, vault, wrap(token))

    assert (len(imported.kept), imported.refused) == (1, ())
    (card,) = library.shelf(vault).all()
    assert (card.title, card.form, card.status) == ("Algebra I", form, "good")


def test_a_text_that_is_changed_presented_or_taken_back_is_not_kept(
        services: Services, vault: OpenVault, other: Services, theirs: OpenVault, office: School,  # noqa: F811
        world: World) -> None:
    own = vault.read(keep(vault, services, office, COURSE, VCT), CREDENTIAL).body["sd_jwt"]
    key = SoftwareSigner.generate("P-256")
    presented = str(bind_key(parse_sd_jwt(own), key, nonce="n", audience="a", now=world.clock.now()))
    token = FORMS["vc+jwt"](office, office.course())
    head, body, signature = token.split(".")
    presentation = sign_vp_jwt({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "VerifiablePresentation",
                                "holder": office.did}, office.p256, nonce="n", audience="a")
    changed = body[:40] + ("A" if body[40] != "A" else "B") + body[41:]
    for bad in (f"{head}.{changed}.{signature}", f"{head}.{body}.{signature[:-8]}AAAAAAAA", presentation,
                "eyJhbGciOiJub25lIn0.e30.AA", "eyJ.e30.AA", token + "~", "ey" + "a" * 40 + ".b.c", presented,
                own[:-40] + "~"):
        imported = bring(other, theirs, bad.encode())
        assert imported.kept == () and len(imported.refused) == 1 and imported.refused[0].why, bad[:30]
    office.revoked.add(7)
    office.publish_list()

    assert len(bring(other, theirs, token.encode()).refused) == 1 and library.shelf(theirs).all() == ()


def test_an_envelope_that_cannot_be_opened_is_named_and_keeps_nothing_else_out(
        services: Services, vault: OpenVault, office: School) -> None:
    token = FORMS["vc+jwt"](office, office.course())
    closed = [envelope("0oRDoQE4", "vc+cose;base64"), envelope("x"), {**envelope(token), "id": "urn:uuid:1"}]

    imported = bring(services, vault, json.dumps([*closed, envelope(token)]).encode())

    assert len(imported.kept) == 1
    assert [each.why for each in imported.refused] == ["the record is in an envelope that cannot be opened here"] * 3


def test_a_text_under_the_number_of_another_record_takes_nobodys_place(
        services: Services, vault: OpenVault, office: School, world: World) -> None:
    document = office.course()
    stranger = School(world, "https://stranger.example", "Another")
    own = FORMS["vc+jwt"](office, document)
    assert len(bring(services, vault, own.encode()).kept) == 1
    forged = {**document, "issuer": {**document["issuer"], "id": stranger.did}, "name": "Forged"}
    forged.pop("credentialStatus")

    for data in (FORMS["vc+jwt"](stranger, forged).encode(), json.dumps(stranger.sign(forged)).encode()):
        imported = bring(services, vault, data)
        assert (imported.kept, imported.known, imported.refused) == ((), 1, ())
    (card,) = library.shelf(vault).all()
    assert vault.read(card.item_id, CREDENTIAL).body["jwt"] == own


def test_a_text_without_its_key_answers_no_request(
        services: Services, vault: OpenVault, other: Services, theirs: OpenVault, office: School,  # noqa: F811
        world: World) -> None:
    keep(vault, services, office, COURSE, VCT)
    bring(other, theirs, exports.export(vault, services.sharing.environment, hidden=False))
    college = AskingCollege(world)
    link = college.ask()
    college.query = {"credentials": [{"id": "course", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}}]}

    assert services.presenting.match(vault, services.presenting.resolve_request(link)).possible
    assert not other.presenting.match(theirs, other.presenting.resolve_request(link)).possible
