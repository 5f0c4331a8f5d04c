"""What the issuer says of itself to wallets.

Spec: OID4VCI-1.0 #credential-issuer-metadata; RFC8414; protocols.md §3
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from credkit.formats import jwt_vc, ldp_vc, sd_jwt_vc
from credkit.jose import sign_compact
from credkit.ports import JSONObject
from credkit.profiles import clr_2, endorsement, family, openbadges_3
from credkit.proofs import LEGACY_SUITE
from credkit.protocols import client_attestation, code_grant, dpop, oauth
from credkit.protocols.oauth import AuthorizationServerMetadata
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    ClaimDescription,
    CredentialConfiguration,
    Display,
    IssuerMetadata,
    KeyAttestationsRequired,
    ProofType,
)
from issuer.services import sd_jwt
from issuer.services.office import Identity, Office
from issuer.services.record_forms import FORMS, RecordForm
from issuer.services.templates import TEMPLATES
from issuer.store import Grant

_BINDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    ldp_vc.NAME: ("did:key", "did:jwk"), jwt_vc.NAME: ("did:key", "did:jwk"), sd_jwt_vc.NAME: ("jwk",)}
"""What is advertised; a proof may name its key in any of these ways, whatever the format (protocols.md §3, 3)."""
GRANT_TYPES: Final[Mapping[Grant, str]] = {
    "code": oauth.AUTHORIZATION_CODE, "pre-authorized": oauth.PRE_AUTHORIZED_CODE}
"""Our names of grants → those of the wire."""
_SIGNED_TYPE: Final = "openidvci-issuer-metadata+jwt"
_SUITE_NAMES: Final = ("Ed25519Signature2018", LEGACY_SUITE)
"""Credo reads these beside ``EdDSA`` where the format is ``ldp_vc`` (protocols.md §3, 3)."""
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
        id=name, format=ldp_vc.NAME, scope=name, types=types, contexts=contexts, signing_algs=(suite,),
        binding_methods=_BINDINGS[ldp_vc.NAME], display=_DISPLAYS[name],
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
NAMES: Final = frozenset({*CONFIGURATIONS, *FORMS})
"""Every credential configuration there is, the other forms of a record too."""


def _in_another_form(name: str, form: RecordForm, identity: Identity) -> CredentialConfiguration:
    kind = sd_jwt.KINDS.get(name)
    usual = CONFIGURATIONS[form.record]
    bindings = _BINDINGS[form.format] if form.is_bound else ()
    described = CredentialConfiguration(
        id=name, format=form.format, scope=name, signing_algs=(form.algorithm,), binding_methods=bindings,
        display=usual.display,
    )
    if kind is not None:
        return replace(described, vct=kind.vct(identity), display=_both(kind.name), claims=tuple(
            ClaimDescription((each,), display=_both(sd_jwt.LABELS[each])) for each in kind.claims))
    return replace(described, types=usual.types, contexts=usual.contexts if form.format == ldp_vc.NAME else ())


def _both(words: tuple[str, str]) -> tuple[Display, ...]:
    return (Display(words[0], "en"), Display(words[1], "es"))


def names(office: Office) -> frozenset[str]:
    """The credential configurations that this office's profile admits."""
    return frozenset(name for name in NAMES if _format_of(name) in office.profile.formats)


def configuration_for(office: Office, kind: str) -> str | None:
    """In which credential configuration this office gives out a record of this kind; None if in none.

    The usual form of a record, unless the profile has it in another only.
    """
    fitting = (kind, *(name for name, form in FORMS.items() if form.record == kind))
    return next((name for name in fitting if name in names(office)), None)


def _format_of(name: str) -> str:
    return FORMS[name].format if name in FORMS else ldp_vc.NAME


def configurations(office: Office) -> Mapping[str, CredentialConfiguration]:
    """Every credential configuration that this office can issue, the usual forms first."""
    other = {name: _in_another_form(name, form, office.identity) for name, form in FORMS.items()
             if office.keys.bbs is not None or not form.needs_bbs}
    everything, admitted = {**CONFIGURATIONS, **other}, names(office)
    return {name: replace(each, proof_types=_all_proof_types(office, each))
            for name, each in everything.items() if name in admitted}


def _all_proof_types(office: Office, configuration: CredentialConfiguration) -> Mapping[str, ProofType]:
    """``jwt``, and what else a key of this configuration can be proven by; nothing for what is bound to no key."""
    if not configuration.binding_methods:
        return {}
    algorithms = tuple(office.profile.algorithms)
    needed = KeyAttestationsRequired() if office.config.key_attestation_required else None
    suites = _SUITE_NAMES if configuration.format == ldp_vc.NAME else ()
    found = {"jwt": ProofType((*algorithms, *suites), needed)}
    if configuration.format != sd_jwt_vc.NAME and needed is None:
        found["di_vp"] = ProofType(v1_0.PRESENTATION_SUITES)
    if office.config.attesters is not None:
        found["attestation"] = ProofType(algorithms, needed)
    return found


def issuer_metadata(office: Office) -> JSONObject:
    """The document at ``/.well-known/openid-credential-issuer``."""
    identity = office.identity
    return v1_0.build_issuer_metadata(IssuerMetadata(
        credential_issuer=identity.origin, credential_endpoint=f"{identity.origin}/credential",
        nonce_endpoint=f"{identity.origin}/nonce", notification_endpoint=f"{identity.origin}/notification",
        deferred_credential_endpoint=f"{identity.origin}/deferred",
        credential_configurations=configurations(office), batch_size=office.profile.batch_size,
        display=(Display(identity.name),),
    ), token_endpoint=None if office.profile.strict else f"{identity.origin}/token")


def sign(office: Office, document: JSONObject) -> str:
    """The same as a signed statement (OID4VCI-1.0 #signed-metadata), by the office's key for tokens."""
    claims = {**document, "iss": office.identity.did, "sub": office.identity.origin,
              "iat": int(office.clock.now().timestamp())}
    return sign_compact(claims, office.keys.tokens, typ=_SIGNED_TYPE,
                        header=office.keys.token_header(office.keys.selective.verification_method))


def server_metadata(office: Office) -> JSONObject:
    """The document at ``/.well-known/oauth-authorization-server``."""
    origin, profile, attested_only = office.identity.origin, office.profile, office.config.attestation_required
    return oauth.build_server_metadata(AuthorizationServerMetadata(
        issuer=origin, token_endpoint=f"{origin}/token", authorization_endpoint=f"{origin}/authorize",
        pushed_authorization_request_endpoint=f"{origin}/par",
        grant_types_supported=tuple(sorted(GRANT_TYPES[each] for each in profile.grants)),
        pre_authorized_grant_anonymous_access_supported=not attested_only,
        code_challenge_methods_supported=(code_grant.CHALLENGE_METHOD,),
        authorization_response_iss_parameter_supported=True, dpop_signing_alg_values_supported=dpop.ALGORITHMS,
        scopes_supported=tuple(sorted(names(office))), require_pushed_authorization_requests=attested_only,
        token_endpoint_auth_methods_supported=(*(() if attested_only else ("none",)), client_attestation.METHOD),
        challenge_endpoint=f"{origin}/challenge",
        client_attestation_signing_alg_values_supported=tuple(profile.client_algorithms),
        authorization_details_types_supported=() if profile.by_scope else (v1_0.DETAIL_TYPE,),
    ))
