"""Programs that register themselves, to ask learners for their badges.

Anybody may register, so it costs nothing to forget: what nobody uses ends after a day, and of too many the oldest go.

Spec: RFC7591; OB-3.0 #acg-registration
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Final

from credkit.errors import ProtocolError
from credkit.ports import JSONObject
from credkit.protocols.oauth import protocol_error
from credkit.protocols.ob_api_v3p0 import SCOPES
from credkit.protocols.registered_clients import ClientMetadata, build_registration_response, parse_registration
from issuer.services.office import Office, hash_secret
from issuer.store import App

MOST_UNUSED: Final = 1000
MOST_OF_ADDRESS: Final = 20
_HOUR_S: Final = 60 * 60


class Apps:
    """The registered programs of one office."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def register(self, message: bytes, address: str) -> JSONObject:
        """Take a registration: what the program is told of it, its secret included.

        Args:
            address: Where it comes from, as far as that is known; kept only as a keyed hash.

        Raises:
            ProtocolError: ``invalid_redirect_uri``, ``invalid_client_metadata``; ``slow_down`` (429) for an address
                that registered too many in this hour.
        """
        metadata = parse_registration(message, known_scopes=SCOPES, allow_loopback=self._office.config.loopback_http)
        now = self._office.clock.now()
        secret = self._office.new_secret()
        app = App(self._office.new_id(), hash_secret(secret), metadata.to_json(), now, None,
                  now + timedelta(seconds=self._office.config.lifetimes.app_unused_s))
        budget = "registrations, " + self._office.keys.derive("address", address).hex()[:32]
        with self._office.store.writing() as unit:
            unit.sweep_apps(now)
            if unit.counted_against(budget, now, _HOUR_S) >= MOST_OF_ADDRESS:
                raise ProtocolError("slow_down", "too many programs registered from this address", 429)
            unit.count_against(budget, now, _HOUR_S)
            unit.keep_newest_unused_apps(MOST_UNUSED - 1)
            unit.add_app(app)
        return build_registration_response(metadata, app.id, secret, now)

    def authenticated(self, client_id: str, client_secret: str) -> App:
        """The program with this id and secret.

        Raises:
            ProtocolError: ``invalid_client``, status 401.
        """
        with self._office.store.reading() as unit:
            app = unit.find_app(client_id, self._office.clock.now())
        expected = "" if app is None else app.secret_hash
        if not hmac.compare_digest(hash_secret(client_secret), expected) or app is None:
            raise protocol_error("invalid_client", "the client or its secret is not known here")
        return app


def metadata_of(app: App) -> ClientMetadata:
    """What a program said of itself."""
    return ClientMetadata.from_json(app.metadata)
