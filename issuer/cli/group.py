"""The top of the command line, and what its commands share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from credkit.ports import Clock, Fetcher
from issuer.bootstrap import Services, build_services
from issuer.config import Config, from_environ
from issuer.services.templates import TEMPLATES
from ui.cli import N_, Console, backpack_group

CLI_ACTOR: Final = "command line"
KINDS: Final = {
    "course": N_("Course"), "transcript": N_("Transcript"), "badge": N_("Badge"), "full-record": N_("Full record"),
    "endorsement": N_("A teacher’s word on a work"), "guardianship": N_("Who the guardian is"),
    "court-limit": N_("What a court forbids"), **{each.name: each.title for each in TEMPLATES},
}
main = backpack_group(
    "backpack-issuer", role="issuer", help=N_("Turn school records into signed records that families keep."),
    folders=(Path(__file__).parent.parent / "web" / "translations",),
)


@dataclass(frozen=True)
class Ports:
    """What a caller of ``main`` may bring instead of the machine's own, as click's ``obj``; tests bring both."""

    clock: Clock | None = None
    fetcher: Fetcher | None = None


def config_of(console: Console) -> Config:
    """The settings of this data folder."""
    return from_environ(os.environ, data=console.data)


def services_of(console: Console) -> Services:
    """The issuer of this data folder over the machine's clock and network, or over the caller's ``Ports``.

    Raises:
        ConfigError: there is no issuer in this folder.
    """
    given = click.get_current_context().find_root().obj
    ports = given if isinstance(given, Ports) else Ports()
    return build_services(config_of(console), clock=ports.clock, fetcher=ports.fetcher)


def share_of(console: Console, done: int, total: int) -> str:
    """``18 of 24``."""
    return console.gettext(N_("%(done)s of %(total)s")) % {"done": done, "total": total}
