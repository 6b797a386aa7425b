"""The real getHostByName, for engines that are told to ask the network (--enable-dns)."""

from __future__ import annotations

from navarch.templates.functions.random import below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS", "get_host_by_name"]


def get_host_by_name(name: str) -> str:
    """One of the host's addresses. For a host that has none it raises FunctionError, as Go's choice of one panics."""
    import socket

    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        found = []
    addresses = sorted({str(address[4][0]) for address in found})
    return addresses[below(len(addresses))]


FUNCTIONS: dict[str, Callable[..., Any]] = {"getHostByName": get_host_by_name}
