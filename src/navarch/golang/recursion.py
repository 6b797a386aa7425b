"""Room for values that are nested as deep as Go's decoders allow, which is deeper than Python's usual limit."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["call_deep"]

_DEEP = 100_000
"""Frames: five for each of the 20,000 levels that YAML's block and flow limits allow together."""


def call_deep(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function that recurses into a value; once more with a raised limit where it runs out of frames.

    The function must be one that can be called again. Frames of Python functions don't use the C stack, so raising
    the limit is safe; a value that is endless (contains itself) still ends in RecursionError.
    """
    try:
        return function(*args)
    except RecursionError:
        import sys

        limit = sys.getrecursionlimit()
        if limit >= _DEEP:
            raise
        sys.setrecursionlimit(_DEEP)
        try:
            return function(*args)
        finally:
            sys.setrecursionlimit(limit)
