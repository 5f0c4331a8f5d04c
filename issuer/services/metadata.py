"""What the issuer says of itself to wallets.

Spec: OID4VCI-1.0 #credential-issuer-metadata; RFC8414; protocols.md §3
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from credkit.formats import sd_jwt_vc
from credkit.ports import JSONObject
from credkit.profiles import clr_2, endorsement, family, openbadges_3
from credkit.protocols import client_attestation, dpop, oauth
from credkit.protocols.oauth import AuthorizationServerMetadata
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    ClaimDescription,
    CredentialConfiguration,
    Display,
    IssuerMetadata,
    ProofType,
)
from issuer.services import sd_jwt
from issuer.services.office import Identity
from issuer.services.templates import TEMPLATES

_BINDING: Final = ("did:key",)
_PROOFS: Final[Mapping[str, ProofType]] = {"jwt": ProofType(("EdDSA", "ES256"))}
_BADGE_TYPES: Final = ("VerifiableCredential", "OpenBadgeCredential")
_SPANISH: Final[Mapping[str, str]] = {
    "attendance": "Resumen de asistencia", "assessment": "Resultado de una prueba", "growth": "Percentil de progreso",
    "reading-level": "Nivel de lectura al final de tercer grado", "mastery": "Estándar demostrado",
    "teacher": "Titulación del docente", "iep": "Resumen de educación especial (IEP)",
    "service": "Registro de un servicio", "work-habits": "Hábitos de trabajo",
}
_DISPLAYS: Final[Mapping[str, tuple[Display, ...]]] = {
    **{each.name: (Display(each.title, "en"), Display(_SPANISH[each.name], "es")) for each in TEMPLATES},
    "transcript": (Display("School transcript", "en"), Display("Expediente académico", "es")),
    "course": (Display("Course with grade", "en"), Display("Curso con calificación", "es")),
    "badge": (Display("Badge", "en"), Display("Insignia", "es")),
    "endorsement": (Display("Teacher’s word on a work", "en"), Display("Palabra de un docente sobre un trabajo", "es")),
    "guardianship": (Display("Who the guardian is", "en"), Display("Quién es madre, padre o tutor legal", "es")),
    "court-limit": (Display("What a court forbids", "en"), Display("Lo que un tribunal prohíbe", "es")),
    "full-record": (Display("Full school record", "en"), Display("Expediente escolar completo", "es")),
}


def _configuration(name: str, types: tuple[str, ...], contexts: tuple[str, ...], suite: str) -> CredentialConfiguration:
    return CredentialConfiguration(
        id=name, format="ldp_vc", scope=name, types=types, contexts=contexts, signing_algs=(suite,),
        binding_methods=_BINDING, proof_types=_PROOFS, display=_DISPLAYS[name],
    )


_FIXED: Final[Mapping[str, CredentialConfiguration]] = {
    "transcript": _configuration("transcript", ("VerifiableCredential", "ClrCredential"), clr_2.CONTEXTS,
                                 "eddsa-rdfc-2022"),
    "course": _configuration("course", _BADGE_TYPES, openbadges_3.CONTEXTS, "ecdsa-sd-2023"),
    "badge": _configuration("badge", _BADGE_TYPES, openbadges_3.CONTEXTS, "ecdsa-sd-2023"),
    "endorsement": _configuration("endorsement", ("VerifiableCredential", endorsement.TYPE_NAME),
                                  openbadges_3.CONTEXTS, "eddsa-rdfc-2022"),
    "guardianship": _configuration("guardianship", ("VerifiableCredential", "GuardianshipCredential"), family.CONTEXTS,
                                   "eddsa-rdfc-2022"),
    "court-limit": _configuration("court-limit", ("VerifiableCredential", "CourtLimitCredential"), family.CONTEXTS,
                                  "eddsa-rdfc-2022"),
    "full-record": _configuration("full-record", ("VerifiableCredential", "ClrCredential"), clr_2.CONTEXTS,
                                  "eddsa-rdfc-2022"),
}
CONFIGURATIONS: Final[Mapping[str, CredentialConfiguration]] = {
    **_FIXED, **{each.name: _configuration(each.name, _BADGE_TYPES, openbadges_3.CONTEXTS, "ecdsa-sd-2023")
                 for each in TEMPLATES}}
"""Every kind of credential this issuer gives out as it is, in the order in which an offer names them."""
NAMES: Final = frozenset({*CONFIGURATIONS, *sd_jwt.KINDS})
"""Every credential configuration, the other forms of a record too."""


def _in_another_form(name: str, kind: sd_jwt.Kind, identity: Identity) -> CredentialConfiguration:
    return CredentialConfiguration(
        id=name, format=sd_jwt_vc.NAME, scope=name, vct=kind.vct(identity), signing_algs=(sd_jwt.ALGORITHM,),
        binding_methods=("jwk",), proof_types=_PROOFS, display=_both(kind.name),
        claims=tuple(ClaimDescription((each,), display=_both(sd_jwt.LABELS[each])) for each in kind.claims),
    )


def _both(words: tuple[str, str]) -> tuple[Display, ...]:
    return (Display(words[0], "en"), Display(words[1], "es"))


def issuer_metadata(identity: Identity) -> JSONObject:
    """The document at ``/.well-known/openid-credential-issuer``."""
    return v1_0.build_issuer_metadata(IssuerMetadata(
        credential_issuer=identity.origin, credential_endpoint=f"{identity.origin}/credential",
        nonce_endpoint=f"{identity.origin}/nonce", notification_endpoint=f"{identity.origin}/notification",
        credential_configurations={**CONFIGURATIONS, **{
            name: _in_another_form(name, kind, identity) for name, kind in sd_jwt.KINDS.items()}},
        display=(Display(identity.name),),
    ), token_endpoint=f"{identity.origin}/token")


def server_metadata(identity: Identity, *, attested_only: bool = False) -> JSONObject:
    """The document at ``/.well-known/oauth-authorization-server``.

    Args:
        attested_only: Whether a wallet without an attestation is refused.
    """
    origin = identity.origin
    return oauth.build_server_metadata(AuthorizationServerMetadata(
        issuer=origin, token_endpoint=f"{origin}/token", authorization_endpoint=f"{origin}/authorize",
        pushed_authorization_request_endpoint=f"{origin}/par",
        grant_types_supported=(oauth.AUTHORIZATION_CODE, oauth.PRE_AUTHORIZED_CODE),
        pre_authorized_grant_anonymous_access_supported=not attested_only,
        code_challenge_methods_supported=(v1_0.CHALLENGE_METHOD,),
        authorization_response_iss_parameter_supported=True, dpop_signing_alg_values_supported=dpop.ALGORITHMS,
        scopes_supported=tuple(sorted(NAMES)), require_pushed_authorization_requests=attested_only,
        token_endpoint_auth_methods_supported=(*(() if attested_only else ("none",)), client_attestation.METHOD),
        challenge_endpoint=f"{origin}/challenge",
        client_attestation_signing_alg_values_supported=client_attestation.ALGORITHMS,
    ))
