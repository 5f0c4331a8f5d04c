"""The collector is set once, and still finds rings."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from ui.collector import YOUNG, settle


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_is_loaded_is_put_aside_and_the_rest_is_looked_through_less_often() -> None:
    later = gc.get_threshold()[1:]

    settle()

    assert gc.get_freeze_count() > 1_000
    assert gc.get_threshold() == (YOUNG, *later)


def test_rings_made_afterwards_are_found() -> None:
    class Ring:
        def __init__(self) -> None:
            self.me = self

    settle()
    found = weakref.ref(Ring())
    kept = [[] for _ in range(2 * YOUNG)]

    assert kept and found() is None
