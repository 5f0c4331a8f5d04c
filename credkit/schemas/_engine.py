"""The only door to jsonschema-rs. Runs as a process of its own: one question on standard input, one answer on output.

The question is ``{"draft", "schema", "others": {URL: schema}, "document"}``. The answer is ``{"outcome"}``:
``valid``, ``invalid`` with ``path``, ``malformed`` (the schema itself), ``pattern`` or ``reference`` (cannot be used).
No answer means that the limits ended the process. Nothing is fetched; patterns run in linear time.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

import jsonschema_rs as engine

CPU_LIMIT_S = 2
MEMORY_LIMIT_BYTES = 512 * 1024 * 1024
MAX_COMPILED_PATTERN_BYTES = 200_000
_VALIDATORS = {
    "2020-12": engine.Draft202012Validator, "2019-09": engine.Draft201909Validator, "draft-07": engine.Draft7Validator,
}
# The keyword by which the library says what it could not compile.
_UNUSABLE = {"$ref": "reference", "format": "pattern"}


def main() -> None:
    """Answer the one question."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_S, CPU_LIMIT_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(_answer(json.load(sys.stdin.buffer)), sys.stdout)


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    # The library asks here for what it does not have, and nowhere else.
    others: dict[str, Any] = question["others"]
    try:
        validator = _VALIDATORS[question["draft"]](
            question["schema"], validate_formats=True, retriever=others.__getitem__,
            pattern_options=engine.RegexOptions(size_limit=MAX_COMPILED_PATTERN_BYTES),
        )
    except engine.ValidationError as error:
        return {"outcome": _UNUSABLE.get(error.kind.name, "malformed")}
    try:
        validator.validate(question["document"])
    except engine.ValidationError as error:
        return {"outcome": "invalid", "path": list(error.instance_path)}
    return {"outcome": "valid"}


if __name__ == "__main__":
    main()
