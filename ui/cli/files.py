"""Reading what a command is given: a file or standard input, never more than it may be."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ui.languages import N_


def read_input(source: str, *, max_bytes: int = 10_485_760) -> bytes:
    """The content of the file ``source``, of standard input if it is ``-``.

    Raises:
        click.UsageError: there is no such file, it is a folder, may not be read, or is larger than ``max_bytes``.
    """
    try:
        if source == "-":
            content = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(source).open("rb") as handle:
                content = handle.read(max_bytes + 1)
    except (OSError, ValueError) as cause:
        raise click.UsageError(N_("This file cannot be read. Check its name.")) from cause
    if len(content) > max_bytes:
        raise click.UsageError(N_("This file is too large."))
    return content
