"""A school with the demo's students at a port of this machine, and somebody else's page to come back to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, request

from demo.export import build_export
from issuer.bootstrap import Services, build_services, initialise_issuer
from issuer.config import from_environ
from issuer.web import create_app
from tests.browser.serving import serving
from ui.passwords import hash_password


@contextmanager
def serving_office(folder: Path) -> Iterator[tuple[str, Services]]:
    """The school's address and what it is made of."""
    made: list[Services] = []

    def make(origin: str) -> Flask:
        config = from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder / "school")
        initialise_issuer(config, origin=origin, name="Lincoln High School",
                          password_hash=hash_password("correct horse battery", b"sixteen bytes ok"))
        made.append(build_services(config))
        return create_app(made[0])

    with serving(make) as origin:
        reading = made[0].imports.receive(build_export(folder / "x.zip").read_bytes(), "x.zip", "operator")
        made[0].imports.confirm(reading.id, "operator")
        yield origin, made[0]


@contextmanager
def serving_listener() -> Iterator[tuple[str, list[str]]]:
    """The address of a site whose ``/callback`` notes at which addresses it was opened, and these."""
    heard: list[str] = []

    def make(origin: str) -> Flask:
        app = Flask("listener")

        @app.get("/callback")
        def callback() -> str:
            heard.append(request.url)
            return "<title>Back</title>"

        return app

    with serving(make) as origin:
        yield origin, heard
