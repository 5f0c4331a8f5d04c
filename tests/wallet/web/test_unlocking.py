"""First visit, unlocking, locking: nothing of what was asked for is lost, and nothing is seen by who did not unlock."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.support.world import World
from tests.wallet.offices import TITLE_AND_GRADE, AskingCollege, OfferingSchool
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import ORIGIN, Browser, form_of, heading, words
from wallet.bootstrap import Services


def page_of(link: str, page: str = "/offer") -> str:
    return page + "?" + link.partition("?")[2]


def test_an_offer_waits_while_a_passphrase_is_made(visitor: Browser, school: OfferingSchool, world: World) -> None:
    asked_before = len(world.web.requests)
    page = visitor.get(page_of(school.offer(school.course(1, "Biology"))))
    assert page.request.path == "/welcome" and "school.example" in words(page)
    assert len(world.web.requests) == asked_before, "nothing is fetched for who has not unlocked"

    page = visitor.submit(page, passphrase=PASSPHRASE, again=PASSPHRASE)

    assert heading(page) == "school.example offers you records"


def test_a_request_waits_while_the_backpack_is_unlocked(
        inside: Browser, app: Flask, college: AskingCollege, world: World) -> None:
    other = Browser(app)
    page = other.get(page_of(college.ask(*TITLE_AND_GRADE), "/request"))
    assert page.request.path == "/unlock" and "college.example asks you" in words(page)

    page = other.submit(page, passphrase=PASSPHRASE)

    assert heading(page) == "college.example asks you for records"


@pytest.mark.parametrize(("passphrase", "again", "said"), [
    ("short", "short", "guessed too quickly"), ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "guessed too quickly"),
    (PASSPHRASE, PASSPHRASE + "x", "not the same"), ("", "", "guessed too quickly"),
])
def test_a_weak_or_mistyped_passphrase_makes_nothing(
        visitor: Browser, services: Services, passphrase: str, again: str, said: str) -> None:
    page = visitor.submit(visitor.get("/"), passphrase=passphrase, again=again)

    assert page.status_code == 422 and said in words(page)
    assert not services.vault.is_set_up()
    if passphrase:
        assert f'"{passphrase}"' not in page.text, "a passphrase never comes back in a page"


def test_a_second_first_visit_leads_to_unlocking(inside: Browser, app: Flask) -> None:
    other = Browser(app)

    assert other.get("/welcome").request.path == "/unlock"
    assert other.get("/").request.path == "/unlock"


def test_a_wrong_passphrase_is_told_and_counted(inside: Browser, app: Flask) -> None:
    other = Browser(app)
    page = other.get("/")
    for _ in range(10):
        page = other.submit(page, passphrase="not the right one")
        assert page.status_code == 403 and "does not open" in words(page)

    page = other.submit(page, passphrase=PASSPHRASE)

    assert page.status_code == 429 and "Wait 15 minutes" in words(page)


def test_the_session_locks_itself_after_fifteen_minutes_and_comes_back_to_the_same_page(
        inside: Browser, world: World) -> None:
    world.clock.advance(minutes=14)
    assert inside.get("/activity/").request.path == "/activity/"
    world.clock.advance(minutes=15)

    page = inside.get("/activity/?page=1")

    assert page.request.path == "/unlock"
    assert inside.submit(page, passphrase=PASSPHRASE).request.full_path == "/activity/?page=1"


def test_asking_how_long_is_left_does_not_keep_it_open(inside: Browser, world: World) -> None:
    world.clock.advance(minutes=13)
    assert inside.get("/session/left").json == {"unlocked": True, "left_s": 120}
    world.clock.advance(minutes=2)

    assert inside.get("/session/left").json == {"unlocked": False, "left_s": 0}


def test_keeping_it_open_is_one_button(inside: Browser, world: World) -> None:
    world.clock.advance(minutes=14)
    inside.submit(inside.get("/inbox"), "/session/stay")
    world.clock.advance(minutes=14)

    assert inside.get("/inbox").request.path == "/inbox"


def test_lock_now_ends_the_session_behind_the_cookie(inside: Browser) -> None:
    cookie = inside.client.get_cookie("__Host-backpack-vault", domain="wallet.example")
    assert cookie is not None

    page = inside.submit(inside.get("/settings"), "/lock")

    assert page.request.path == "/unlock"
    inside.client.set_cookie("__Host-backpack-vault", cookie.value, domain="wallet.example", secure=True)
    assert inside.get("/").request.path == "/unlock"


def test_the_unlock_cookie_is_for_this_host_https_and_http_only(visitor: Browser) -> None:
    page = visitor.get("/")
    answer = visitor.client.post("/welcome", base_url=ORIGIN, headers={"Origin": ORIGIN}, data={
        **form_of(page)["hidden"], "passphrase": PASSPHRASE, "again": PASSPHRASE})

    (cookie,) = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith("__Host-backpack-vault=")]

    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie and "Expires" not in cookie and "Max-Age" not in cookie


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                    "/\nSet-Cookie: x=1", "/" + "a" * 10_000, "evil"])
def test_nobody_is_led_elsewhere_after_unlocking(inside: Browser, app: Flask, target: str) -> None:
    other = Browser(app)
    page = other.get("/unlock?next=" + quote(target))
    form = form_of(page)

    answer = other.client.post("/unlock?next=" + quote(target), base_url=ORIGIN, headers={"Origin": ORIGIN},
                               data={**form["hidden"], "passphrase": PASSPHRASE})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


PUBLIC = ("unlocking", "promises", "ui", "bootstrap", "vocabulary", "shared", "share_api", "joining", "protocol",
          "security", "outside")
"""Blueprints whose pages are for people who have no key here, or whose forms check one by themselves."""


def every_page(app: Flask) -> list[tuple[str, str]]:
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static") or rule.endpoint.partition(".")[0] in PUBLIC:
            continue
        values: dict[str, Any] = {name: 0 if name == "index" else "x" for name in rule.arguments}
        with app.test_request_context(base_url=ORIGIN):
            from flask import url_for

            path = url_for(rule.endpoint, **values)
        found += [(method, path) for method in rule.methods or () if method in ("GET", "POST")]
    return found


def test_no_page_shows_anything_before_it_is_unlocked(inside: Browser, app: Flask) -> None:
    pages = every_page(app)
    assert len(pages) > 20
    stranger = Browser(app)
    token = form_of(stranger.get("/unlock"))["hidden"]
    for method, path in pages:
        answer = stranger.client.open(path, method=method, base_url=ORIGIN, headers={"Origin": ORIGIN}, data=token)
        assert answer.status_code == 303, (method, path)
        assert answer.headers["Location"].startswith("/unlock?next="), (method, path)


def test_every_form_needs_its_token_and_our_own_origin(inside: Browser, app: Flask) -> None:
    posts = [path for method, path in every_page(app) if method == "POST"] + ["/lock", "/session/stay", "/unlock"]
    for path in posts:
        without = inside.client.post(path, base_url=ORIGIN, headers={"Origin": ORIGIN})
        foreign = inside.client.post(path, base_url=ORIGIN, headers={"Origin": "https://evil.example"},
                                     data=form_of(inside.get("/settings"), "/lock")["hidden"])
        assert (without.status_code, foreign.status_code) == (400, 403), path
    assert inside.get("/").request.path == "/"
