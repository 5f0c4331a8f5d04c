"""A held badge as a picture: what goes in holds outside, another wallet takes it, and what is hidden stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from credkit.baking import bake, unbake
from credkit.errors import ParsingError, StateError, UnsupportedError
from credkit.proofs import is_base_proof
from credkit.verification import Policy, verify_credential
from tests.support.world import World
from tests.wallet.offices import OfferingSchool
from tests.wallet.services.test_exports import COURSES, other  # noqa: F401
from tests.wallet.support import PASSPHRASE
from ui.badges import badge_png, badge_svg
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.record import hiding, library
from wallet.services.sharing import baking, importing
from wallet.vault import OpenVault

DRAW = {"png": badge_png, "svg": badge_svg}


@pytest.fixture
def filled(services: Services, vault: OpenVault, school: OfferingSchool) -> OpenVault:
    link = school.offer(school.transcript(*COURSES), school.course(4, "Art", "Distinction"))
    services.receiving.accept_offer(vault, services.receiving.resolve_offer(link), tx_code="4711")
    return vault


def item(vault: OpenVault, title: str) -> str:
    return next(card.item_id for card in library.shelf(vault).all() if card.title == title)


@pytest.mark.parametrize("kind", DRAW)
def test_a_record_in_a_picture_holds_outside_and_goes_into_another_wallet(
        services: Services, filled: OpenVault, world: World, other: Services, kind: str) -> None:  # noqa: F811
    made = baking.badge_picture(filled, services.sharing.environment, item(filled, "Art"), DRAW[kind])
    badge = unbake(made.data)
    assert badge is not None and made.name == "art"
    document = json.loads(badge.text)
    assert not is_base_proof(document["proof"])
    assert verify_credential(document, Policy(), world.environment()).verified

    theirs = other.vault.create(PASSPHRASE).vault
    imported = importing.keep(theirs, other.sharing.environment, importing.read_file(made.data), file_name="art.png")
    assert (len(imported.kept), imported.refused) == (1, ())
    assert item(theirs, "Art") and activity.lines(filled)[0].kind == "exported"


def test_what_is_hidden_or_no_single_record_goes_into_no_picture(services: Services, filled: OpenVault) -> None:
    environment, art = services.sharing.environment, item(filled, "Art")
    transcript = next(card.item_id for card in library.shelf(filled).all() if card.kind == "transcript")
    now = services.clock.now()
    assert baking.may_bake(filled, art, now) and not baking.may_bake(filled, transcript, now)
    hiding.hide_record(filled, services.clock, art, "never")
    assert not baking.may_bake(filled, art, now)
    for item_id in (art, transcript, "nothing"):
        with pytest.raises(StateError):
            baking.badge_picture(filled, environment, item_id, badge_png)


def test_a_picture_without_a_record_is_refused_in_words() -> None:
    plain = badge_png("Reader", None)
    with pytest.raises(ParsingError):
        importing.read_file(plain)
    with pytest.raises(ParsingError):
        importing.read_file(plain + b"PK\x03\x04")
    with pytest.raises(UnsupportedError):
        importing.read_file(bake(badge_svg("Reader", None), "eyJh.e30.c2ln").replace(b"eyJh.e30.c2ln", b"https://b.example"))


OLDER = json.dumps({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://a.example/1"})


@pytest.mark.parametrize("data", [OLDER.encode(), bake(badge_png("Reader", None), OLDER)])
def test_an_older_badge_is_told_as_one(data: bytes) -> None:
    with pytest.raises(importing.OlderBadge):
        importing.read_file(data)


def test_a_badge_of_its_own_keeps_only_its_pixels(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x010E] = "Lincoln Street 7"
    Image.new("RGB", (2_000, 1_000), "red").save(photo, exif=exif)
    for draw in DRAW.values():
        drawn = draw("Reader <script>", photo.read_bytes())
        assert b"Lincoln" not in drawn and b"<script" not in drawn
    with Image.open(tmp_path / "photo.jpg") as before:
        assert before.getexif()
    made = tmp_path / "made.png"
    made.write_bytes(badge_png("Reader", photo.read_bytes()))
    with Image.open(made) as after:
        assert after.size == (512, 256) and not after.getexif()


@pytest.mark.parametrize("title", ["", "R", "Algebra I with honours and a very long name that never ends " * 4, "读者",
                                   "</title><script>", "\u202egnp"])
def test_any_title_makes_a_plain_badge(title: str) -> None:
    assert unbake(bake(badge_png(title, None), "{}")) == unbake(bake(badge_svg(title, None), "{}"))
    assert b"<script" not in badge_svg(title, None)
