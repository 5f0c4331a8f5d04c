"""Real pages in a real Chromium: every page looked at has no axe violation, asks no other host and does not overflow.

Screenshots go to ``artefacts/`` (not part of the repository): look at them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.amount import FULL
from tests.support.shared import ROOT

AXE = ROOT / "tests" / "interop" / "node" / "node_modules" / "axe-core" / "axe.min.js"
ARTEFACTS = ROOT / "artefacts"
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
# Of all that axe found only this comes back: carrying the rest costs a quarter of the time. No rule that runs reads
# stylesheets again, so that none is loaded.
_RUN_AXE = """axe.run(document, {resultTypes: ['violations'], preload: {assets: ['media']}})
    .then(found => found.violations)"""


@dataclass(frozen=True)
class Screen:
    """A size and a language to look at pages in."""

    width: int
    language: str

    def __str__(self) -> str:
        return f"{self.width}-{self.language}"


PHONE_ES, PHONE_EN, WIDE_ES, WIDE_EN = Screen(390, "es"), Screen(390, "en"), Screen(1280, "es"), Screen(1280, "en")
SCREENS = (PHONE_ES, WIDE_EN, PHONE_EN, WIDE_ES) if FULL else (PHONE_ES, WIDE_EN)


ON_EVERY_SCREEN = ("test_story.py", "test_components.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In ``make test`` the tests of single pages take turns, one screen each; ``make full`` takes every screen."""
    if FULL:
        return
    turns: dict[str, int] = {}
    left_out = []
    times = Counter(_function_of(item) for item in items)
    for item in items:
        chosen = getattr(item, "callspec", None)
        screen = chosen.params.get("screen") if chosen is not None else None
        if not isinstance(screen, Screen) or item.path.name in ON_EVERY_SCREEN or screen not in SCREENS:
            continue
        turn = turns.setdefault(f"{item.path.name}::{getattr(item, 'originalname', item.name)}", len(turns))
        if times[_function_of(item)] > 1 and screen is not SCREENS[turn % len(SCREENS)]:
            left_out.append(item)
    config.hook.pytest_deselected(items=left_out)
    gone = set(map(id, left_out))
    items[:] = [item for item in items if id(item) not in gone]


def _function_of(item: pytest.Item) -> tuple[Path, str]:
    return item.path, getattr(item, "originalname", "")


@dataclass
class Watch:
    """What pages did besides showing themselves: whom else they asked, what the browser complained of."""

    foreign: list[str]
    complaints: list[str]


Look = Callable[..., None]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium that asks nobody anything by itself."""
    arguments = [*browser_type_launch_args.get("args", ()), *_FLAGS]
    return {**browser_type_launch_args, "args": list(dict.fromkeys(arguments))}


@pytest.fixture(params=SCREENS, ids=str)
def screen(request: pytest.FixtureRequest) -> Screen:
    """The size and language a test runs in; ``make full`` takes all four."""
    chosen: Screen = request.param
    return chosen


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], screen: Screen) -> dict[str, Any]:
    """A context of that size and language, without motion."""
    return {
        **browser_context_args,
        "viewport": {"width": screen.width, "height": 844},
        "locale": screen.language,
        "reduced_motion": "reduce",
    }


@pytest.fixture
def own_hosts() -> frozenset[str]:
    """The hosts the pages may talk to; override it where a story has more of them."""
    return frozenset({"localhost"})


@pytest.fixture
def watch(context: BrowserContext, own_hosts: frozenset[str]) -> Iterator[Watch]:
    """Listens to every page of the test; at its end nobody else must have been asked and nothing been complained of."""
    with watching(context, own_hosts) as watched:
        yield watched


@pytest.fixture
def look(watch: Watch, screen: Screen) -> Look:
    """``look(page, "consent")``: a screenshot, then no axe violation, no sideways scrolling, no foreign request."""
    return build_look(watch, screen)


@contextmanager
def watching(context: BrowserContext, own_hosts: frozenset[str]) -> Iterator[Watch]:
    """Listen to every page of ``context`` until the block ends, then see that there was nothing to hear."""
    watched = Watch([], [])

    def on_request(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname not in own_hosts:
            watched.foreign.append(url)

    def on_console(kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            watched.complaints.append(text)

    context.on("request", lambda request: on_request(request.url))
    context.on("console", lambda message: on_console(message.type, message.text))
    context.on("weberror", lambda error: watched.complaints.append(str(error.error)))
    yield watched
    assert watched.foreign == []
    assert watched.complaints == []


def build_look(watch: Watch, screen: Screen, *, scripts: bool = True) -> Look:
    """A ``look`` for the pages that ``watch`` listens to; axe is a script, so it needs pages that run them."""
    source = AXE.read_text(encoding="utf-8") if AXE.exists() else None
    assert source, "axe-core is missing: run npm ci in tests/interop/node"

    def check(page: Page, name: str, *, folder: str = "pages") -> None:
        target: Path = ARTEFACTS / folder / f"{name}-{screen}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target, full_page=True, type="jpeg", quality=70)  # writing a PNG costs more
        assert page.locator("h1").count() == 1, f"{name}: one h1"
        assert page.locator("html").get_attribute("lang") == screen.language, name
        assert not scripts or violations(page, source) == [], name
        widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert widths[0] <= widths[1], f"{name} scrolls sideways"
        assert watch.foreign == []

    return check


def violations(page: Page, source: str) -> list[str]:
    """What axe finds on the page, one line each (WCAG 2.2 AA and its best practices)."""
    page.evaluate(source)
    found = page.evaluate(_RUN_AXE)
    return [
        f"{violation['id']}: {node['html'][:300]} ({node['failureSummary'][:300]})"
        for violation in found
        for node in violation["nodes"]
    ]
