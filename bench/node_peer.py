"""Libraries on Node as peers: a child process that answers one JSON line per request.

The libraries are installed under ``tests/interop/node`` (`make test` and `make bench` do it). Nothing is fetched: every
JSON-LD context is handed in with the first request.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from credkit.encoding import multibase_encode_base58
from credkit.keys import SoftwareSigner, find_key_type
from credkit.proofs import BbsSigner

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "interop" / "node"


_BLS12_381_G2_SECRET = b"\x8a\x26"  # multicodec


def node_key(signer: SoftwareSigner | BbsSigner) -> dict[str, str]:
    """A key of ours as the peer takes it."""
    if isinstance(signer, BbsSigner):
        codec = _BLS12_381_G2_SECRET
    else:
        codec = find_key_type(signer.public_key.type).secret_codec
    return {
        "id": signer.verification_method,
        "controller": signer.verification_method.partition("#")[0],
        "publicKeyMultibase": signer.public_key_multibase,
        "secretKeyMultibase": multibase_encode_base58(codec + signer.secret),
    }


class PeerRefused(Exception):
    """The peer's own words for why it did not do what was asked: what it verified is wrong, or it cannot."""


class NodePeer:
    """One running peer; a context manager.

    Args:
        contexts: URL of every JSON-LD context the peer may use → its document; None where it uses none.
        script: Which peer: a file in ``FOLDER``.

    Raises:
        FileNotFoundError: Node or the libraries are not installed.
    """

    def __init__(self, contexts: Mapping[str, Any] | None, script: str = "peer.mjs") -> None:
        node = shutil.which("node")
        if node is None or not (FOLDER / "node_modules").is_dir():
            raise FileNotFoundError("Node or its libraries are missing; run: npm ci --prefix tests/interop/node")
        self._process = subprocess.Popen(
            [node, script], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        if contexts is not None:
            self.ask("contexts", contexts=dict(contexts))

    def ask(self, operation: str, **members: Any) -> Any:
        """The peer's result of ``operation`` (the names in its script).

        Raises:
            PeerRefused: it answered with an error.
            RuntimeError: it is gone.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": operation, **members}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the Node peer ended without an answer")
        answer = json.loads(line)
        if "error" in answer:
            raise PeerRefused(answer["error"])
        return answer.get("result")

    def measure(self, runs: int, operation: str, **members: Any) -> list[float]:
        """CPU milliseconds of each of ``runs`` runs of an operation, keys and suites prepared beforehand."""
        times: list[float] = self.ask("measure", runs=runs, request={"op": operation, **members})
        return times

    def close(self) -> None:
        """End the child; it stops by itself when its input ends."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
