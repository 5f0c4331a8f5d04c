"""How a credential is secured on the wire: one file per format, named in one literal tuple.

What a format's signature covers is what its module returns; which key may have made it is ``verification``'s question.

Spec: OpenID4VCI-1.0 #appendix-A; VC-JOSE-COSE; RFC9901
"""

from __future__ import annotations

from typing import Any, Protocol

from credkit.formats import cose_vc, jwt_vc, ldp_vc, sd_jwt_vc, vc_sd_jwt


class Format(Protocol):
    """One way to write a secured credential.

    Attributes:
        name: The format identifier of OpenID4VCI, or the media type's where that has none.
    """

    @property
    def name(self) -> str: ...

    def is_mine(self, secured: Any) -> bool:
        """Whether ``secured``, parsed JSON, text or bytes, is written in this way; it may still be malformed."""


FORMATS: tuple[Format, ...] = (ldp_vc.FORMAT, sd_jwt_vc.FORMAT, jwt_vc.FORMAT, vc_sd_jwt.FORMAT, cose_vc.FORMAT)

__all__ = ["FORMATS", "Format"]
