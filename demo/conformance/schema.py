"""``python -m demo.conformance schema validate``: a credential against the schema that it names.

Neither of the two is secured here, so a schema credential is taken as it stands.

Spec: VC-JSON-SCHEMA; conformance.md "Commands"
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.schemas import JSON_SCHEMA, JSON_SCHEMA_CREDENTIAL, check_schemas
from credkit.shape import as_list, id_of, types_of
from demo.conformance.commands import read_object, write_result


def run(arguments: Sequence[str]) -> None:
    """Read the files, check, and write the result; a wrong command line ends with 2."""
    parser = argparse.ArgumentParser(prog="python -m demo.conformance schema", description=__doc__)
    parser.add_argument("act", choices=("validate",))
    parser.add_argument("--format", required=True, choices=(JSON_SCHEMA, JSON_SCHEMA_CREDENTIAL))
    parser.add_argument("--schema", type=Path, required=True, help="a JSON Schema, or a credential around one")
    parser.add_argument("--credential", type=Path, required=True, help="the credential that names it")
    parser.add_argument("--output", type=Path, required=True, help="where the result is written")
    options = parser.parse_args(arguments)
    write_result(options.output, lambda: validate(options.format, options.schema.read_bytes(),
                                                  read_object(options.credential)))


def validate(kind: str, schema: bytes, credential: JSONObject) -> str:
    """Nothing, if the credential has the form that ``schema`` demands.

    Raises:
        CredkitError: whatever speaks against it.
    """
    entries = as_list(credential.get("credentialSchema"))
    if len(entries) != 1 or kind not in types_of(entries[0]):
        raise MalformedValueError("the credential does not name one schema of this kind", pointer="/credentialSchema")
    check_schemas(credential, {id_of(entries[0]) or "": schema}, lambda supplied: supplied)
    return ""
