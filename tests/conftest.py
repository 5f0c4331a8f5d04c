"""What every test shares: how much hypothesis generates, and which Chromium the browser tests drive."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

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


# What is driven by a browser or generated at length runs lines that the tests beside the code run too; counting them
# once more costs a third of the whole time.
UNCOUNTED = tuple(Path(__file__).parent / name for name in ("browser", "hostile"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pause the coverage in the tests of ``UNCOUNTED``."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in UNCOUNTED):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of a downloaded one; without its sandbox, which root cannot use."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is missing: apt-get install chromium"
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": executable, "args": arguments}
