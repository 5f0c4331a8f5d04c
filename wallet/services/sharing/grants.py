"""By what right somebody shares for a learner: the grants that go along, and no other of the circle.

A grant travels with the guardianships of those who let its holder in, as a verifier reads them (see
``credkit.verification``). The learner needs none. Neither does a guardian who has nothing but the own word: what
somebody signs about themself proves nothing, and would only make one person's shares recognisable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from credkit.credential import issuer_id
from credkit.errors import CredkitError
from credkit.ports import JSONObject
from credkit.profiles.family import GUARDIANSHIP, Grant, read_grant
from wallet.services import authority
from wallet.services.record.items import CREDENTIAL, GRANT
from wallet.services.record.values import Value, is_frame, values_of
from wallet.vault import OpenVault

_SHARE = "share"
_LETS_IN = "people"
_PERSONS = "did:key:"
_TITLE = {"en": "Permission to act for the student", "es": "Permiso para actuar en nombre del estudiante"}


@dataclass(frozen=True)
class GrantShown:
    """A grant that goes along.

    Attributes:
        document: As it was signed; it is never shown in part.
        mine: Whether it is the unlocked party's own. Else it says who let that party in.
    """

    document: JSONObject
    grant: Grant
    mine: bool

    @property
    def leaves(self) -> tuple[Value, ...]:
        """What it says."""
        return tuple(value for value in values_of(self.document) if not is_frame(value.kind))

    @property
    def always(self) -> tuple[Value, ...]:
        """Who signed, when, its numbers and keys."""
        return tuple(value for value in values_of(self.document) if is_frame(value.kind))


def shown_grants(vault: OpenVault, now: datetime) -> tuple[GrantShown, ...]:
    """The grants that go along with what the unlocked party shares here: its own first, then of those who let it in.

    Of several that allow sharing the one an office signed, else the narrowest. None for the learner, and none for a
    guardian by own word. Whether the party may share at all is ``authority``'s to say.
    """
    standing = authority.circle(vault, now).standing(vault.party_id)
    if standing.owner or standing.member.kind == "learner":
        return ()
    if standing.member.kind == "guardian":
        signed = next(_by_offices(vault, _SHARE, now), None)
        if signed is not None:
            return (GrantShown(signed, read_grant(signed), mine=True),)
    held = {grant.id for grant in standing.grants if grant.allows(_SHARE, now)}
    found = [vault.read(entry.id, GRANT).body for entry in vault.known(GRANT) if entry.summary.get("id") in held
             and entry.summary["issuer"] != vault.party_did]
    if not found:
        return ()
    body = min(found, key=lambda body: _width(read_grant(body["credential"])))
    own = GrantShown(body["credential"], read_grant(body["credential"]), mine=True)
    above = [GrantShown(document, read_grant(document), mine=False) for document in body.get("vouchers", ())]
    return (own, *(each for each in above if each.grant.allows(_LETS_IN, now)))


def _width(grant: Grant) -> tuple[bool, int, str]:
    """How much a grant gives away about what its holder may do."""
    return "full" in grant.rights, len(grant.rights), grant.id


def vouchers(vault: OpenVault, grant: Grant, now: datetime) -> list[JSONObject]:
    """The guardianships that say that the unlocked party may make ``grant``, to be kept with it.

    What an office signed says it alone; else the party's own, and those it was given with. Only a grant that lets its
    holder share is ever shown, so others are kept without.
    """
    if not grant.allows(_SHARE, now) or grant.holder == vault.party_did:
        return []
    signed = next(_by_offices(vault, _LETS_IN, now), None)
    if signed is not None:
        return [signed]
    held = {each.id for each in authority.circle(vault, now).standing(vault.party_id).grants
            if each.role == "guardian" and each.allows(_LETS_IN, now)}
    for entry in vault.known(GRANT):
        if entry.summary.get("id") in held:
            body = vault.read(entry.id, GRANT).body
            return [body["credential"], *body.get("vouchers", ())]
    return []


def renew_vouchers(vault: OpenVault, now: datetime) -> None:
    """Keep what now says it best with the grants that the unlocked party made: an office has signed a guardianship."""
    for entry in vault.entries(GRANT):
        if entry.summary["state"] == "active" and entry.summary["issuer"] == vault.party_did:
            item = vault.read(entry.id, GRANT)
            found = vouchers(vault, read_grant(item.body["credential"]), now)
            if found != item.body.get("vouchers", []):
                vault.replace(item, {**item.body, "vouchers": found})


def titled_grants(grants: Iterable[GrantShown], language: str) -> tuple[tuple[str, JSONObject], ...]:
    """Title and document of each, for a receipt in ``language``."""
    return tuple((_TITLE.get(language, _TITLE["en"]), each.document) for each in grants)


def logged_grants(grants: Iterable[GrantShown]) -> list[JSONObject]:
    """What an entry of the log keeps of them: every value that left."""
    return [{"title": "", "grant": each.grant.role, "values": listed(each.leaves), "always": listed(each.always)}
            for each in grants]


def listed(values: Iterable[Value]) -> list[JSONObject]:
    """Kind and words of each value."""
    return [{"kind": value.kind, "value": value.shown} for value in values]


def _by_offices(vault: OpenVault, right: str, now: datetime) -> Iterator[JSONObject]:
    """What offices signed, at their own address, about the unlocked party as this learner's guardian."""
    for entry in vault.entries(CREDENTIAL):
        if GUARDIANSHIP not in (entry.summary.get("types") or ()) or entry.summary["status"] != "good":
            continue
        document: JSONObject = vault.read(entry.id, CREDENTIAL).body["credential"]
        try:
            grant, signer = read_grant(document), issuer_id(document)
        except CredkitError:
            continue
        is_ours = grant.holder == vault.party_did and grant.learner == vault.learner_urn
        if is_ours and not signer.startswith(_PERSONS) and grant.allows(right, now):
            yield document
