"""Issue and derive: one slug for each cryptosuite and key, chosen by the address and never by options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from credkit.credential import (
    ENVELOPED_CREDENTIAL,
    V1_CONTEXT,
    V2_CONTEXT,
    check_credential,
    check_related_resources,
    context_version,
)
from credkit.environment import Environment
from credkit.errors import MalformedValueError
from credkit.formats.jwt_vc import sign_jwt_vc_json, sign_vc_jwt
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.proofs import JCS_SUITES, SELECTIVE_SUITES, BbsSigner, add_base_proof, add_proof, derive
from credkit.protocols.vc_api import DeriveRequest, IssueRequest
from credkit.shape import is_url
from credkit.status import bitstring
from demo.conformance.profile import Keys, did_of

DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
STATUS = "https://www.w3.org/ns/credentials/status/v1"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"
LEGACY = "Ed25519Signature2020"


@dataclass(frozen=True)
class Slug:
    """One issuer: what it signs with."""

    suite: str
    signer: SoftwareSigner | BbsSigner


class Issuers:
    """Every issuer slug, and the one status list of the slug ``status``."""

    def __init__(self, keys: Keys, environment: Environment, status_url: Callable[[], str]) -> None:
        self._environment = environment
        self._status_url = status_url
        self._next_index = 0
        ed25519, p256, p384 = keys.ed25519, keys.p256, keys.p384
        self._status = Slug("eddsa-rdfc-2022", ed25519)
        self.slugs: dict[str, Slug] = {
            "vc2": self._status, "vc-api": self._status, "eddsa-rdfc-2022": self._status, "status": self._status,
            "eddsa-jcs-2022": Slug("eddsa-jcs-2022", ed25519), "ed25519signature2020": Slug(LEGACY, ed25519),
            "ecdsa-rdfc-2019-p256": Slug("ecdsa-rdfc-2019", p256),
            "ecdsa-rdfc-2019-p384": Slug("ecdsa-rdfc-2019", p384),
            "ecdsa-jcs-2019-p256": Slug("ecdsa-jcs-2019", p256), "ecdsa-jcs-2019-p384": Slug("ecdsa-jcs-2019", p384),
            "ecdsa-sd-2023": Slug("ecdsa-sd-2023", p256), "bbs-2023": Slug("bbs-2023", keys.bls),
            "enveloping": Slug("vc+jwt", p256),
        }

    def issue(self, slug_name: str, request: IssueRequest) -> JSONObject:
        """The credential with its one proof; raises our errors for whatever a credential may not be."""
        slug = self.slugs[slug_name]
        if "proof" in request.credential:
            raise MalformedValueError("the credential has a proof already", pointer="/credential/proof")
        document = _with_issuer(request.credential, did_of(slug.signer))
        document = _with_suite_context(document, slug.suite)
        if slug_name == "status":
            document = {**_with_context(document, STATUS), "credentialStatus": self._entry()}
        check_credential(document)
        check_related_resources(document, self._environment.read_resource)
        if isinstance(slug.signer, SoftwareSigner) and slug.suite == "vc+jwt":
            self._environment.jsonld.walk(document)
            return self._envelop(slug.signer, document)
        return self._prove(slug, document, request.mandatory_pointers)

    def _envelop(self, signer: SoftwareSigner, document: JSONObject) -> JSONObject:
        """``vc+jwt`` for VCDM 2.0, and for 1.1 what it had before that."""
        if context_version(document) == "2.0":
            url = f"data:application/vc+jwt,{sign_vc_jwt(document, signer)}"
        else:
            url = f"data:application/jwt,{sign_jwt_vc_json(document, signer)}"
        return {"@context": V2_CONTEXT, "type": ENVELOPED_CREDENTIAL, "id": url}

    def _prove(self, slug: Slug, document: JSONObject, pointers: tuple[str, ...]) -> JSONObject:
        now, processor = self._environment.clock.now(), self._environment.jsonld
        if slug.suite in {suite.name for suite in SELECTIVE_SUITES}:
            return add_base_proof(document, suite=slug.suite, signer=slug.signer, processor=processor, created=now,
                                  randomness=self._environment.randomness, mandatory_pointers=pointers or ("/issuer",))
        if not isinstance(slug.signer, SoftwareSigner):
            raise MalformedValueError("this key signs in parts only")
        if slug.suite in JCS_SUITES:
            processor.walk(document)
        return add_proof(document, suite=slug.suite, signer=slug.signer, processor=processor, created=now)

    def derive(self, request: DeriveRequest) -> JSONObject:
        """A derived credential with what was chosen."""
        return derive(request.credential, request.selective_pointers, self._environment.jsonld,
                      self._environment.randomness)

    def _entry(self) -> JSONObject:
        self._next_index += 1
        return bitstring.build_entry(self._status_url(), self._next_index)

    def status_list(self) -> JSONObject:
        """The signed status list credential: nothing was taken back."""
        now = self._environment.clock.now()
        document = bitstring.build_status_list_credential(
            url=self._status_url(), issuer=did_of(self._status.signer), context=V2_CONTEXT, set_indexes=(),
            valid_from=now - timedelta(minutes=1), valid_until=now + timedelta(days=1))
        return self._prove(self._status, document, ())


def _with_issuer(document: JSONObject, did: str) -> JSONObject:
    """The slug signs under its own name alone: it stands in for a missing id and for any other URL.

    Suites send issuers such as ``did:example:issuer`` and expect an answer; what is no URL is left, and refused later.
    """
    issuer = document.get("issuer")
    if isinstance(issuer, dict) and ("id" not in issuer or is_url(issuer["id"])):
        return {**document, "issuer": {**issuer, "id": did}}
    return {**document, "issuer": did} if is_url(issuer) else document


def _with_suite_context(document: JSONObject, suite: str) -> JSONObject:
    """VCDM 1.1 defines no proofs, and 2.0 not the legacy one: the context that does is appended."""
    if suite == LEGACY:
        return _with_context(document, ED25519_2020, whatever_version=True)
    return _with_context(document, DATA_INTEGRITY)


def _with_context(document: JSONObject, needed: str, *, whatever_version: bool = False) -> JSONObject:
    """VCDM 1.1 has fewer words than 2.0: the context that has them is appended."""
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not (whatever_version or contexts[:1] == [V1_CONTEXT]):
        return document
    return document if needed in contexts else {**document, "@context": [*contexts, needed]}
