"""What a story is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from demo.narrating import Narrator
from demo.town import Place, Town


@dataclass(frozen=True)
class Story:
    """A story that can be told by name.

    Attributes:
        places: Everybody it needs.
        tell: Tells it; raises StoryError where a step does not come out as told.
    """

    name: str
    about: str
    places: tuple[Place, ...]
    tell: Callable[[Town, Narrator], None]
