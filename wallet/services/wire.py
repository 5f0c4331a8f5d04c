"""Requests to issuers and verifiers: any answer but a good one becomes a typed error."""

from __future__ import annotations

import json

from credkit.errors import ProtocolError
from credkit.ports import Fetcher, JSONObject, Response
from credkit.protocols.oauth import FORM_CONTENT_TYPE, JSON_CONTENT_TYPE, parse_error

_MAX_BYTES = 1_048_576
_GONE = (404, 410)


def get(fetcher: Fetcher, url: str, *, accept: str = JSON_CONTENT_TYPE) -> Response:
    """The answer to GET, status 200.

    Raises:
        FetchError: no answer.
        ProtocolError: another status; ``gone`` for 404 and 410.
    """
    return _good(fetcher.get(url, accept=accept, max_bytes=_MAX_BYTES))


def get_first(fetcher: Fetcher, urls: tuple[str, ...]) -> Response:
    """The first of ``urls`` that is there; the error of the last one if none is."""
    for url in urls[:-1]:
        try:
            return get(fetcher, url)
        except ProtocolError:
            continue
    return get(fetcher, urls[-1])


def post(fetcher: Fetcher, url: str) -> Response:
    """The good answer to an empty POST."""
    return _good(fetcher.post(url, body=b"", content_type=FORM_CONTENT_TYPE, max_bytes=_MAX_BYTES))


def post_form(fetcher: Fetcher, url: str, form: str, *, accept: str = JSON_CONTENT_TYPE) -> Response:
    """The good answer to a form."""
    return _good(fetcher.post(url, body=form.encode("utf-8"), content_type=FORM_CONTENT_TYPE, accept=accept,
                              max_bytes=_MAX_BYTES))


def post_json(fetcher: Fetcher, url: str, message: JSONObject, *, access_token: str,
              max_bytes: int = _MAX_BYTES) -> Response:
    """The good answer to a JSON message under a bearer token."""
    return _good(fetcher.post(url, body=json.dumps(message).encode("utf-8"), content_type=JSON_CONTENT_TYPE,
                              max_bytes=max_bytes, headers={"Authorization": f"Bearer {access_token}"}))


def post_text(fetcher: Fetcher, url: str, message: str, *, content_type: str) -> Response:
    """The good answer to a text message."""
    return _good(fetcher.post(url, body=message.encode("utf-8"), content_type=content_type, max_bytes=_MAX_BYTES))


def _good(response: Response) -> Response:
    if 200 <= response.status < 300:
        return response
    error = parse_error(response.body, response.status)
    if response.status in _GONE and error.error == "server_error":
        raise ProtocolError("gone", "what the link leads to is used up, too old, or was never there", response.status)
    raise error
