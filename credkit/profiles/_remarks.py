"""What a reader should know of a document and what is no reason to refuse it: a code each, and a sentence for the code.

Every leniency of reading has its code here. ``ui`` says the same in the reader's language.

Spec: design.md "Three answers"; requirements.md §2.3
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

REMARKS: Final[Mapping[str, str]] = MappingProxyType({
    "member_missing": "{name} is missing, although the standard requires it",
    "one_of_missing": "{name} is missing, although the standard requires one of them",
    "type_missing": "the type {name} is missing, although the standard requires it",
    "type_in_list": "the type {name} stands in a list, although the standard requires the bare name",
    "value_unknown": "{name} has a value that the standard does not know",
    "value_not_listed": "{name} is not among the values that the record lists for it",
    "form_unknown": "{name} does not have the form that the standard asks for",
    "number_for_text": "{name} is a number, although the standard requires text",
    "address_only": "{name} is an address only, although the standard requires the thing itself",
    "member_unknown": "{name} stands where the standard allows no further members",
    "several_values": "{name} holds several values, although the standard knows one",
    "reference_missing": "{name} refers to something that is not in the record",
    "reference_other": "{name} names a record, although the standard asks for an achievement",
    "context_order": "the vocabularies do not stand in the order that the standard asks for",
    "weak_hash": "an identity is hashed with md5, which is no longer safe",
    "older_badge": "this is an older badge: {name}",
    "status_message": "the issuer's status list says: {name}",
    "unlinkable": "this record cannot be linked to other times it was shown, except by what it says",
    "refresh_advised": "the issuer's status list says that there is a newer version",
})
"""Code → sentence; ``{name}`` is a member, a class, or what the code's sentence asks for."""


@dataclass(frozen=True)
class Remark:
    """Something a reader should know and that is no reason to refuse.

    Attributes:
        pointer: JSON Pointer to the place.
        code: A key of ``REMARKS``.
        name: What the sentence is about: a member's name, a class, the words of a status.
    """

    pointer: str
    code: str
    name: str = ""

    @property
    def detail(self) -> str:
        """One plain sentence in English."""
        return REMARKS[self.code].format(name=self.name)

    def to_json(self) -> dict[str, str]:
        """``{"pointer", "code", "name", "detail"}``."""
        return {"pointer": self.pointer, "code": self.code, "name": self.name, "detail": self.detail}
