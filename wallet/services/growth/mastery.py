"""The mastery map: which standards signed records show, as counts, never as averages; merged only by exactMatchOf."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from credkit.errors import StateError, TooComplexError
from credkit.ports import Clock
from credkit.shape import format_date_time
from wallet.services import authority
from wallet.services.growth.evidence import Evidence, evidences_of
from wallet.services.growth.sources import sources
from wallet.services.record import case
from wallet.services.record.case import Framework, Item
from wallet.services.record.items import FRAMEWORK
from wallet.services.record.reading import Issuer
from wallet.vault import OpenVault

State = Literal["shown", "started", "none"]
_MOST_KEPT: Final = 7 * 2**20
"""One sealed item holds 8 MiB."""


@dataclass(frozen=True)
class Standard:
    """One standard of the map.

    Attributes:
        state: ``shown`` if the latest record that says so says it was reached; ``started`` if a record speaks of it
            but none says that; ``none`` if no record speaks of it.
        evidences: Newest first, those of exactly matching standards of other lists among them.
        near: Related standards, shown and never counted, as (code, text).
    """

    key: str
    code: str
    text: str
    url: str
    state: State
    evidences: tuple[Evidence, ...]
    near: tuple[tuple[str, str], ...]

    @property
    def latest(self) -> Evidence | None:
        """The newest record that speaks of it."""
        return self.evidences[0] if self.evidences else None


@dataclass(frozen=True)
class Group:
    """Standards that belong together.

    Attributes:
        grade: The one grade of all of them, or empty.
        counted: Whether the whole list is known, so that a total means something.
    """

    title: str
    code: str
    grade: str
    counted: bool
    standards: tuple[Standard, ...]

    @property
    def shown(self) -> int:
        """How many are shown."""
        return sum(1 for standard in self.standards if standard.state == "shown")


@dataclass(frozen=True)
class Shares:
    """Who showed what: each shown standard once, with its one signer or among those of several."""

    by_issuer: tuple[tuple[Issuer, int], ...]
    by_several: int


@dataclass(frozen=True)
class MasteryMap:
    """One list of standards.

    Attributes:
        item_id: Where the list lies in the backpack; None where only alignments name it.
        groups: Those with most shown first, so that strengths come first.
        others: Standards of the list that are not counted (a heading, a part) but that a record speaks of.
    """

    id: str
    title: str
    language: str
    item_id: str | None
    groups: tuple[Group, ...]
    others: tuple[Standard, ...]

    def standards(self) -> tuple[Standard, ...]:
        """Every counted standard."""
        return tuple(standard for group in self.groups for standard in group.standards)

    @property
    def shown(self) -> int:
        """How many of them are shown."""
        return sum(group.shown for group in self.groups)


def keep_framework(vault: OpenVault, clock: Clock, data: bytes) -> str:
    """Keep a list of standards from a CASE package; one that was kept before is replaced. Returns its item id.

    Raises:
        StateError: this person may not decide what is kept here.
        ParsingError, MalformedValueError, TooComplexError: the file is none.
    """
    authority.check(vault, "review", clock.now())
    framework = case.parse_package(data)
    body = {**case.to_json(framework), "total": len(framework.countable()), "category": "assessment",
            "at": format_date_time(clock.now())}
    if len(json.dumps(body)) > _MOST_KEPT:
        raise TooComplexError("this list of standards is too large to keep")
    old = next((entry for entry in vault.entries(FRAMEWORK) if entry.summary["key"] == framework.key), None)
    if old is not None:
        return vault.replace(vault.read(old.id, FRAMEWORK), body)
    return vault.add(FRAMEWORK, body)


def remove_framework(vault: OpenVault, clock: Clock, item_id: str) -> None:
    """Take a list of standards out of the backpack; no record changes.

    Raises:
        StateError: there is none of this name, or this person may not decide what is kept here.
    """
    authority.check(vault, "review", clock.now())
    vault.erase(vault.read(item_id, FRAMEWORK))


def maps(vault: OpenVault) -> tuple[MasteryMap, ...]:
    """Every list of standards that lies here or that a record speaks of; those with most shown first."""
    newest = {entry.summary["key"]: entry for entry in sorted(
        vault.entries(FRAMEWORK), key=lambda entry: str(entry.summary["at"]))}
    frameworks = [(entry.id, case.from_json(vault.read(entry.id, FRAMEWORK).body)) for entry in newest.values()]
    found = sources(vault, lambda line: line.get("has_standards") is not False)
    return build_maps(frameworks, [evidence for source in found for evidence in evidences_of(source)])


def find_map(vault: OpenVault, map_id: str) -> MasteryMap:
    """One list.

    Raises:
        StateError: there is none of this name.
    """
    found = next((each for each in maps(vault) if each.id == map_id), None)
    if found is None:
        raise StateError("There is nothing here under this name.")
    return found


def build_maps(frameworks: Sequence[tuple[str, Framework]], evidences: Iterable[Evidence]) -> tuple[MasteryMap, ...]:
    """The same from lists and evidence that were read already."""
    roots = _exact_matches(pair for _item_id, framework in frameworks for pair in framework.same)
    by_root: dict[str, list[Evidence]] = {}
    for evidence in evidences:
        if evidence.key:
            by_root.setdefault(roots.get(evidence.key, evidence.key), []).append(evidence)
    known = {key: item for _item_id, framework in frameworks for key, item in framework.by_key.items()}
    listed = {roots.get(key, key) for key in known}
    built = [_build_map(item_id, framework, roots, by_root, known) for item_id, framework in frameworks]
    built += _unlisted({root: found for root, found in by_root.items() if root not in listed})
    return tuple(sorted(built, key=lambda each: (-each.shown, each.title.casefold(), each.id)))


def shares_of(standards: Iterable[Standard]) -> Shares:
    """Who showed the shown ones."""
    alone: dict[str, tuple[Issuer, int]] = {}
    several = 0
    for standard in standards:
        if standard.state != "shown":
            continue
        signers = {each.issuer.id: each.issuer for each in standard.evidences if each.reached}
        if len(signers) > 1:
            several += 1
            continue
        for name, issuer in signers.items():
            alone[name] = (issuer, alone.get(name, (issuer, 0))[1] + 1)
    ordered = sorted(alone.values(), key=lambda pair: (-pair[1], pair[0].name, pair[0].id))
    return Shares(tuple(ordered), several)


def next_standard(found: MasteryMap) -> Standard | None:
    """The one to ask about next: one that was started, else the first that is missing where most is shown."""
    standards = found.standards()
    started = next((standard for standard in standards if standard.state == "started"), None)
    return started or next((standard for standard in standards if standard.state == "none"), None)


def _exact_matches(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Key → one key that stands for all that match it exactly, however long the chain."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return {key: root(key) for key in list(parent)}


def _build_map(item_id: str, framework: Framework, roots: Mapping[str, str], by_root: Mapping[str, list[Evidence]],
               known: Mapping[str, Item]) -> MasteryMap:
    near: dict[str, list[str]] = {}
    for one, other in framework.near:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)

    def standard(item: Item) -> Standard:
        found = by_root.get(roots.get(item.key, item.key), [])
        beside = tuple((known[key].code, known[key].text) for key in dict.fromkeys(near.get(item.key, ()))
                       if key in known)
        return Standard(item.key, item.code, item.text, item.uri, _state(found), _newest_first(found), beside)

    counted = framework.countable()
    keys = frozenset(item.key for item in counted)
    seen: set[str] = set()
    grouped: dict[str, tuple[Item | None, list[tuple[Item, Standard]]]] = {}
    for item in counted:
        root = roots.get(item.key, item.key)
        if root in seen:
            continue  # two entries of one list that match exactly are one standard
        seen.add(root)
        above = framework.above(item, keys)
        grouped.setdefault(above.key if above else "", (above, []))[1].append((item, standard(item)))
    groups = [_group(above, rows, framework.title) for above, rows in grouped.values()]
    others = tuple(each for item in framework.items if item.key not in keys
                   and roots.get(item.key, item.key) not in seen and (each := standard(item)).evidences)
    groups.sort(key=lambda group: -group.shown)
    name = case.short_name(framework.key)
    return MasteryMap(name, framework.title, framework.language, item_id, tuple(groups), others)


def _group(above: Item | None, rows: list[tuple[Item, Standard]], title: str) -> Group:
    grades = {grade for item, _standard in rows for grade in item.grades} or set(above.grades if above else ())
    return Group(above.text or above.code if above else title, above.code if above else "",
                 grades.pop() if len(grades) == 1 else "", True,
                 tuple(sorted((standard for _item, standard in rows), key=lambda each: _in_order(each.code))))


def _in_order(code: str) -> list[tuple[int, str]]:
    """Codes as people order them: A.2 before A.10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,9})", code) if part]


def _unlisted(by_root: Mapping[str, list[Evidence]]) -> list[MasteryMap]:
    """Standards of lists that do not lie here: as the records name them, without a total."""
    titles: dict[str, list[Standard]] = {}
    for root, found in by_root.items():
        newest = _newest_first(found)
        named = newest[0]
        standard = Standard(root, named.code, named.name, named.url, _state(found), newest, ())
        titles.setdefault(named.framework, []).append(standard)
    return [MasteryMap("x" + case.short_name(title), title, "", None, (Group(title, "", "", False, tuple(sorted(
        standards, key=lambda each: (each.state != "shown", each.code, each.text)))),), ())
        for title, standards in titles.items()]


def _newest_first(found: list[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(found, key=lambda each: (each.on, each.reached is True, each.item_id), reverse=True))


def _state(found: list[Evidence]) -> State:
    if not found:
        return "none"
    decided = [each for each in _newest_first(found) if each.reached is not None]
    return "shown" if decided and decided[0].reached else "started"
