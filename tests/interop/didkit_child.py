"""didkit in a process of its own: one JSON request on standard input, one JSON answer on standard output.

It ends with ``os._exit``, because didkit 0.3.3 crashes the interpreter when it ends in the usual way.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import didkit


async def answer(request: dict[str, Any]) -> dict[str, Any]:
    """``issue``: a signed credential or its token; ``verify``: didkit's own result; ``key``: JWK and its method."""
    try:
        if request["op"] == "key":
            key = didkit.generate_ed25519_key()
            return {
                "result": {
                    "did": didkit.key_to_did("key", key),
                    "method": await didkit.key_to_verification_method("key", key),
                    "key": key,
                }
            }
        if request["op"] == "issue":
            issued = await didkit.issue_credential(request["document"], request["options"], request["key"])
            return {"result": issued if "jwt" in request["options"] else json.loads(issued)}
        return {"result": json.loads(await didkit.verify_credential(request["document"], request["options"]))}
    except didkit.DIDKitException as error:  # type: ignore[misc]  # didkit's stub does not say that it is an exception
        return {"error": str(error)}
    except ValueError as error:  # a word that didkit's own types do not know
        return {"error": str(error)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(answer(json.load(sys.stdin)))))
    sys.stdout.flush()
    os._exit(0)
