"""What every view needs: the services, the vault this browser has unlocked, and a safe way back."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, g, request

from credkit.errors import SealBroken, VaultLocked
from wallet.bootstrap import Services
from wallet.vault import OpenVault

EXTENSION = "backpack-wallet"
MAX_NEXT_CHARACTERS = 8_000


def services() -> Services:
    """The services of the application that answers this request."""
    return cast(Services, current_app.extensions[EXTENSION])


def cookie_name() -> str:
    """The cookie that holds this browser's unlock secret; cookies know no ports, so an explicit port is in the name."""
    port = urlsplit(services().config.origin).port
    return "__Host-backpack-vault" + (f"-{port}" if port else "")


def open_vault() -> OpenVault | None:
    """The vault that this browser has unlocked, or None; opened once a request."""
    if "vault" not in g:
        g.vault = _resume()
    vault: OpenVault | None = g.vault
    return vault


def vault() -> OpenVault:
    """The unlocked vault.

    Raises:
        VaultLocked: it is not unlocked; the handler asks for the passphrase and comes back here.
    """
    opened = open_vault()
    if opened is None:
        raise VaultLocked("the backpack is locked")
    return opened


def require_unlocked(blueprint: Blueprint) -> None:
    """Show the pages of ``blueprint`` in an unlocked session only."""
    blueprint.before_request(_check_unlocked)


def _check_unlocked() -> None:
    vault()


def _resume() -> OpenVault | None:
    cookie = request.cookies.get(cookie_name())
    if cookie is None:
        return None
    try:
        return services().vault.resume_session(cookie, keep_open=request.endpoint != "unlocking.left")
    except (VaultLocked, SealBroken):
        return None


def set_unlock_cookie(response: Response, secret: str) -> None:
    """Give the browser its unlock secret; it ends with the browser, and the session behind it when idle."""
    response.set_cookie(cookie_name(), secret, path="/", secure=True, httponly=True, samesite="Lax")


def clear_unlock_cookie(response: Response) -> None:
    """Take the unlock secret away."""
    response.delete_cookie(cookie_name(), path="/", secure=True, httponly=True, samesite="Lax")


def local_path(path: str | None) -> str:
    """``path`` if it is one of our own pages, else the start page: nobody is sent elsewhere by a link (F07)."""
    if not path or len(path) > MAX_NEXT_CHARACTERS or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    if any(ord(character) < 0x21 or ord(character) > 0x7E for character in path):
        return "/"
    return path
