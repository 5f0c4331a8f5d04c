"""For any WSGI server: ``issuer.wsgi:make_app()`` builds the application from the environment."""

from __future__ import annotations

import os

from flask import Flask

from issuer.bootstrap import build_services
from issuer.config import from_environ
from issuer.web import create_app


def make_app() -> Flask:
    """The application of the issuer in ``BACKPACK_DATA``.

    Raises:
        ConfigError: there is none, or a setting cannot be read.
    """
    return create_app(build_services(from_environ(os.environ)))
