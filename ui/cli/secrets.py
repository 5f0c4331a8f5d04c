"""Passphrases and passwords: asked for, read from a file or the environment, never an argument (security.md K08)."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from credkit.ports import Randomness
from ui.cli.console import Console
from ui.languages import N_

_LONGEST = 4096
F = TypeVar("F", bound=Callable[..., Any])


def secret_file_option(name: str) -> Callable[[F], F]:
    """``--NAME-file PATH``: a file whose first line is the secret; the command gets ``NAME_file: Path | None``."""
    return click.option(
        f"--{name}-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=N_("Read the secret from the first line of this file."),
    )


def read_secret(console: Console, question: str, *, file: Path | None, variable: str, confirm: bool = False) -> str:
    """The secret: from ``file``, else the environment variable (taken out of the environment), else asked for unseen.

    Args:
        question: A translated question, e.g. ``console.gettext("Passphrase")``.
        variable: e.g. ``BACKPACK_PASSPHRASE``.
        confirm: Ask twice (a new secret).

    Raises:
        click.UsageError: none of the three gives one.
    """
    if file is not None:
        with file.open(encoding="utf-8", errors="replace") as handle:
            secret = handle.readline(_LONGEST).rstrip("\r\n")
    elif variable in os.environ:
        secret = os.environ.pop(variable)
    elif sys.stdin.isatty():
        again: str | bool = console.gettext("Once more, to be sure") if confirm else False
        secret = click.prompt(question, hide_input=True, confirmation_prompt=again, err=True)
    else:
        raise click.UsageError(
            console.gettext("A secret is needed. Give it by a file, by %(variable)s, or run this in a terminal.")
            % {"variable": variable}
        )
    if not secret:
        raise click.UsageError(console.gettext("The secret is empty."))
    return secret


def new_password(
    console: Console, question: str, *, file: Path | None, variable: str, randomness: Randomness
) -> tuple[str, bool]:
    """A password for a new login as ``read_secret`` finds it; where nobody sits there to type one, it is made.

    Returns:
        The password, and whether it was made here (100 bits that can be read aloud) and has to be shown once.

    Raises:
        click.UsageError: an empty one was given.
    """
    if file is None and variable not in os.environ and not sys.stdin.isatty():
        text = base64.b32encode(randomness.token_bytes(13)).decode().lower()[:20]
        return "-".join(text[start : start + 5] for start in range(0, 20, 5)), True
    return read_secret(console, question, file=file, variable=variable, confirm=True), False
