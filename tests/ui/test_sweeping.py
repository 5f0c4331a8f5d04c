"""Timers run with the server: every five minutes, with requests or without, and no page fails because of them."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.shared import ROOT
from tests.ui.conftest import Browser, make_app
from ui.web import install_sweeper
from ui.web.sweeping import EVERY, Sweeper

SCRIPT = """
import sys
from credkit.environment import SystemClock
from ui.web import create_app, install_sweeper, serve

def make_app():
    app = create_app("tests.ui", role="wallet", origin="http://localhost:8103", secret_key=b"k" * 32)
    install_sweeper(app, lambda: print("swept", flush=True), SystemClock())
    return app

serve(make_app, "127.0.0.1", int(sys.argv[1]))
"""


@dataclass
class StepClock:
    moment: datetime = datetime(2026, 11, 26, tzinfo=UTC)
    swept: list[datetime] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sweep(self) -> None:
        self.swept.append(self.moment)


def test_it_sweeps_with_the_first_request_and_then_every_five_minutes():
    clock, app = StepClock(), make_app()
    install_sweeper(app, clock.sweep, clock)
    browser = Browser(app)
    for seconds in (0, 60, 239, 1, 299, 1):
        clock.moment += timedelta(seconds=seconds)
        assert browser.get("/").status_code == 200

    begin = clock.swept[0]
    assert [moment - begin for moment in clock.swept] == [timedelta(), EVERY, 2 * EVERY]


def test_a_sweep_that_fails_is_told_by_its_kind_alone_and_breaks_no_page(caplog):
    clock, app = StepClock(), make_app()

    def fail() -> None:
        raise OSError("ZZCANARY: the row of José")

    install_sweeper(app, fail, clock)
    with caplog.at_level(logging.WARNING):
        assert Browser(app).get("/").status_code == 200

    assert "OSError" in caplog.text and "ZZCANARY" not in caplog.text


def test_many_at_once_sweep_once():
    clock = StepClock()
    sweeper = Sweeper(make_app(), clock.sweep, clock)
    gate = threading.Barrier(8)

    def look() -> None:
        gate.wait()
        sweeper.look()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(clock.swept) == 1


def test_a_running_server_sweeps_although_nobody_asks_for_anything(tmp_path):
    from tests.browser.serving import free_port

    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(free_port())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "swept\n"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize("role", ["issuer", "wallet", "verifier"])
def test_every_role_has_its_timers(role, tmp_path):
    from tests.test_retention import build_app

    assert isinstance(build_app(role, tmp_path).extensions["backpack_sweeper"], Sweeper)
