"""For any WSGI server: ``wallet.wsgi:make_app()`` builds the application from the environment."""

from __future__ import annotations

import os

from flask import Flask

from wallet.bootstrap import build_services
from wallet.config import from_environ
from wallet.web import create_app


def make_app() -> Flask:
    """The application of the wallet in ``BACKPACK_DATA``, which is made if it is not there.

    Raises:
        ConfigError: a setting cannot be read, or the data cannot be opened.
    """
    return create_app(build_services(from_environ(os.environ)))
