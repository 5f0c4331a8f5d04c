"""The states of receiving as types: what was asked for, what may be collected, what came, what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credkit.errors import CredkitError
from credkit.ports import JSONObject
from wallet.services.holder import Binding
from wallet.services.offers import ResolvedOffer
from wallet.vault import Item


@dataclass(frozen=True)
class Wanted:
    """One record to ask for: by the issuer's identifier, or by kind where the issuer gave none; with its own key.

    Attributes:
        binding: How the record names the key.
        transaction_id: Under which to ask again for what was not made yet, not before ``again_at``.
    """

    configuration_id: str
    identifier: str | None
    key_method: str
    binding: Binding = "did:key"
    transaction_id: str | None = None
    again_at: str | None = None

    def to_json(self) -> JSONObject:
        """The form in which it lies in a sealed ``issuance`` item."""
        return dict(vars(self))


@dataclass(frozen=True)
class AuthorizedIssuance:
    """A spent code: what may be collected until the access token runs out; the keys for it are sealed in ``item``.

    Attributes:
        access_token: With ``dpop_method``, the key that it is bound to, if it is.
        client_id: Who we said we are, None where access was anonymous.
    """

    item: Item
    resolved: ResolvedOffer
    access_token: str
    wanted: tuple[Wanted, ...]
    for_review: bool
    dpop_method: str | None
    client_id: str | None


@dataclass(frozen=True)
class IssuedCredentials:
    """What was collected.

    Attributes:
        stored: Item ids of the records that came, in the issuer's order.
        total: How many there should have been.
        problem: Why the rest did not come; None if everything did.
        for_review: Whether they wait in the quarantine; then ``stored`` names contributions.
        issuance_id: Under which ``collect_rest`` goes on; None if nothing is left or nothing more can come.
        again_at: The issuer has not made the rest yet: when to ask again.
    """

    stored: tuple[str, ...]
    total: int
    problem: CredkitError | None = None
    issuance_id: str | None = None
    for_review: bool = False
    again_at: datetime | None = None


@dataclass(frozen=True)
class Unfinished:
    """A set of which ``done`` of ``total`` records have come; ``id`` is that of the issuance.

    Attributes:
        again_at: The issuer has not made the rest yet: when to ask again.
    """

    id: str
    host: str
    done: int
    total: int
    again_at: datetime | None = None


def authorized(item: Item) -> AuthorizedIssuance:
    """The state that lies sealed in an ``issuance`` item."""
    body = item.body
    return AuthorizedIssuance(item, ResolvedOffer.from_json(body["offer"]), body["access_token"],
                              tuple(Wanted(**wanted) for wanted in body["wanted"]), body["for_review"],
                              body.get("dpop_method"), body.get("client_id"))
