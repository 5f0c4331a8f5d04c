"""The sentences of the mastery map, its CSV and its JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from credkit.ports import JSONObject
from wallet.services.growth import glossary
from wallet.services.growth.mastery import Group, MasteryMap, Standard, State, next_standard, shares_of
from wallet.services.growth.voice import Voice
from wallet.services.record.labels import N_
from wallet.services.tables import build_csv

STATES: Final[dict[State, str]] = {"shown": N_("Shown"), "started": N_("Started"), "none": N_("Nothing yet")}
_MOST_SIGNERS: Final = 3


def sentence(standards: Iterable[Standard], *, counted: bool, voice: Voice) -> str:
    """How many are shown, and by whom: "7 of 12 standards shown: 3 by Lincoln High School, 4 by Bright Tutoring."

    Args:
        counted: Whether the whole list is known; without it there is no total.
    """
    rows = tuple(standards)
    shown = sum(1 for standard in rows if standard.state == "shown")
    if counted:
        said = voice.ngettext("%(shown)s of %(num)s standard shown", "%(shown)s of %(num)s standards shown", len(rows),
                              shown=voice.number(shown))
    else:
        said = voice.ngettext("%(num)s standard shown", "%(num)s standards shown", shown)
    parts = _who(rows, voice)
    return f"{said}: {', '.join(parts)}." if parts else f"{said}."


def _who(rows: tuple[Standard, ...], voice: Voice) -> list[str]:
    shares = shares_of(rows)
    first, rest = shares.by_issuer[:_MOST_SIGNERS], shares.by_issuer[_MOST_SIGNERS:]
    parts = [voice.gettext(N_("%(count)s by %(signer)s")) % {
        "count": voice.number(count), "signer": voice.short(voice.signer(issuer))} for issuer, count in first]
    if rest:
        parts.append(voice.gettext(N_("%(count)s by others")) % {"count": voice.number(sum(n for _who, n in rest))})
    if shares.by_several:
        parts.append(voice.gettext(N_("%(count)s by more than one signer")) % {
            "count": voice.number(shares.by_several)})
    return parts


def next_step(found: MasteryMap, voice: Voice) -> str:
    """Exactly one thing to do."""
    if found.item_id is None:
        return voice.gettext(N_("Next step: ask the school for its list of standards, and add it to see the rest."))
    standard = next_standard(found)
    if standard is None:
        return voice.gettext(N_("Next step: ask the teacher what comes after this list."))
    named = {"standard": voice.short(standard.code or standard.text)}
    if standard.state == "started":
        return voice.gettext(N_("Next step: ask what is still missing for “%(standard)s”.")) % named
    return voice.gettext(N_("Next step: ask when “%(standard)s” is taught.")) % named


def grade_name(grade: str, voice: Voice) -> str:
    """A grade as people say it."""
    if grade == "K":
        return voice.gettext(N_("Kindergarten"))
    return voice.gettext(N_("Grade %(grade)s")) % {"grade": grade}


def state_name(standard: Standard, voice: Voice) -> str:
    """Shown, started, or nothing yet."""
    return voice.gettext(STATES[standard.state])


def mastery_csv(found: Iterable[MasteryMap], voice: Voice) -> str:
    """One line for each standard of the lists."""
    header = [glossary.name_of(field, voice.gettext) for field in glossary.MASTERY]
    rows = []
    for each in found:
        rows += [(each.title, group.title, standard) for group in each.groups for standard in group.standards]
        rows += [(each.title, "", standard) for standard in each.others]
    return build_csv(header, [_csv_row(title, part, standard, voice) for title, part, standard in rows])


def _csv_row(title: str, part: str, standard: Standard, voice: Voice) -> list[str]:
    latest = standard.latest
    signers = dict.fromkeys(voice.signer(each.issuer) for each in standard.evidences)
    return [title, part, standard.text, standard.code, state_name(standard, voice), latest.level if latest else "",
            latest.on.isoformat() if latest else "", "; ".join(signers), str(len(standard.evidences)),
            "; ".join(code or said for code, said in standard.near)]


def map_json(found: MasteryMap, voice: Voice) -> JSONObject:
    """The map for machines."""
    return {
        "id": found.id, "title": found.title, "complete_list": found.item_id is not None, "shown": found.shown,
        "total": len(found.standards()) if found.item_id is not None else None,
        "sentence": map_sentence(found, voice), "next_step": next_step(found, voice),
        "groups": [_group_json(group) for group in found.groups],
        "others": [_standard_json(standard) for standard in found.others],
    }


def map_sentence(found: MasteryMap, voice: Voice) -> str:
    """The sentence of a whole list."""
    return sentence(found.standards(), counted=found.item_id is not None, voice=voice)


def _group_json(group: Group) -> JSONObject:
    return {"title": group.title, "code": group.code, "grade": group.grade or None, "shown": group.shown,
            "standards": [_standard_json(standard) for standard in group.standards]}


def _standard_json(standard: Standard) -> JSONObject:
    latest = standard.latest
    return {
        "code": standard.code, "text": standard.text, "url": standard.url, "state": standard.state,
        "level": latest.level if latest else None, "day": latest.on.isoformat() if latest else None,
        "issuers": list(dict.fromkeys(each.issuer.id for each in standard.evidences)),
        "evidences": [{"item_id": each.item_id, "title": each.title, "level": each.level, "reached": each.reached,
                       "day": each.on.isoformat(), "issuer": each.issuer.id} for each in standard.evidences],
    }
