"""Badges in a terminal: saved as pictures that carry them, and looked up for newer versions."""

from __future__ import annotations

from pathlib import Path

import click

from ui.cli import N_, BackpackCommand, Console, common_options, secret_file_option
from wallet.cli.group import find_card, open_backpack
from wallet.services import refreshing
from wallet.services.record.library import shelf
from wallet.services.sharing import baking

_ENDINGS = (".png", ".svg")
_OUTCOMES = {
    "newer": N_("There is a newer version. It was checked and is here now."), "same": N_("There is no newer version."),
    "failed": N_("A newer version could not be had, or it did not pass its checks. Your record stays as it is.")}


@click.command("badge", cls=BackpackCommand, help=N_("Save a record as a picture that carries it: PNG or SVG."),
               example="backpack-wallet badge 7hd2Kq9x reader.png")
@click.argument("name", metavar="ID")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@secret_file_option("passphrase")
@common_options
def badge(console: Console, name: str, out: Path, passphrase_file: Path | None) -> None:
    if out.suffix.lower() not in _ENDINGS:
        raise click.UsageError(console.gettext(N_("The name of the picture must end in .png or .svg.")))
    from ui.badges import badge_png, badge_svg  # slow to import; only this command draws

    services, vault = open_backpack(console, passphrase_file)
    card = find_card(console, shelf(vault), name)
    draw = badge_png if out.suffix.lower() == ".png" else badge_svg
    data = baking.badge_picture(vault, services.sharing.environment, card.item_id, draw).data
    out.touch(mode=0o600)
    out.write_bytes(data)
    if console.json:
        console.emit({"file": str(out), "bytes": len(data)})
        return
    console.say(console.gettext(N_("Written: %(file)s")) % {"file": out})
    console.note(console.gettext(N_("Whoever has this picture sees all of the record.")))


@click.command("newer", cls=BackpackCommand, help=N_("Ask the signer for a newer version of a record."),
               example="backpack-wallet newer 7hd2Kq9x")
@click.argument("name", metavar="ID")
@secret_file_option("passphrase")
@common_options
def newer(console: Console, name: str, passphrase_file: Path | None) -> int:
    services, vault = open_backpack(console, passphrase_file)
    card = find_card(console, shelf(vault), name)
    outcome = refreshing.refresh(vault, services.sharing.environment, card.item_id)
    if console.json:
        console.emit({"id": card.item_id, "outcome": outcome})
    else:
        console.say(console.gettext(_OUTCOMES[outcome]))
    return 3 if outcome == "failed" else 0
