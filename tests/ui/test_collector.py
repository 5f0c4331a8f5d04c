"""The collector is set once, and still finds rings; each in a process of its own, whose collector it is."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from ui.collector import YOUNG, settle


def puts_aside_what_is_loaded() -> None:
    later = gc.get_threshold()[1:]

    settle()

    assert gc.get_freeze_count() > 1_000
    assert gc.get_threshold() == (YOUNG, *later)


def finds_rings_made_afterwards() -> None:
    class Ring:
        def __init__(self) -> None:
            self.me = self

    settle()
    found = weakref.ref(Ring())
    kept = [[] for _ in range(2 * YOUNG)]

    assert kept and found() is None


@pytest.mark.parametrize("act", [puts_aside_what_is_loaded, finds_rings_made_afterwards])
def test_the_collector(act: Callable[[], None]) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(act).result()
