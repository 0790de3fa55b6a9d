"""Which machines a mock may call: this one and its private network. It must not call somebody's production."""

from __future__ import annotations

import ipaddress

_NEAR = tuple(
    ipaddress.ip_network(block)
    for block in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""This machine and private networks (RFC 1918, RFC 4193); link-local addresses are left out, for a
cloud's metadata service is one."""


def is_this_machine(host: str) -> bool:
    """Whether a name means this machine wherever it is asked (RFC 6761 6.3)."""
    return host == "localhost" or host.endswith(".localhost")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine itself."""
    try:
        return is_this_machine(host) or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_near(host: str) -> bool:
    """Whether a name or an address is this machine or on a private network; looks nothing up."""
    try:
        return is_this_machine(host) or is_private(host)
    except ValueError:
        return False


def is_private(address: str) -> bool:
    """Whether an IP address is on this machine or a private network; raises ValueError for a name."""
    parsed = ipaddress.ip_address(address)
    near = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(near in block for block in _NEAR)
