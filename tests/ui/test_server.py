"""The server inside a role: it answers, and it stops when told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from tests.support.shared import ROOT

SCRIPT = """
import sys
from ui.web import create_app, serve

def make_app():
    app = create_app("tests.ui", role="wallet", origin="http://localhost:8103", secret_key=b"k" * 32)
    app.add_url_rule("/", view_func=lambda: "served")
    return app

port = int(sys.argv[1])
serve(make_app, "127.0.0.1", port, on_ready=lambda: print("ready", flush=True))
"""


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_server_answers_and_stops_cleanly(stop, tmp_path):
    from tests.browser.serving import free_port

    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with urllib.request.urlopen(f"http://localhost:{port}/", timeout=30) as answer:
            assert answer.read() == b"served"
    finally:
        process.send_signal(stop)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert (out, err) == ("", "")
    assert list(tmp_path.iterdir()) == []
