"""Where the sample data and the published vectors lie: in ``shared`` beside the checkout, never inside it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft201909Validator
from jsonschema.validators import validator_for

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def samples(path: str) -> Path:
    """A file or folder of the sample data; skips the test and says why where the data is not supplied."""
    return _beside("samples", path)


def vectors(path: str) -> Path:
    """A file or folder of the specifications' own test vectors; skips the test where they are not supplied."""
    return _beside("vectors", path)


def read_json(path: Path) -> Any:
    """The parsed content of a UTF-8 JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def official_schema(path: str) -> Draft201909Validator:
    """The validator of a published schema among the samples; skips the test where they are not supplied."""
    return _validator(samples(f"schemas/{path}"))


@cache
def _validator(path: Path) -> Draft201909Validator:
    schema = read_json(path)
    assert validator_for(schema) is Draft201909Validator
    return Draft201909Validator(schema)


def _beside(folder: str, path: str) -> Path:
    place = SHARED / folder / path
    if not place.exists():
        pytest.skip(f"shared/{folder}/{path} is not beside the checkout")
    return place
