"""The way out: each address that a record names leads over a page of ours that says where it goes (security.md F01).

The address travels in the link, signed by this server, so that nobody can make such a page for an address of their own.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeSerializer
from markupsafe import Markup, escape

from ui.text import clean

MOST_CHARACTERS: Final = 2_000
RELATION: Final = "noopener noreferrer nofollow external"
_BREAKING: Final = '<>"\\^`{|}'
blueprint = Blueprint("outside", __name__)


def safe_url(url: object) -> str | None:
    """``url`` if it is a plain https address that may be offered as a link, else None."""
    if not isinstance(url, str) or len(url) > MOST_CHARACTERS or url != clean(url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return url if usable and not any(c.isspace() or c in _BREAKING for c in url) else None


def outside_link(url: object, text: str | None = None) -> Markup:
    """A link to the page before another host, saying which host; plain text if the address is not https."""
    safe = safe_url(url)
    label = clean(text or str(url))
    if safe is None:
        return escape(label)
    host = urlsplit(safe).hostname or ""
    shown = escape(label) if host in label else Markup("{} ({})").format(label, host)
    return Markup("{}{}</a>").format(open_tag(safe), shown)


def open_tag(url: str) -> Markup:
    """The opening tag of a link to the page before ``url``, which has passed ``safe_url``; on paper it says ``url``."""
    return Markup('<a href="{}" rel="{}" data-address="{}">').format(
        url_for("outside.show", token=_signer().dumps(url)), RELATION, url)


@blueprint.get("/outside/<token>")
def show(token: str) -> ResponseReturnValue:
    """Where the link leads, before it is followed."""
    try:
        url = safe_url(_signer().loads(token))
    except BadData:
        url = None
    if url is None:
        abort(404)
    host = urlsplit(url).netloc
    here = request.referrer or ""
    back = here if here.startswith(request.host_url) and here != request.url else request.script_root + "/"
    return render_template("ui/outside.html", url=url, host=host, plain_host=_plain(host), back=back,
                           relation=RELATION)


def _plain(host: str) -> str | None:
    """The host in plain letters, where it has others that may look like them (security.md F11)."""
    if host.isascii():
        return None
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host.encode("ascii", "backslashreplace").decode("ascii")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or b"", salt="backpack-outside")
