"""Which hosts are this machine, and which are inside its network. Names are not looked up."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself: `localhost`, `127.0.0.1`, `::1`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Tell whether a host is this machine or an address that is not reachable from the web."""
    if host == "localhost":
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
