"""Bodies of requests become objects: reading JSON and YAML, and what Go's types make of an object."""

from __future__ import annotations

from navarch.cluster.decode.convert import convert
from navarch.cluster.decode.reading import Body, read, read_value

__all__ = ["Body", "convert", "read", "read_value"]
