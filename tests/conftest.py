"""What every test shares: how much hypothesis generates, and which Chromium the browser tests drive."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of a downloaded one; without its sandbox, which root cannot use."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is missing: apt-get install chromium"
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": executable, "args": arguments}
