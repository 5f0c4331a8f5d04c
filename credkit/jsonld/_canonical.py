"""RDF Dataset Canonicalization with bounded work.

Spec: RDF-CANON #canon-algorithm
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from credkit.errors import TooComplexError
from credkit.jsonld._nquads import Quad, nquads_lines

MAX_WORK = 20_000
"""Steps allowed beyond those that grow with the document; about 100 ms (security.md A04)."""
_WORK_PER_BLANK_NODE = 32

_Request = tuple[str, dict[str, str]]
"""A blank node and the labels issued so far."""
_Hashed = tuple[str, dict[str, str]]
"""A hash or path, and the labels issued on the way."""


@dataclass(frozen=True)
class Canonical:
    """A canonicalized dataset.

    Attributes:
        lines: Canonical N-Quads lines in code point order, each ending ``" .\\n"``.
        labels: Blank node of the input, ``_:b0``, to its canonical label, ``_:c14n0``, in the order of issue.
    """

    lines: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The canonical N-Quads document."""
        return "".join(self.lines)


def canonicalize(quads: Iterable[Quad], *, hash_name: str = "sha256", max_work: int = MAX_WORK,
                 are_distinct: bool = False) -> Canonical:
    """RDFC-1.0 of a dataset.

    Args:
        quads: Canonical N-Quads terms, as ``Dataset.quads`` or ``parse_nquads`` give them; repeated quads count once.
        hash_name: ``sha256`` or ``sha384``.
        max_work: Steps allowed for telling blank nodes apart that look alike, beside an allowance for each blank node.
        are_distinct: No quad stands twice, as in a ``Dataset``.

    Raises:
        TooComplexError: telling the blank nodes apart would take more work than allowed.

    Spec: RDF-CANON #canon-algorithm
    """
    lines: list[str] = []
    unnamed: list[Quad] = []
    for quad in quads if are_distinct else dict.fromkeys(quads):
        subject, predicate, obj, graph = quad
        if subject[0] == "_" or obj[0] == "_" or (graph and graph[0] == "_"):
            unnamed.append(quad)
        elif graph:
            lines.append(f"{subject} {predicate} {obj} {graph} .\n")
        else:
            lines.append(f"{subject} {predicate} {obj} .\n")
    labels = canonical_labels(unnamed, hash_name=hash_name, max_work=max_work)
    lines += nquads_lines(unnamed, labels)
    lines.sort()
    return Canonical(tuple(lines), labels)


def canonical_labels(quads: Iterable[Quad], *, hash_name: str = "sha256", max_work: int = MAX_WORK) -> dict[str, str]:
    """``Canonical.labels`` by themselves.

    Args:
        quads: Distinct; those without a blank node may be left out.
        hash_name, max_work: See ``canonicalize``, which also says what is raised.
    """
    mentions: dict[str, list[Quad]] = {}
    for quad in quads:
        subject, _, obj, graph = quad
        if subject[0] == "_":
            mentions.setdefault(subject, []).append(quad)
        if obj[0] == "_" and obj != subject:
            mentions.setdefault(obj, []).append(quad)
        if graph and graph[0] == "_" and graph != subject and graph != obj:
            mentions.setdefault(graph, []).append(quad)
    if len(mentions) > 1:
        return _Labelling(mentions, hash_name, max_work).run()
    return dict.fromkeys(mentions, "_:c14n0")  # one blank node or none: nothing to tell apart


class _Labelling:
    """The canonicalization state (RDF-CANON #dfn-canonicalization-state): which blank node got which label."""

    def __init__(self, mentions: Mapping[str, list[Quad]], hash_name: str, max_work: int) -> None:
        self._mentions = mentions
        self._hash: Callable[[bytes], hashlib._Hash] = getattr(hashlib, hash_name)
        self._work_left = max_work + _WORK_PER_BLANK_NODE * len(mentions)
        self._first_degree: dict[str, str] = {}
        self._labels: dict[str, str] = {}

    def run(self) -> dict[str, str]:
        """Labels of all blank nodes. Spec: RDF-CANON #canon-algo-algo"""
        groups: dict[str, list[str]] = {}
        for node, quads in self._mentions.items():
            digest = self._first_degree[node] = self._hash_first_degree(node, quads)
            groups.setdefault(digest, []).append(node)
        alike: list[list[str]] = []
        for _, nodes in sorted(groups.items()):
            if len(nodes) == 1:
                self._issue(nodes[0])
            else:
                alike.append(nodes)
        for nodes in alike:
            self._label_alike(nodes)
        return self._labels

    def _issue(self, node: str) -> None:
        self._labels[node] = f"_:c14n{len(self._labels)}"

    def _label_alike(self, nodes: list[str]) -> None:
        """Step 5 of the algorithm for one group of nodes whose first-degree hashes are equal."""
        results = [self._resolve(node) for node in nodes if node not in self._labels]
        for _, issued in sorted(results, key=lambda result: result[0]):
            for node in issued:
                if node not in self._labels:
                    self._issue(node)

    def _resolve(self, node: str) -> _Hashed:
        """The N-degree hash of ``node``, without recursion: lists of alike entries go deeper than Python's stack."""
        stack, result = [self._hash_n_degree(node, {node: "_:b0"})], None
        while True:
            try:
                request = stack[-1].send(result)  # type: ignore[arg-type]
            except StopIteration as stop:
                stack.pop()
                result = stop.value
                if not stack:
                    return stop.value  # type: ignore[no-any-return]
            else:
                stack.append(self._hash_n_degree(*request))
                result = None

    def _hash_first_degree(self, node: str, quads: list[Quad]) -> str:
        """Spec: RDF-CANON #hash-1d-quads-algorithm"""
        lines = []
        for subject, predicate, obj, graph in quads:
            if subject[0] == "_":
                subject = "_:a" if subject == node else "_:z"
            if obj[0] == "_":
                obj = "_:a" if obj == node else "_:z"
            if not graph:
                lines.append(f"{subject} {predicate} {obj} .\n")
            elif graph[0] == "_":
                lines.append(f"{subject} {predicate} {obj} {'_:a' if graph == node else '_:z'} .\n")
            else:
                lines.append(f"{subject} {predicate} {obj} {graph} .\n")
        lines.sort()
        return self._digest("".join(lines))

    def _digest(self, text: str) -> str:
        return self._hash(text.encode()).hexdigest()

    def _spend(self, steps: int) -> None:
        self._work_left -= steps
        if self._work_left < 0:
            raise TooComplexError("the document holds too many parts that look alike to be checked")

    def _hash_n_degree(self, node: str, issued: dict[str, str]) -> Generator[_Request, _Hashed, _Hashed]:
        """Spec: RDF-CANON #hash-nd-quads-algorithm. Yields what it needs hashed itself, and is sent the result."""
        data = []
        for digest, related in sorted(self._related(node, issued).items()):
            path, issued = yield from self._shortest_path(related, issued)
            data.append(digest + path)
        return self._digest("".join(data)), issued

    def _related(self, node: str, issued: Mapping[str, str]) -> dict[str, list[str]]:
        """Spec: RDF-CANON #hash-related-algorithm"""
        quads = self._mentions[node]
        self._spend(len(quads))
        related: dict[str, list[str]] = {}
        for subject, predicate, obj, graph in quads:
            for position, other in (("s", subject), ("o", obj), ("g", graph)):
                if other[:1] == "_" and other != node:
                    known = self._labels.get(other) or issued.get(other) or self._first_degree[other]
                    digest = self._digest(position + ("" if position == "g" else predicate) + known)
                    related.setdefault(digest, []).append(other)
        return related

    def _shortest_path(self, related: list[str], issued: dict[str, str]) -> Generator[_Request, _Hashed, _Hashed]:
        """Steps 5.2 to 5.5: the least path over all orders of ``related``, and the labels issued along it."""
        chosen, chosen_issued = "", issued
        for order in _distinct_orders(related):
            self._spend(len(order) + (len(issued) >> 4))
            result = yield from self._path(order, dict(issued), chosen)
            if result is not None:
                chosen, chosen_issued = result
        return chosen, chosen_issued

    def _path(self, order: tuple[str, ...], issued: dict[str, str],
              chosen: str) -> Generator[_Request, _Hashed, _Hashed | None]:
        """Steps 5.4.1 to 5.4.6 for one order; None if it cannot be less than ``chosen``."""
        path, recursion = "", []
        for node in order:
            if node in self._labels:
                path += self._labels[node]
            else:
                if node not in issued:
                    recursion.append(node)
                    issued[node] = f"_:b{len(issued)}"
                path += issued[node]
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        for node in recursion:
            label = issued[node]
            digest, issued = yield node, issued
            path += f"{label}<{digest}>"
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        return None if chosen and path >= chosen else (path, issued)


def _distinct_orders(items: list[str]) -> Iterator[tuple[str, ...]]:
    """Every distinct order of a list in which items may repeat; lazily, for there can be very many."""
    names = list(dict.fromkeys(items))
    ranks = sorted(names.index(item) for item in items) if len(names) < len(items) else list(range(len(items)))
    while True:
        yield tuple(names[rank] for rank in ranks)
        last = len(ranks) - 2
        while last >= 0 and ranks[last] >= ranks[last + 1]:
            last -= 1
        if last < 0:
            return
        swap = len(ranks) - 1
        while ranks[swap] <= ranks[last]:
            swap -= 1
        ranks[last], ranks[swap] = ranks[swap], ranks[last]
        ranks[last + 1:] = ranks[:last:-1]
