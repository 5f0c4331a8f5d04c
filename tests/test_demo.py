"""The demo's chapters: each can be told by name, and a name that nobody knows is an error."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from demo.stories import STORIES, Story, story
from demo.story import STORY as USUAL_STORY
from tests.support.amount import FULL
from tests.support.shared import ROOT

CHAPTERS = ("jessie", "daniela", "vanessa", "foster", "military", "alert", "mastery", "fresh-start")
"""T1 to T8 of requirements.md §1.5."""
LONGEST_S = 300


def tell(name: str, **more: str) -> subprocess.CompletedProcess[str]:
    """``make demo STORY=name`` without make."""
    environ = {**os.environ, "STORY": name, "DEMO_ONCE": "1", **more}
    return subprocess.run([sys.executable, "-m", "demo"], cwd=ROOT, env=environ, capture_output=True, text=True,
                          timeout=LONGEST_S)


def test_every_test_story_has_a_chapter_and_they_stand_in_order() -> None:
    assert tuple(each.name for each in STORIES) == CHAPTERS
    assert all(story(name) is each for name, each in zip(CHAPTERS, STORIES, strict=True))


def test_an_unknown_name_is_an_error_that_lists_the_names() -> None:
    ended = tell("cinderella")
    assert ended.returncode == 2
    assert "cinderella" in ended.stderr
    assert all(name in ended.stderr for name in CHAPTERS)
    assert ended.stdout == ""


@pytest.mark.parametrize("chapter", (USUAL_STORY, *STORIES), ids=lambda each: each.name)
def test_a_chapter_names_each_party_it_needs_once_and_has_one_wallet(chapter: Story) -> None:
    assert len({place.key for place in chapter.places}) == len(chapter.places)
    assert len({place.port for place in chapter.places}) == len(chapter.places)
    assert [place.key for place in chapter.places if place.module == "wallet"] == ["wallet"]


@pytest.mark.skipif(not FULL, reason="make full tells every chapter; make test walks them through the pages")
@pytest.mark.parametrize("name", ("", *CHAPTERS))
def test_a_chapter_comes_out_as_told(name: str) -> None:
    ended = tell(name)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Everything came out as told." in ended.stdout
