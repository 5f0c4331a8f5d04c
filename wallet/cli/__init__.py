"""``backpack-wallet``: make a backpack, put records in, look at them, share them."""

from __future__ import annotations

from wallet.cli import keeping, sharing
from wallet.cli.group import main

main.add_command(keeping.init)
main.add_command(keeping.serve)
main.add_command(keeping.accept)
main.add_command(keeping.list_records)
main.add_command(keeping.show)
main.add_command(sharing.present)
main.add_command(sharing.activity)

__all__ = ["main"]
