"""ldp_vc: a JSON-LD document that carries its Data Integrity proof inside. Spec: OpenID4VCI-1.0 #appendix-A.1.2"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NAME = "ldp_vc"


@dataclass(frozen=True)
class LdpVcFormat:
    """See ``Format``; what secures it is in ``proofs``."""

    name: str = NAME

    def is_mine(self, secured: Any) -> bool:
        return isinstance(secured, dict)


FORMAT = LdpVcFormat()
