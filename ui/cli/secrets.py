"""Passphrases and passwords: asked for, read from a file or the environment, never an argument (security.md K08)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

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
