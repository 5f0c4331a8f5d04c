"""From a program's request, by the word of a learner, to its tokens; and what a token allows when it comes in again.

These codes and tokens lie in tables of their own: none of them is good for collecting by OpenID4VCI, nor the other way.

Spec: OB-3.0 #api-security; RFC6749; RFC7009; RFC9700 #section-4.14
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from credkit.errors import ProtocolError, StateError
from credkit.ports import JSONObject
from credkit.protocols.code_grant import answer_address, is_challenge_met
from credkit.protocols.oauth import protocol_error
from credkit.protocols.registered_clients import (
    OFFLINE_ACCESS,
    ClientMetadata,
    CodeRedemption,
    CodeRequest,
    RefreshRedemption,
    build_tokens,
    parse_code_request,
    parse_query,
)
from issuer.services.apps import metadata_of
from issuer.services.authorizing import Step
from issuer.services.guessing import Guesses
from issuer.services.office import Office, hash_secret
from issuer.services.passes import plain
from issuer.store import App, AppGrant, AppToken, Pass, Unit


@dataclass(frozen=True)
class Answer:
    """What a person filled in on the page. ``scopes``: what is ticked; ``sensitive``: sensitive records too."""

    login: str
    code: str
    scopes: tuple[str, ...]
    sensitive: bool


@dataclass(frozen=True)
class AppQuestion:
    """What the page of a request asks."""

    metadata: ClientMetadata
    redirect_uri: str
    scopes: tuple[str, ...]


class AppAccess:
    """Leaves of programs at one office."""

    def __init__(self, office: Office, guesses: Guesses) -> None:
        self._office = office
        self._guesses = guesses

    def begin(self, query: bytes) -> Step:
        """Take a program's request: to the page that asks, or back at once with an error.

        Raises:
            StateError: the program is not known, or the address is none of its own: nobody may be sent anywhere.
            ProtocolError: ``invalid_request``: the query cannot be read at all.
        """
        parameters, now = parse_query(query), self._office.clock.now()
        redirect_uri = parameters.get("redirect_uri", "")
        with self._office.store.reading() as unit:
            app = unit.find_app(parameters.get("client_id", ""), now)
        if app is None or redirect_uri not in metadata_of(app).redirect_uris:
            raise StateError("This app, or its address, is not known here. Go back to the app and begin again.")
        try:
            asked = parse_code_request(parameters, metadata_of(app).scopes)
        except ProtocolError as error:
            return Step(_refusal(redirect_uri, parameters.get("state"), error))
        secret = self._office.new_secret()
        until = now + timedelta(seconds=self._office.config.lifetimes.page_s)
        with self._office.store.writing() as unit:
            unit.sweep_apps(now)
            unit.add_app_grant(AppGrant(self._office.new_id(), app.id, "asked", _to_json(asked), None, None, (), False,
                                        until), hash_secret(secret))
        return Step(page=secret)

    def question(self, page: str) -> AppQuestion:
        """What a page asks.

        Raises:
            StateError: there is no such page, or it is over.
        """
        with self._office.store.reading() as unit:
            found, app = self._asked(unit, page)
        return AppQuestion(metadata_of(app), found.request["redirect_uri"], tuple(found.request["scopes"]))

    def answer(self, page: str, given: Answer, address: str) -> str | None:
        """A learner's yes: the address that leads back to the program, or None if login or code is wrong.

        Args:
            address: Where the answer comes from, as far as it is known; kept only as a keyed hash.

        Raises:
            StateError: as ``question``; or nothing is ticked.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            found, app = self._asked(unit, page)
            scopes = tuple(each for each in found.request["scopes"] if each in given.scopes)
            if not set(scopes) - {OFFLINE_ACCESS}:
                raise StateError("Nothing is ticked, so there is nothing to allow.")
            opened = unit.pass_named(plain(given.login), now)
            if not self._guesses.opens(unit, opened, plain(given.code), address, now) or opened is None:
                return None
            return self._allow(unit, found, app, opened, scopes, given.sensitive, now)

    def decline(self, page: str) -> str:
        """A person says no: the address that tells the program.

        Raises:
            StateError: as ``question``.
        """
        with self._office.store.writing() as unit:
            found, _app = self._asked(unit, page)
            unit.end_app_grant(found.id)
        return _refusal(found.request["redirect_uri"], found.request["state"],
                        protocol_error("access_denied", "the person said no"))

    def redeem(self, app: App, asked: CodeRedemption | RefreshRedemption | None) -> JSONObject:
        """Tokens for a code or a refresh token.

        A code or refresh token that comes a second time ends every token of its leave.

        Raises:
            ProtocolError: ``unsupported_grant_type``, ``invalid_grant``, ``invalid_scope``.
        """
        if asked is None:
            raise protocol_error("unsupported_grant_type", "this grant type is not spoken here")
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            unit.sweep_apps(now)
            tokens = (self._by_code(unit, app, asked, now) if isinstance(asked, CodeRedemption)
                      else self._by_refresh(unit, app, asked, now))
        if tokens is None:
            raise protocol_error("invalid_grant", "the code or token is wrong, used, or too old")
        return tokens

    def revoke(self, app: App, token: str) -> None:
        """End an access token, or by its refresh token the whole leave; what is not this program's stays (RFC7009)."""
        now, name = self._office.clock.now(), hash_secret(token)
        with self._office.store.writing() as unit:
            found = unit.find_app_token(name, now)
            if found is None or found.app_id != app.id:
                return
            if found.kind == "refresh":
                unit.end_app_grant(found.grant_id)
                unit.append_log(now, "app_left", "app", found.student_id, {"app": metadata_of(app).host})
            else:
                unit.drop_app_token(name)

    def allowed_by(self, access_token: str, scope: str) -> AppToken:
        """What an access token allows.

        Raises:
            ProtocolError: ``invalid_token`` (401): unknown or too old; ``insufficient_scope`` (403).
        """
        with self._office.store.reading() as unit:
            token = unit.find_app_token(hash_secret(access_token), self._office.clock.now())
        if token is None or token.kind != "access":
            raise protocol_error("invalid_token", "the access token is not known or too old")
        if scope not in token.scopes:
            raise protocol_error("insufficient_scope", "the learner did not allow this")
        return token

    def _asked(self, unit: Unit, page: str) -> tuple[AppGrant, App]:
        now = self._office.clock.now()
        found = unit.find_app_grant(hash_secret(page), now)
        app = None if found is None else unit.find_app(found.app_id, now)
        if found is None or app is None or found.state != "asked":
            raise _over()
        return found, app

    def _allow(self, unit: Unit, found: AppGrant, app: App, opened: Pass, scopes: tuple[str, ...], sensitive: bool,
               now: datetime) -> str:
        code = self._office.new_secret()
        until = now + timedelta(seconds=self._office.config.lifetimes.app_code_s)
        granted = replace(found, state="granted", pass_id=opened.id, student_id=opened.student_id, scopes=scopes,
                          sensitive=sensitive, expires_at=until)
        if not unit.advance_app_grant(found, granted, hash_secret(code)):
            raise _over()
        unit.append_log(now, "app_allowed", "pass", opened.student_id,
                        {"app": metadata_of(app).host, "scopes": [each.rpartition("/")[2] for each in scopes]})
        return answer_address(found.request["redirect_uri"], {
            "code": code, "scope": " ".join(scopes), "state": found.request["state"]})

    def _by_code(self, unit: Unit, app: App, asked: CodeRedemption, now: datetime) -> JSONObject | None:
        found = unit.find_app_grant(hash_secret(asked.code), now)
        if found is None or found.app_id != app.id or found.state not in ("granted", "redeemed"):
            return None
        if found.state == "redeemed":
            unit.end_app_grant(found.id)
            return None
        opened = unit.living_pass(found.pass_id, now)
        if opened is None or asked.redirect_uri != found.request["redirect_uri"]:
            return None
        if not is_challenge_met(asked.code_verifier, found.request["code_challenge"]):
            return None
        scopes = _narrowed(asked.scopes, found.scopes)
        if not unit.advance_app_grant(found, replace(found, state="redeemed", expires_at=opened.expires_at)):
            return None
        token = AppToken("refresh", found.id, app.id, opened.student_id, scopes, found.sensitive, opened.expires_at)
        return self._hand_out(unit, app, token, scopes, now)

    def _by_refresh(self, unit: Unit, app: App, asked: RefreshRedemption, now: datetime) -> JSONObject | None:
        name = hash_secret(asked.refresh_token)
        token = unit.find_app_token(name, now)
        if token is None or token.kind != "refresh" or token.app_id != app.id:
            return None
        if token.used_at is not None:
            unit.end_app_grant(token.grant_id)
            return None
        scopes = _narrowed(asked.scopes, token.scopes)
        if not unit.use_app_token(name, now):
            return None
        return self._hand_out(unit, app, token, scopes, now)

    def _hand_out(self, unit: Unit, app: App, token: AppToken, scopes: tuple[str, ...], now: datetime) -> JSONObject:
        """An access token for ``scopes``, and beside it a refresh token like ``token`` if the learner allowed that."""
        lifetimes = self._office.config.lifetimes
        ends = min(now + timedelta(seconds=lifetimes.app_token_s), token.expires_at)
        access = self._add(unit, replace(token, kind="access", scopes=scopes, expires_at=ends))
        refresh = self._add(unit, token) if OFFLINE_ACCESS in token.scopes else None
        unit.note_app_use(app.id, now, now + timedelta(seconds=lifetimes.app_s))
        return build_tokens(access, int((ends - now).total_seconds()), scopes, refresh)

    def _add(self, unit: Unit, token: AppToken) -> str:
        secret = self._office.new_secret()
        unit.add_app_token(hash_secret(secret), replace(token, used_at=None))
        return secret


def _over() -> StateError:
    return StateError("This request was used already or is too old. Go back to the app and begin again.")


def _narrowed(asked: Collection[str] | None, granted: tuple[str, ...]) -> tuple[str, ...]:
    """What of a leave a token is for; nothing is ever added (RFC6749 #section-6)."""
    if asked is None:
        return granted
    if not asked or not set(asked) <= set(granted):
        raise protocol_error("invalid_scope", "the scope holds what the learner did not allow")
    return tuple(each for each in granted if each in asked)


def _refusal(redirect_uri: str, state: str | None, error: ProtocolError) -> str:
    return answer_address(redirect_uri, {
        "error": error.error, "error_description": error.description, "state": state})


def _to_json(asked: CodeRequest) -> JSONObject:
    return {"redirect_uri": asked.redirect_uri, "state": asked.state, "code_challenge": asked.code_challenge,
            "scopes": list(asked.scopes)}
