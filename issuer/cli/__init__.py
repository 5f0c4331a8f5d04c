"""``backpack-issuer``: school exports in, signed records out."""

from __future__ import annotations

from issuer.cli import giving, office, passing, records
from issuer.cli.group import Ports, main

for command in (office.init, office.serve, office.staff, office.log, office.sweep):
    main.add_command(command)
for command in (records.import_file, records.award, records.templates, records.endorse, records.revoke,
                records.students, records.leave, records.delete):
    main.add_command(command)
for command in (giving.offer, giving.approvals, giving.approve, giving.refuse, giving.transfer, giving.guardian,
                giving.court_limit, passing.pass_):
    main.add_command(command)

__all__ = ["Ports", "main"]
