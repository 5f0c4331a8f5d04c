"""`python -m bench`: measure every pair, print the table, write ``bench/latest.json``."""

from __future__ import annotations

import argparse
import json
from itertools import chain
from pathlib import Path

from bench.beside import information
from bench.growth import growth
from bench.pairs import Row, pairs
from bench.wallet import thousand

LATEST = Path(__file__).parent / "latest.json"


def main() -> None:
    """Measure, print and write; ``--rounds`` trades time for steadiness."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often the contenders of a pair take turns")
    rounds = parser.parse_args().rounds
    print("CPU medians in milliseconds of interleaved runs; ratio = peer / ours; limit = the raw signatures alone.\n")
    print(f"{'operation':<16}{'document':<9}{'suite':<17}{'ours':>9} {'peer':<13}{'':>9}{'ratio':>8}{'limit':>8}")
    rows: list[Row] = []
    for row in pairs(rounds):
        rows.append(row)
        print(
            f"{row['operation']:<16}{row['document']:<9}{row['suite']:<17}{row['ours_ms']:>9.3f} "
            f"{row['peer']:<13}{row['peer_ms']:>9.2f}{row['ratio']:>8.1f}{row['limit_ms']:>8.3f}",
            flush=True,
        )
    LATEST.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    print()
    for line in chain(information(rounds), growth(), thousand(rounds)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
