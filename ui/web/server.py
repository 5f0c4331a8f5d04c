"""The WSGI server inside a role: gunicorn with threads, quiet, one process for the pages and their timers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from ui.collector import settle
from ui.web import sweeping


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, make_app: Callable[[], Flask], settings: dict[str, Any]) -> None:
        self._make_app = make_app
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app = self._make_app()
        sweeping.start(app)
        settle()
        return app


def serve(
    make_app: Callable[[], Flask],
    host: str,
    port: int,
    *,
    threads: int = 8,
    on_ready: Callable[[], None] | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; then finish what is being answered (5 s) and raise ``SystemExit``.

    Args:
        make_app: Called once in the serving process, so that no database connection crosses a fork.
        certificate, key: PEM files; with both the server speaks https.
        on_ready: Called once when the address is bound and requests will be answered (print the address there).
    """
    _Server(
        make_app,
        {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": threads,
            "timeout": 120,
            "graceful_timeout": 5,
            "keepalive": 5,
            "loglevel": "warning",
            "accesslog": None,
            "limit_request_line": 8190,
            "control_socket_disable": True,
            "when_ready": lambda _server: on_ready() if on_ready else None,
        } | ({"certfile": str(certificate), "keyfile": str(key)} if certificate and key else {}),
    ).run()
