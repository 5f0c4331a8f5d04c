"""What a credential is about: the education and family profiles, each with its builders and its checks.

A profile checks what its own specification demands; the data model itself is the business of ``credkit.credential``.
Writing is strict (``lint_``), reading is lenient (``check_`` returns remarks for what is merely missing), and a derived
document is checked for what it shows, never for what it withholds.
"""

from __future__ import annotations

from typing import Final

from credkit.profiles import clr_2, endorsement, family, openbadges_2, openbadges_3
from credkit.profiles._envelope import is_older
from credkit.profiles._identity import matches_identity
from credkit.profiles._remarks import REMARKS, Remark

PROFILES: Final = (
    (family.is_mine, family.check_family),
    (clr_2.is_mine, clr_2.check_clr),
    (openbadges_3.is_mine, openbadges_3.check_open_badge),
    (endorsement.is_mine, endorsement.check_endorsement),
    (openbadges_2.is_mine, openbadges_2.check_assertion),
)
"""Every profile, in the order in which they are asked: does it know a document, and its check for reading."""

__all__ = ["PROFILES", "REMARKS", "Remark", "clr_2", "endorsement", "family", "is_older", "matches_identity",
           "openbadges_2", "openbadges_3"]
