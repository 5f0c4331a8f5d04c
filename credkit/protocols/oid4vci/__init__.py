"""OpenID for Verifiable Credential Issuance: ``messages`` are the same in every version, each has one module."""

from __future__ import annotations

from credkit.protocols.oid4vci import v1_0

VERSIONS = (v1_0,)
"""The versions we speak, read-only; each module names itself in ``VERSION``."""
