"""Amounts of resources in lists: what is smaller than a thousandth is rounded up."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["round_up", "round_up_at"]

_FINE = frozenset("nu.e-")


def round_up(amounts: dict[str, str] | None) -> None:
    """Round the quantities of a resource list, in place."""
    if amounts:
        for name, text in amounts.items():
            if not _FINE.isdisjoint(text):
                from navarch.cluster.decode.quantity import MILLI, parse

                amounts[name] = str(parse(text).rounded(MILLI))


def round_up_at(owner: dict[str, dict[str, str]], names: Sequence[str]) -> None:
    """Round the resource lists in these fields."""
    for name in names:
        round_up(owner.get(name))
