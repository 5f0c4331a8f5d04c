"""Which internet addresses may be connected to.

``ipaddress.is_global`` is no guard: it is true for IPv4 in IPv6, NAT64, 6to4 and multicast. So IPv4 has a list of what
is refused, and IPv6 one range that is allowed, less its exceptions.

Spec: IANA IPv4 and IPv6 special-purpose address registries; security.md D01
"""

from __future__ import annotations

import ipaddress
from typing import Final

_REFUSED_IPV4: Final = tuple(ipaddress.IPv4Network(network) for network in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
))
_GLOBAL_UNICAST_IPV6: Final = ipaddress.IPv6Network("2000::/3")
_REFUSED_IPV6: Final = tuple(ipaddress.IPv6Network(network) for network in (
    "2001::/23",  # Teredo, benchmarking, ORCHID and other protocol assignments
    "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
))
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public_address(text: str) -> bool:
    """Whether ``text`` is one address of the public internet: unicast, and with no other address hidden inside."""
    address = _parse(text)
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _REFUSED_IPV4)
    if address is None or address not in _GLOBAL_UNICAST_IPV6:
        return False
    hidden = (int(address) >> 32) & 0xFFFFFFFF
    return hidden not in _ISATAP and not any(address in network for network in _REFUSED_IPV6)


def is_loopback_address(text: str) -> bool:
    """Whether ``text`` is an address of this machine: 127.0.0.0/8 or ::1."""
    address = _parse(text)
    return address is not None and address.is_loopback and getattr(address, "ipv4_mapped", None) is None


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return None if "%" in text else ipaddress.ip_address(text)
    except ValueError:
        return None
