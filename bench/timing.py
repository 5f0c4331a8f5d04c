"""Taking turns: the contenders of a pair run in small rounds, one after the other, so that a slow moment meets all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from ui.collector import settle

Contender = Callable[[int], list[float]]
"""Number of runs → CPU milliseconds of each run."""


def in_process(act: Callable[[], Any]) -> Contender:
    """A contender that runs ``act`` in this process and counts the CPU time of all its threads."""

    def runs(count: int) -> list[float]:
        times = []
        for _ in range(count):
            before = time.process_time_ns()
            act()
            times.append((time.process_time_ns() - before) / 1e6)
        return times

    return runs


def medians(contenders: Mapping[str, Contender], *, rounds: int, budget_ms: float = 150.0) -> dict[str, float]:
    """CPU median in milliseconds of each contender after a warm-up, all measured in the same ``rounds``.

    Args:
        budget_ms: About how long one contender may take in one round; fast ones run more often in it.
    """
    runs = {name: _runs_within(budget_ms, contender(3)) for name, contender in contenders.items()}
    for name, contender in contenders.items():
        contender(runs[name])
    settle()  # as our servers do once they have started
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            gc.collect()
            times[name] += contender(runs[name])
    return {name: statistics.median(values) for name, values in times.items()}


def least(act: Callable[[], Any], *, budget_ms: float = 150.0) -> float:
    """CPU milliseconds of the quickest of as many runs as fit into the budget, four at least."""
    contender = in_process(act)
    settle()  # as our servers do once they have started
    first = contender(3)
    return min(*first, *contender(_runs_within(budget_ms, first)))


def _runs_within(budget_ms: float, first: list[float]) -> int:
    return max(1, min(100, int(budget_ms / max(min(first), 0.01))))
