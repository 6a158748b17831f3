"""Where a webhook may lead: never into the network that the platform itself stands in."""

from __future__ import annotations

import socket
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _

from app.base.deadline import Resolve
from app.base.outward import OutwardError
from app.base.settings import once
from config import Settings

Address = IPv4Address | IPv6Address
INSIDE: Final = "inside"  # the code of a refusal
# Addresses that carry one of the old kind in them: looked at by what they carry they could lead anywhere.
_CARRIERS = tuple(map(IPv6Network, ("64:ff9b::/96", "2002::/16", "2001::/32", "::/96")))


@once
def _allowed(settings: Settings) -> list[Any]:
    """Networks that WEBHOOK_ALLOW opens, for trials and tests."""
    text = settings.beginning_with("WEBHOOK_").get("WEBHOOK_ALLOW", "")
    return [ip_network(one, strict=False) for one in text.replace(",", " ").split()]


def is_opened(address: Address) -> bool:
    """Whether the environment opens this address of the inside."""
    return any(address in network for network in _allowed())


def is_outside(address: Address) -> bool:
    """Whether the address belongs to the public network and to nothing of ours."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_outside(address.ipv4_mapped)
        if any(address in carrier for carrier in _CARRIERS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolver(scheme: str) -> Resolve:
    """Finds the address of a host and refuses those inside; without TLS only those that the environment opens."""
    return partial(_resolved, scheme == "https")


def wrong_with(url: str) -> Any:
    """Why nothing can be sent to this URL; None where nothing speaks against it. A name without address may get one."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or parts.scheme not in ("https", "http") or parts.username or parts.password or parts.fragment:
        return _("Please give an address such as https://example.com/hook, without user name.")
    try:
        resolver(parts.scheme)(host, port or (443 if parts.scheme == "https" else 80))
    except OutwardError as error:
        if error.code == INSIDE:
            return _(
                "This address leads into an internal network or is not encrypted. Please give a public https address."
            )
    return None


def _resolved(encrypted: bool, host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutwardError("unreachable", f"no address of {host[:64]}", cause=error) from error
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    for address in addresses:
        if not (is_opened(address) or (encrypted and is_outside(address))):
            raise OutwardError(INSIDE, f"{host[:64]} is inside, or not encrypted")
    return str(addresses[0])
