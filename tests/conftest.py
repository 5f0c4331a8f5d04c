"""What every test shares: how much hypothesis generates, and which Chromium the browser tests drive."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import once, postgres
from tests.support.amount import FULL, amount

# No deadlines: a test is never judged by the clock. What failed once is printed to be run again, not kept in a folder.
# `make test` generates the same examples every time, so that red means a change; `make full` looks for new ones.
settings.register_profile(
    "backpack",
    deadline=None,
    max_examples=amount(1000),
    database=None,
    derandomize=not FULL,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("backpack")


# Counting lines costs four fifths of what a test costs. `make test` counts the kernel's, in the kernel's own tests;
# `make full` counts every role's too, but for what a browser drives or what is generated or compared at length.
COUNTED = () if FULL else (Path(__file__).parent / "credkit",)
UNCOUNTED = tuple(Path(__file__).parent / name for name in (
    "browser", "hostile", "credkit/jsonld/test_against_pyld.py", "credkit/profiles/test_rules.py"))

once.keep()

# Many documents and templates live as long as the run; looking through them less often saves an eighth of the time.
gc.set_threshold(100_000, 20, 50)


def is_counted(item: pytest.Item) -> bool:
    """Whether the lines that this test runs are counted."""
    counted = not COUNTED or any(item.path.is_relative_to(folder) for folder in COUNTED)
    return counted and not any(item.path.is_relative_to(folder) for folder in UNCOUNTED)


# What takes a minute begins first: a worker that comes to it last keeps the other waiting.
LONG = ("test_hidden.py", "test_story.py", "test_stories.py", "test_hostile_text.py", "test_families_apart.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, everything else as it was found."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Pause the coverage for tests that are not counted, what they set up included."""
    controller = getattr(item.config.pluginmanager.get_plugin("_cov"), "cov_controller", None)
    if controller is not None and controller.started != is_counted(item):
        (controller.resume if is_counted(item) else controller.pause)()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server for this worker's tests."""
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """Gives the URL of a new, empty database: a file in the folder it is told, or one on the server."""
    if request.param == "sqlite":
        return lambda folder: f"sqlite:///{folder / 'database.sqlite3'}"
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return lambda _folder: server.database()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of a downloaded one; without its sandbox, which root cannot use.

    It is the build without a window of its own, which does the same pages in less than half of the time.
    """
    executable = shutil.which("chromium-headless-shell")
    assert executable, "Chromium is missing: apt-get install chromium-headless-shell"
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": executable, "args": arguments}
