"""What is worth knowing beside the pairs: the whole pipeline, the first verification of a fresh process, memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from bench.node_peer import NodePeer
from bench.pairs import ECDSA_SD, EDDSA, NOW, ONE_VALUE, Bench, pinned_documents
from bench.timing import in_process, medians
from credkit.encoding import parse_json_object
from credkit.proofs import Derivation

SELECTIONS = 10


def information(rounds: int) -> Iterator[str]:
    """One printed line per fact; none of them is part of ``bench/latest.json``."""
    with NodePeer(pinned_documents()) as node:
        bench = Bench(node)
        signed = {name: bench.ours.issue(json.dumps(document)) for name, document in bench.whole.items()}
        for name, document in signed.items():
            times = medians(bench.verify_all(document), rounds=max(1, rounds // 3))
            yield (
                f"every check and every member's own proof, {name} ({len(json.dumps(document)) // 1000} kB): "
                f"ours {times['ours']:.2f} ms, digitalbazaar doing the same proofs {times['digitalbazaar']:.1f} ms, "
                f"ratio {times['digitalbazaar'] / times['ours']:.1f}"
            )
        yield from selections(bench, rounds)
    text = json.dumps(signed["badge"])
    ours, theirs = alternately(lambda: verify_in_a_fresh_process(text), lambda: _peer_verifies_once(text), rounds)
    yield f"first verify in a fresh process, badge: ours {ours:.0f} ms of CPU, digitalbazaar {theirs:.0f} ms"
    peak = verify_in_a_fresh_process(json.dumps(signed["clr60"]))
    yield f"memory of a fresh process that verifies clr60: {peak:.0f} MB at its peak"


def selections(bench: Bench, rounds: int) -> Iterator[str]:
    """How much a holder saves who shows one record to several verifiers: the base document is walked once."""
    environment = bench.ours.environment
    for name, document in bench.selective.items():
        text = json.dumps(bench.ours.base(json.dumps(document), ECDSA_SD))

        def at_once(text: str = text) -> None:
            derivation = Derivation(parse_json_object(text), environment.jsonld)
            for _ in range(SELECTIONS):
                derivation.derive(ONE_VALUE, environment.randomness)

        def one_by_one(text: str = text) -> None:
            for _ in range(SELECTIONS):
                bench.ours.derive(text, ONE_VALUE)

        times = medians({"together": in_process(at_once), "apart": in_process(one_by_one)}, rounds=max(1, rounds // 3))
        yield (f"{SELECTIONS} selections of one ecdsa-sd-2023 record, {name}: together {times['together']:.2f} ms, "
               f"each by itself {times['apart']:.2f} ms, ratio {times['apart'] / times['together']:.1f}")


def alternately(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """CPU medians, in milliseconds, of the child processes that each act starts and ends, taken in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for act, kept in zip((ours, theirs), times, strict=True):
            before = _children_ms()
            act()
            kept.append(_children_ms() - before)
    return median(times[0]), median(times[1])


def verify_in_a_fresh_process(text: str) -> float:
    """Run the whole pipeline on one credential in a new process; its peak resident memory in megabytes."""
    command = [sys.executable, "-m", "bench.memory"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=True)
    return float(done.stdout)


def _peer_verifies_once(text: str) -> None:
    with NodePeer(pinned_documents()) as node:
        node.ask("verify", suite=EDDSA, document=text, now=NOW)


def _children_ms() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1000
