"""Command lines: groups, common options, a console that speaks the person's language, exit codes 0, 1, 2, 3."""

from __future__ import annotations

from ui.cli.commands import BackpackCommand, BackpackGroup, backpack_group, common_options, tls_options
from ui.cli.console import Console
from ui.cli.files import read_input
from ui.cli.problems import exit_code_of
from ui.cli.secrets import new_password, read_secret, secret_file_option
from ui.languages import N_

__all__ = [
    "BackpackCommand",
    "BackpackGroup",
    "Console",
    "N_",
    "backpack_group",
    "common_options",
    "exit_code_of",
    "new_password",
    "read_input",
    "read_secret",
    "secret_file_option",
    "tls_options",
]
