"""OpenID for Verifiable Credential Issuance: ``messages`` are the same in every version, each has one module."""

from __future__ import annotations

from credkit.protocols.oid4vci import draft_13, v1_0

VERSIONS = (v1_0, draft_13)
"""The versions we speak, read-only; each module names itself in ``VERSION``. Of the draft only what issuers answer."""
