"""``backpack-verifier``: check records, ask for records, say whom we trust."""

from __future__ import annotations

from verifier.cli import asking, checking, office
from verifier.cli.group import Ports, main

main.add_command(office.init)
main.add_command(office.serve)
main.add_command(office.trust)
main.add_command(office.sweep)
main.add_command(asking.request)
main.add_command(asking.result)
main.add_command(asking.day_one)
main.add_command(checking.verify)

__all__ = ["Ports", "main"]
