"""In a terminal: an issuer with a page of its own, a record that comes later, links of the high assurance profile."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.support.certificates import authority
from tests.support.world import NOW, World
from tests.wallet.cli.terminal import Terminal
from tests.wallet.offices import TITLE_AND_GRADE, AskingCollege, OfferingSchool
from tests.wallet.web.test_any_issuer import AskingSchool

HAIP = {"BACKPACK_HAIP_LINKS": "1"}


@pytest.fixture
def asking(world: World) -> AskingSchool:
    return AskingSchool(world)


def test_a_login_is_two_commands_and_what_comes_later_the_same_again(
        terminal: Terminal, asking: AskingSchool, world: World) -> None:
    terminal.run("init")
    asking.later = True
    link = asking.offer(asking.course(1, "Biology"))

    told = terminal.json("accept", link)
    state = parse_qs(urlsplit(told["open"]).query)["state"][0]
    answer = "http://localhost:8103/offer/return?" + urlencode({"code": "c-1", "state": state, "iss": asking.origin})
    spent = asking.spent
    first = terminal.run("accept", link, "--answer", answer)
    world.clock.advance(seconds=61)
    terminal.run("accept", link)
    world.clock.advance(seconds=61)
    last = terminal.run("accept", link)

    assert spent is None and "has not made the rest yet. Run this again after" in first.output
    assert first.exit_code == 3
    assert last.exit_code == 0 and "1 of 1 records from school.example" in last.stdout
    assert "Biology" in terminal.run("list").stdout


def test_where_to_log_in_is_told(terminal: Terminal, asking: AskingSchool) -> None:
    terminal.run("init")

    result = terminal.run("accept", asking.offer(asking.course(1, "Biology")))

    assert result.exit_code == 0 and "https://school.example/authorize?" in result.stdout


def test_links_of_the_high_assurance_profile_are_taken_by_a_setting_only(
        terminal: Terminal, school: OfferingSchool, college: AskingCollege) -> None:
    terminal.run("init")
    offer = school.offer(school.course(1, "Biology"), tx_code=None).replace("openid-credential-offer:", "haip-vci:")
    request = college.ask(*TITLE_AND_GRADE).replace("openid4vp:", "haip-vp:")

    assert terminal.run("accept", offer).exit_code == 2
    assert terminal.run("accept", offer, env=HAIP).exit_code == 0
    assert terminal.run("present", request, "--refuse").exit_code == 2
    assert "was told" in terminal.run("present", request, "--refuse", env=HAIP).stdout


def test_who_asks_and_how_sure_that_is_is_told_before_anything_leaves(
        terminal: Terminal, school: OfferingSchool, college: AskingCollege) -> None:
    terminal.run("init")
    terminal.run("accept", school.offer(school.course(1, "Biology"), tx_code=None))

    result = terminal.run("present", college.ask(*TITLE_AND_GRADE, multiple=False), "--yes")

    assert "This request was signed with the key of college.example." in result.stdout


def test_a_file_of_anchors_that_cannot_be_read_refuses_to_start(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "good.pem").write_bytes(authority(NOW).pem)
    (tmp_path / "bad.pem").write_text("nothing")

    assert terminal.run("init", env={"BACKPACK_TRUST_ANCHORS": str(tmp_path / "bad.pem")}).exit_code != 0
    assert terminal.run("init", env={"BACKPACK_TRUST_ANCHORS": str(tmp_path / "none.pem")}).exit_code != 0
    assert terminal.run("init", env={"BACKPACK_TRUST_ANCHORS": str(tmp_path / "good.pem")}).exit_code == 0
