"""The only door to the network.

Spec: security.md D01 to D05, D09
"""

from __future__ import annotations

from credkit.http._roots import root_certificates
from credkit.http.addresses import is_loopback_address, is_public_address
from credkit.http.asking_once import AskingOnce
from credkit.http.fetcher import SafeFetcher
from credkit.http.urls import LOOPBACK_HOSTS, Target, check_url, is_public_host_name, parse_origin

__all__ = ["LOOPBACK_HOSTS", "AskingOnce", "SafeFetcher", "Target", "check_url", "is_loopback_address",
           "is_public_address", "is_public_host_name", "parse_origin", "root_certificates"]
