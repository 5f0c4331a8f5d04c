"""The chapters that ``make demo STORY=name`` tells: T1 to T8 of requirements.md, in this order."""

from __future__ import annotations

from typing import Final

from demo.stories import alert, daniela, foster, fresh_start, jessie, mastery, military, vanessa
from demo.stories._story import Story

__all__ = ["STORIES", "Story", "story"]

STORIES: Final[tuple[Story, ...]] = (
    jessie.STORY, daniela.STORY, vanessa.STORY, foster.STORY, military.STORY, alert.STORY, mastery.STORY,
    fresh_start.STORY,
)
"""Every chapter; one file each."""


def story(name: str) -> Story | None:
    """The chapter called ``name``, or None."""
    return next((each for each in STORIES if each.name == name), None)
