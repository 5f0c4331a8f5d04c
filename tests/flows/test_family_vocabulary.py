"""Our own vocabulary is served by every role, byte for byte the pinned one (docs/decisions/0010)."""

from __future__ import annotations

import pytest
from flask import Flask

import contexts
import issuer.web
import verifier.web
import wallet.web
from tests.flows.conftest import COLLEGE, SCHOOL, WALLET, Town

PATH = "/contexts/family-v1"


@pytest.fixture
def apps(town: Town) -> dict[str, Flask]:
    return {SCHOOL: issuer.web.create_app(town.school), WALLET: wallet.web.create_app(town.wallet),
            COLLEGE: verifier.web.create_app(town.college)}


def test_every_role_serves_the_pinned_bytes_to_anybody(apps: dict[str, Flask]) -> None:
    for origin, app in apps.items():
        answer = app.test_client().get(PATH, base_url=origin, headers={"Origin": "https://anybody.example"})

        assert answer.status_code == 200
        assert answer.data == contexts.read(contexts.FAMILY_V1)
        assert answer.json == contexts.load(contexts.FAMILY_V1)
        assert answer.headers["Content-Type"] == "application/ld+json"
        assert answer.headers["Cache-Control"] == "public, max-age=86400"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers


def test_it_can_only_be_read(apps: dict[str, Flask]) -> None:
    for origin, app in apps.items():
        client = app.test_client()

        assert client.head(PATH, base_url=origin).status_code == 200
        assert client.post(PATH, base_url=origin, data=b"{}").status_code == 405
        assert client.get(PATH + "/other", base_url=origin).status_code == 404
