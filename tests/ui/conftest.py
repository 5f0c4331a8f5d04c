"""A small application made by the factory, with every kind of route a role can have."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask, flash, g, redirect, render_template_string, request, session
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from credkit.errors import ProofVerificationError, ProtocolError, StateError
from ui.passwords import hash_password
from ui.web import allow_body, allow_form_target, create_app, protocol_blueprint, rate_limit
from ui.web.login import Operator, login_blueprint, require_login

ORIGIN = "https://wallet.example"
PASSWORD = "correct horse battery staple"
HASH = hash_password(PASSWORD, b"0123456789abcdef")

FORM = """{% extends "ui/base.html" %}{% import "ui/macros.html" as ui %}{% set page_form = true %}
{% block heading %}{{ _("Sign in") }}{% endblock %}
{% block content %}<form id="page-form" method="post">{{ ui.csrf() }}{{ ui.field("nickname", "Nickname") }}
{{ ui.field("secret", "Secret", kind="password") }}{{ ui.submit("Save") }}</form>{% endblock %}"""


def make_app(origin: str = ORIGIN, **options: object) -> Flask:
    app = create_app("tests.ui", role="wallet", origin=origin, secret_key=b"k" * 32, contact="(555) 0100", **options)  # type: ignore[arg-type]
    app.testing = True
    pages = Blueprint("pages", __name__)
    saved: list[str] = []
    app.extensions["saved"] = saved

    @pages.route("/", methods=["GET", "POST"])
    def start() -> ResponseReturnValue:
        if request.method == "POST":
            saved.append(request.form["nickname"])
            flash("Saved", "success")
            return redirect("/", 303)
        return render_template_string(FORM)

    @pages.get("/elsewhere")
    def elsewhere() -> ResponseReturnValue:
        allow_form_target("https://college.example/done?x=1")
        allow_form_target("javascript:alert(1)")
        allow_form_target("https://evil.example;script-src *")
        return render_template_string(FORM)

    @pages.get("/broken")
    def broken() -> ResponseReturnValue:
        raise RuntimeError("ZZCANARY secret")

    @pages.get("/used-up")
    def used_up() -> ResponseReturnValue:
        raise StateError("This link was used already.")

    @pages.get("/tampered")
    def tampered() -> ResponseReturnValue:
        raise ProofVerificationError("the signature does not match")

    @pages.post("/upload")
    @allow_body(3_000_000)
    def upload() -> ResponseReturnValue:
        return str(len(request.form["text"]))

    @pages.get("/rare")
    @rate_limit("2 per minute")
    def rare() -> ResponseReturnValue:
        return "rare"

    protocol = protocol_blueprint("protocol", __name__, url_prefix="/protocol", max_body_bytes=1000)

    @protocol.post("/token")
    def token() -> ResponseReturnValue:
        session["never"] = "kept"
        return {"token": request.form.get("code", "")}

    @protocol.get("/credential")
    def credential() -> ResponseReturnValue:
        raise ProtocolError("invalid_token", "The access token is not valid.", 401)

    @protocol.get("/broken")
    def protocol_broken() -> ResponseReturnValue:
        raise RuntimeError("ZZCANARY secret")

    office = Blueprint("office", __name__)

    @office.get("/office")
    def today() -> ResponseReturnValue:
        return f"hello {g.operator.name}"

    require_login(office)
    operators = {"registrar": Operator("registrar", HASH)}
    app.extensions["operators"] = operators
    app.register_blueprint(login_blueprint(operators.get, after="office.today"))
    for blueprint in (pages, protocol, office):
        app.register_blueprint(blueprint)
    return app


class Browser:
    """A test client that sends forms as a browser does, with Origin and token."""

    def __init__(self, app: Flask, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **options):
        return self.client.get(path, base_url=self.origin, **options)

    def token(self, path: str = "/") -> str:
        page = self.get(path).text
        return page.split('name="csrf_token" value="')[1].split('"')[0]

    def post(self, path: str, data: dict[str, str] | None = None, *, token: bool = True, **options):
        form = dict(data or {})
        if token:
            form.setdefault("csrf_token", self.token())
        options.setdefault("headers", {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"})
        return self.client.post(path, base_url=self.origin, data=form, **options)


@pytest.fixture(scope="session")
def built_app() -> Flask:
    return make_app()


@pytest.fixture
def app(built_app: Flask) -> Flask:
    built_app.testing = True
    built_app.extensions["saved"].clear()
    built_app.extensions["operators"]["registrar"] = Operator("registrar", HASH)
    built_app.extensions["backpack_limiter"].reset()
    return built_app


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)
