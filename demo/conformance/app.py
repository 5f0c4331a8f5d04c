"""The endpoints, over the kernel: every answer is JSON, every failure 400 with problem details.

Spec: VC-API; DID-RESOLUTION #bindings-https; conformance of the public W3C suites
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from credkit.encoding import parse_json
from credkit.environment import Environment
from credkit.errors import CredkitError, MalformedValueError
from credkit.protocols.vc_api import VerifyRequest, read_derive_request, read_issue_request, read_verify_request
from credkit.shape import as_list
from credkit.verification import Policy, Report, verify_credential, verify_presentation
from credkit.verification.report import problem_of
from demo.conformance.issuing import Issuers

MAX_BODY_BYTES = 10 * 1024 * 1024
UNBOUND = "unbound"
_SELECTIVE = ("ecdsa-sd-2023", "bbs-2023")
_PROBLEM = "application/problem+json"


def create_app(issuers: Issuers, environment: Environment,
               resolve: Callable[[str, str, Mapping[str, str]], Response]) -> Flask:
    """The conformance profile as one Flask application."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_error_handler(CredkitError, _problem)
    app.register_error_handler(HTTPException, _http_problem)
    _serve_issuers(app, issuers)
    _serve_verifiers(app, issuers, environment)

    @app.get("/1.0/identifiers/", defaults={"did": ""})
    @app.get("/1.0/identifiers/<path:did>")
    def resolution(did: str) -> Response:
        return resolve(did, request.headers.get("Accept", ""), request.args)

    return app


def _serve_issuers(app: Flask, issuers: Issuers) -> None:
    @app.post("/issuers/<slug>/credentials/issue")
    def issue(slug: str) -> Any:
        _known(slug, issuers.slugs)
        return jsonify(issuers.issue(slug, read_issue_request(_body()))), 201

    @app.post("/holders/<slug>/credentials/derive")
    def derive(slug: str) -> Any:
        _known(slug, _SELECTIVE)
        return jsonify({"verifiableCredential": issuers.derive(read_derive_request(_body()))}), 201

    @app.get("/status/1")
    def status_list() -> Response:
        answer = jsonify(issuers.status_list())
        answer.mimetype = "application/vc+json"
        return answer


def _serve_verifiers(app: Flask, issuers: Issuers, environment: Environment) -> None:
    @app.post("/verifiers/<slug>/credentials/verify")
    def verify(slug: str) -> Any:
        _known(slug, (*issuers.slugs, UNBOUND))
        asked = read_verify_request(_body(), "verifiableCredential")
        _check_asked(asked, "assertionMethod")
        return _told(verify_credential(asked.secured, _policy(slug), environment))

    @app.post("/verifiers/<slug>/presentations/verify")
    def verify_vp(slug: str) -> Any:
        _known(slug, (*issuers.slugs, UNBOUND))
        asked = read_verify_request(_body(), "verifiablePresentation")
        _check_purpose(asked, "authentication")
        return _told(verify_presentation(asked.secured, _policy(slug), environment, challenge=asked.challenge,
                                         domain=asked.domain))


def _known(slug: str, slugs: Any) -> None:
    if slug not in slugs:
        raise MalformedValueError("there is no such endpoint")


def _body() -> Any:
    return parse_json(request.get_data())


def _policy(slug: str) -> Policy:
    return Policy(bind_issuer=slug != UNBOUND, asked=False)


def _check_asked(asked: VerifyRequest, purpose: str) -> None:
    """What the options say of ``challenge`` and ``domain`` must hold for every proof of a credential."""
    _check_purpose(asked, purpose)
    proofs = as_list(asked.secured.get("proof"))
    for name, wanted in (("challenge", asked.challenge), ("domain", asked.domain)):
        said = [proof.get(name) if isinstance(proof, dict) else None for proof in proofs]
        if wanted is not None and (not said or any(value != wanted for value in said)):
            raise MalformedValueError("the proof was made for another request", pointer=f"/proof/{name}")


def _check_purpose(asked: VerifyRequest, purpose: str) -> None:
    if asked.purpose not in (None, purpose):
        raise MalformedValueError("the proof was made for another purpose", pointer="/options/expectedProofPurpose")


def _told(report: Report) -> Any:
    problems = [dict(check.problem) for check in report.problems() if check.problem is not None]
    body = {**report.to_json(), "problemDetails": problems}
    return jsonify(body), 200 if report.verified else 400


def _problem(error: CredkitError) -> Any:
    answer = jsonify(dict(problem_of(error)))
    answer.mimetype = _PROBLEM
    return answer, 400


def _http_problem(error: HTTPException) -> Any:
    answer = jsonify({"type": "about:blank", "title": error.name, "status": error.code})
    answer.mimetype = _PROBLEM
    return answer, error.code or 400
