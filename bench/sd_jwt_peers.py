"""SD-JWT VC by others: PyPI ``sd-jwt`` in this process, npm ``@sd-jwt/sd-jwt-vc`` on Node; all keys are P-256.

Neither checks all that it should (see ``tests/interop/test_sd_jwt.py``): they are peers, never an engine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from bench.node_peer import NodePeer
from bench.timing import Contender, in_process
from credkit.encoding import base64url_encode
from credkit.formats.sd_jwt_vc import Path
from credkit.keys import SoftwareSigner

TYP = "dc+sd-jwt"


class SdJwtPeer(Protocol):
    """Each answers an act that can be run or measured; what it needs once is prepared beforehand."""

    def issue(self, claims: dict[str, Any], places: Sequence[Path], *, decoys: bool = False) -> Act: ...

    def present(self, token: str, shown: Iterable[Path], *, nonce: str, audience: str) -> Act: ...

    def verify(self, token: str, *, nonce: str, audience: str) -> Act: ...


class Act(Protocol):
    """One operation that is ready to be done."""

    def __call__(self) -> Any: ...

    def contender(self) -> Contender: ...


class PythonAct:
    """An act in this process."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self._act = act

    def __call__(self) -> Any:
        return self._act()

    def contender(self) -> Contender:
        return in_process(self._act)


class NodeAct:
    """An act of the peer on Node."""

    def __init__(self, node: NodePeer, operation: str, **members: Any) -> None:
        self._node, self._operation, self._members = node, operation, members

    def __call__(self) -> Any:
        return self._node.ask(self._operation, **self._members)

    def contender(self) -> Contender:
        return lambda runs: self._node.measure(runs, self._operation, **self._members)


class PythonSdJwt:
    """The OpenWallet Foundation's sd-jwt-python."""

    def __init__(self, issuer: SoftwareSigner, holder: SoftwareSigner) -> None:
        self._issuer, self._holder = JWK(**private_jwk(issuer)), JWK(**private_jwk(holder))

    def issue(self, claims: dict[str, Any], places: Sequence[Path], *, decoys: bool = False) -> Act:
        marked = _marked(claims, frozenset(places), ())
        header = {"typ": TYP}
        return PythonAct(lambda: SDJWTIssuer(
            marked, self._issuer, add_decoy_claims=decoys, extra_header_parameters=header).sd_jwt_issuance)

    def present(self, token: str, shown: Iterable[Path], *, nonce: str, audience: str) -> Act:
        frame = _python_frame(_nested(shown))
        return PythonAct(partial(self._present, token, frame, nonce, audience))

    def _present(self, token: str, frame: Any, nonce: str, audience: str) -> str:
        holder = SDJWTHolder(token)
        holder.create_presentation(frame, nonce, audience, self._holder)
        return holder.sd_jwt_presentation

    def verify(self, token: str, *, nonce: str, audience: str) -> Act:
        return PythonAct(lambda: SDJWTVerifier(
            token, lambda _issuer, _header: self._issuer, audience, nonce).get_verified_payload())


class NodeSdJwt:
    """The OpenWallet Foundation's sd-jwt-js."""

    def __init__(self, node: NodePeer, issuer: SoftwareSigner, holder: SoftwareSigner) -> None:
        self._node, self._issuer, self._holder = node, issuer, holder

    def issue(self, claims: dict[str, Any], places: Sequence[Path], *, decoys: bool = False) -> Act:
        frame = _node_frame(places, decoys)
        return NodeAct(self._node, "sdJwtIssue", issuerKey=private_jwk(self._issuer), claims=claims, frame=frame)

    def present(self, token: str, shown: Iterable[Path], *, nonce: str, audience: str) -> Act:
        members = {"frame": _nested(shown), "nonce": nonce, "audience": audience, "iat": int(time.time())}
        return NodeAct(self._node, "sdJwtPresent", holderKey=private_jwk(self._holder), token=token, **members)

    def verify(self, token: str, *, nonce: str, audience: str) -> Act:
        key = self._issuer.public_key.to_jwk()
        return NodeAct(self._node, "sdJwtVerify", issuerKey=key, token=token, nonce=nonce, audience=audience)


def private_jwk(signer: SoftwareSigner) -> dict[str, str]:
    """The secret key as other libraries take it."""
    return {**signer.public_key.to_jwk(), "d": base64url_encode(signer.secret)}


def _marked(value: Any, places: frozenset[Path], at: Path) -> Any:
    """The claims as sd-jwt-python takes them: names and elements that can be kept back are wrapped."""
    if isinstance(value, dict):
        return {SDObj(name) if (*at, name) in places else name: _marked(item, places, (*at, name))
                for name, item in value.items()}
    if isinstance(value, list):
        inner = [_marked(item, places, (*at, index)) for index, item in enumerate(value)]
        return [SDObj(item) if (*at, index) in places else item for index, item in enumerate(inner)]
    return value


def _nested(places: Iterable[Path]) -> dict[Any, Any]:
    """Places as a tree that ends in True."""
    tree: dict[Any, Any] = {}
    for place in sorted(places, key=len):
        inner = tree
        for step in place[:-1]:
            if inner.get(step, True) is True:
                inner[step] = {}
            inner = inner[step]
        inner.setdefault(place[-1], True)
    return tree


def _python_frame(tree: Any) -> Any:
    """What sd-jwt-python shows: the tree with lists for lists."""
    if tree is True:
        return True
    if tree and all(isinstance(step, int) for step in tree):
        return [_python_frame(tree[index]) if index in tree else None for index in range(max(tree) + 1)]
    return {step: _python_frame(inner) for step, inner in tree.items()}


def _node_frame(places: Sequence[Path], decoys: bool) -> dict[str, Any]:
    """What sd-jwt-js can keep back: ``_sd`` names the members of each level."""
    frame: dict[str, Any] = {}
    for place in places:
        inner = frame
        for step in place[:-1]:
            inner = inner.setdefault(str(step), {})
        inner.setdefault("_sd", []).append(place[-1])
        if decoys:
            inner["_sd_decoy"] = 2
    return frame
