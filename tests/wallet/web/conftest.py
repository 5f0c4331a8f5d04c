"""A browser on the family's wallet."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import Browser
from wallet.bootstrap import Services
from wallet.web import create_app


@pytest.fixture
def app(services: Services) -> Flask:
    app = create_app(services)
    app.testing = True
    return app


@pytest.fixture
def visitor(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def inside(visitor: Browser) -> Browser:
    """A browser that has made its backpack and is in it."""
    visitor.submit(visitor.get("/"), passphrase=PASSPHRASE, again=PASSPHRASE)
    return visitor
