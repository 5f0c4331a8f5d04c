"""Exchanges from the terminal: the same links, the same yes."""

from __future__ import annotations

import pytest

from credkit.protocols.exchanges import ExchangeMessage
from tests.support.world import World
from tests.wallet.cli.terminal import Terminal
from tests.wallet.offices import OfferingSchool
from tests.wallet.web.test_interactions import EXAMPLE, LINKS, ORIGIN, Partner, partner

__all__ = ["partner"]


@pytest.mark.parametrize("link", LINKS)
def test_a_record_is_accepted_and_shown_to_who_asks(terminal: Terminal, partner: Partner, link: str) -> None:
    terminal.run("init")
    told = terminal.json("accept", link)
    assert (told["host"], told["total"], len(told["stored"])) == ("partner.example", 1, 1)
    partner.example, partner.answer = EXAMPLE, ExchangeMessage(redirect_url=f"{ORIGIN}/thanks")
    assert terminal.run("accept", link).exit_code != 0 and len(partner.came) == 1
    assert terminal.run("present", link, "--refuse").exit_code == 1 and len(partner.came) == 1
    answer = terminal.json("present", link, "--yes")
    assert answer["redirect_uri"] == f"{ORIGIN}/thanks" and len(partner.came) == 2


def test_a_map_that_names_openid_leads_to_the_offer(
        terminal: Terminal, world: World, school: OfferingSchool, partner: Partner) -> None:
    terminal.run("init")
    partner.protocols = {"vcapi": f"{ORIGIN}/x", "OID4VCI": school.offer(school.course(1, "Biology"))}
    told = terminal.json("accept", LINKS[0], "--tx-code", "4711")
    assert (told["host"], len(told["stored"]), partner.came) == ("school.example", 1, [])
