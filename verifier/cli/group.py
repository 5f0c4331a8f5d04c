"""The top of the command line, and what its commands share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from credkit.ports import Clock, Fetcher
from ui.cli import N_, Console, backpack_group
from verifier.bootstrap import Services, build_services
from verifier.config import Config, from_environ

main = backpack_group(
    "backpack-verifier",
    role="verifier",
    help=N_("Check records, ask families for records, and say whom you trust."),
    folders=(Path(__file__).parent.parent / "web" / "translations",),
)


@dataclass(frozen=True)
class Ports:
    """What a caller of ``main`` may bring instead of the machine's own, as click's ``obj``; tests bring both."""

    clock: Clock | None = None
    fetcher: Fetcher | None = None


def ports() -> Ports:
    """The caller's ports, or the machine's own."""
    given = click.get_current_context().find_root().obj
    return given if isinstance(given, Ports) else Ports()


def config_of(console: Console) -> Config:
    """The settings of this data folder."""
    return from_environ(os.environ, data=console.data)


def services_of(config: Config) -> Services:
    """The verifier of ``config`` over the machine's clock and network, or over the caller's ``Ports``.

    Raises:
        ConfigError: there is no verifier in this folder.
    """
    given = ports()
    return build_services(config, clock=given.clock, fetcher=given.fetcher)
