"""The main job where every role keeps what it knows on a PostgreSQL server instead of in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.conftest import TITLES, Town, build_town
from tests.support.postgres import Server


@pytest.fixture
def town(tmp_path: Path, postgres_server: Server) -> Town:
    return build_town(tmp_path, postgres_server.database)


def test_a_set_arrives_two_courses_are_shown_and_one_is_taken_back(town: Town, tmp_path: Path) -> None:
    assert len(town.receive_set()) == 25
    assert town.share(*TITLES)["verified"]

    person = town.school.students.find("20391")
    course = next(each for each in town.school.students.view(person.id).credentials if each.title == TITLES[0])
    town.school.revoking.revoke(course.id, "operator", "The grade was wrong.")
    town.world.clock.advance(minutes=10)

    assert not town.share(*TITLES)["verified"]
    assert not [*tmp_path.rglob("*.sqlite3")]
