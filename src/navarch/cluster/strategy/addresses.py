"""Which addresses and node ports are free: one range of each for a store's Services."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import chain
from weakref import WeakKeyDictionary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cluster.context import Context

__all__ = ["Allocator", "RangeError"]

_NETWORK = IPv4Network("10.0.0.0/16")
_ADDRESSES = (1, _NETWORK.num_addresses - 2)
_PORTS = (30000, 32767)
_DRY_PORT = 32768
_LEFT_FREE = 15  # at the beginning of each range, for those who ask for a certain one
_OTHER_NETWORK = "the provided network does not match the current range"
_OTHER_PORTS = f"provided port is not in the valid range. The range of valid ports is {_PORTS[0]}-{_PORTS[1]}"


class RangeError(ValueError):
    """An address or port that can't be had; the message is the API server's."""


class _Range:
    """The numbers of a range that may be in use, and from where to look for the next free one."""

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most
        self.known: set[int] = set()
        self.start = least + _LEFT_FREE


class Allocator:
    """Gives out addresses and ports for one request.

    What the store's services have is remembered between requests, and read anew before something is refused: it may
    hold more than is in use. A dry run gets what Kubernetes shows then: the range's first address, and ports above it.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._given: set[tuple[int, int]] = set()
        ranges = _ranges.get(context.store)
        if ranges is None:
            ranges = _ranges[context.store] = (_Range(*_ADDRESSES), _Range(*_PORTS))
            self._addresses, self._ports = ranges
            self._read()
        self._addresses, self._ports = ranges

    def _read(self) -> None:
        addresses, ports = set[int](), set[int]()
        for service in self._context.list("", "services"):
            spec = service["spec"]
            for address in spec.get("clusterIPs", ()):
                if address != "None" and ":" not in address:
                    addresses.add(int(IPv4Address(address)) - int(_NETWORK.network_address))
            ports.update(port["nodePort"] for port in spec.get("ports", ()) if port.get("nodePort"))
            if spec.get("healthCheckNodePort"):
                ports.add(spec["healthCheckNodePort"])
        self._addresses.known, self._ports.known = addresses, ports
        for least, number in self._given:
            (self._addresses if least == self._addresses.least else self._ports).known.add(number)

    def take_address(self, address: str) -> None:
        """Reserve a certain address. Raises RangeError."""
        offset = int(IPv4Address(address)) - int(_NETWORK.network_address)
        if self._context.dry_run and self._addresses.least <= offset <= self._addresses.most:
            return
        self._take(self._addresses, offset, _OTHER_NETWORK, "provided IP is already allocated")

    def take_port(self, number: int) -> None:
        """Reserve a certain port. Raises RangeError."""
        if self._context.dry_run and not self._ports.least <= number <= self._ports.most:
            return
        self._take(self._ports, number, _OTHER_PORTS, "provided port is already allocated")

    def _take(self, numbers: _Range, one: int, outside: str, taken: str) -> None:
        if not numbers.least <= one <= numbers.most:
            raise RangeError(outside)
        if one in numbers.known or (numbers.least, one) in self._given:
            self._read()
            if one in numbers.known:
                raise RangeError(taken)
        self._give(numbers, one)

    def _give(self, numbers: _Range, one: int) -> None:
        if not self._context.dry_run:
            numbers.known.add(one)
        self._given.add((numbers.least, one))

    def next_address(self) -> str:
        """Reserve a free address; "" when none is left."""
        if self._context.dry_run:
            return str(_NETWORK.network_address)
        offset = self._next(self._addresses)
        return str(_NETWORK.network_address + offset) if offset else ""

    def next_port(self) -> int:
        """Reserve a free port; 0 when none is left."""
        if self._context.dry_run:
            given = [one for least, one in self._given if least == self._ports.least]
            self._given.add((self._ports.least, max(given, default=_DRY_PORT) + 1))
            return max(given, default=_DRY_PORT) + 1
        return self._next(self._ports)

    def _next(self, numbers: _Range) -> int:
        for _ in range(2):
            for one in chain(range(numbers.start, numbers.most + 1), range(numbers.least, numbers.start)):
                if one not in numbers.known:
                    self._give(numbers, one)
                    numbers.start = one + 1
                    return one
            self._read()
        return 0


_ranges: WeakKeyDictionary[object, tuple[_Range, _Range]] = WeakKeyDictionary()
