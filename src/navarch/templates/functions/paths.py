"""Paths in templates: sprig's functions for slash-separated names and, the same on Unix, for file names."""

from __future__ import annotations

from navarch.golang.path import base, clean, dirname, ext, is_abs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "base": base,
    "clean": clean,
    "dir": dirname,
    "ext": ext,
    "isAbs": is_abs,
    "osBase": base,
    "osClean": clean,
    "osDir": dirname,
    "osExt": ext,
    "osIsAbs": is_abs,
}
