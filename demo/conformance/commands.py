"""What the commands share: files in, ``{"result": …, "data": …}`` out, whatever the input is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from credkit.encoding import parse_json_object
from credkit.errors import CredkitError, FetchError, UnsupportedError, VocabularyUnknownError
from credkit.ports import JSONObject

SUCCESS, FAILURE, INDETERMINATE = "success", "failure", "indeterminate"
COULD_NOT_CHECK = (UnsupportedError, VocabularyUnknownError, FetchError)


def read_object(path: Path) -> JSONObject:
    """The JSON object in a file; ``OSError`` or our errors where there is none."""
    return parse_json_object(path.read_bytes())


def write_result(output: Path, act: Callable[[], str]) -> None:
    """Write what came of ``act``: its text, or why it failed or could not be done."""
    output.write_text(json.dumps(_result_of(act)), encoding="utf-8")


def _result_of(act: Callable[[], str]) -> JSONObject:
    try:
        return {"result": SUCCESS, "data": act()}
    except COULD_NOT_CHECK as error:
        return {"result": INDETERMINATE, "data": error.detail}
    except CredkitError as error:
        return {"result": FAILURE, "data": error.detail}
    except (OSError, UnicodeDecodeError):
        return {"result": FAILURE, "data": "an input file could not be read"}
