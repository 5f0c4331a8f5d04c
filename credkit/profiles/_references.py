"""What one part of a record says of another: results of their descriptions, associations of achievements.

Spec: OB-3.0 #result, #resultdescription; CLR-2.0 #association; requirements.md §2.3
"""

from __future__ import annotations

from collections.abc import Iterator

from credkit.ports import JSONObject
from credkit.profiles._checking import first_object, first_value, text_of
from credkit.profiles._remarks import Remark
from credkit.shape import as_list, id_of, pointer


def check_results(subject: JSONObject) -> Iterator[Remark]:
    """Results name descriptions and levels that their achievement holds, a status where the description says so, and a
    value that it lists if it lists any; descriptions require levels that they hold. The shape is checked before."""
    achievement = first_object(subject.get("achievement"))
    descriptions = as_list(achievement.get("resultDescription"))
    known = {id_of(each): each for each in descriptions}
    for index, description in enumerate(descriptions):
        at = f"/credentialSubject/achievement/resultDescription/{index}"
        yield from _check_choice(description, "requiredLevel", "requiredValue", description, at)
    for index, result in enumerate(as_list(subject.get("result"))):
        at = f"/credentialSubject/result/{index}"
        named = id_of(first_value(result.get("resultDescription")))
        if named is None:
            continue
        if named not in known:
            yield Remark(at + "/resultDescription", "reference_missing", "resultDescription")
            continue
        description = known[named]
        if text_of(first_value(description.get("resultType"))) == "Status" and result.get("status") in (None, []):
            yield Remark(at + "/status", "member_missing", "status")
        yield from _check_choice(result, "achievedLevel", "value", description, at)


def _check_choice(node: JSONObject, level: str, value: str, description: JSONObject, at: str) -> Iterator[Remark]:
    """What ``node`` names as its level and its value, of those that ``description`` has."""
    if level in node:
        wanted = id_of(first_value(node[level]))
        levels = {id_of(each) for each in as_list(description.get("rubricCriterionLevel"))}
        if wanted is not None and wanted not in levels:
            yield Remark(at + pointer(level), "reference_missing", level)
    if value in node and "allowedValue" in description:
        allowed = [text_of(each) for each in as_list(description["allowedValue"])]
        text = text_of(first_value(node[value]))
        if allowed and text and text not in allowed:
            yield Remark(at + pointer(value), "value_not_listed", value)


def check_associations(subject: JSONObject, base: str) -> Iterator[Remark]:
    """Both ends of an association are achievements of this transcript. The shape is checked before.

    Args:
        base: JSON Pointer to ``subject``.
    """
    associations = as_list(subject.get("association"))
    if not associations:
        return
    members = as_list(subject.get("verifiableCredential"))
    known = {id_of(node) for inner in [subject, *_subjects(members)] for node in as_list(inner.get("achievement"))}
    records = {id_of(member) for member in members}
    for index, association in enumerate(associations):
        for name in ("sourceId", "targetId"):
            named = id_of(first_value(association.get(name)))
            if named not in known:
                code = "reference_other" if named in records else "reference_missing"
                yield Remark(base + pointer("association", index, name), code, name)


def _subjects(members: list[JSONObject]) -> Iterator[JSONObject]:
    for member in members:
        yield from (inner for inner in as_list(member.get("credentialSubject")) if isinstance(inner, dict))
