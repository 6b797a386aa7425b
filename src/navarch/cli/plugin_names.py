"""The commands of plugins by name, for help and completion; where there are no plugins, nothing more is imported."""

from __future__ import annotations

import os

from navarch.cli.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["plugin_words"]


def plugin_words(given: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """The commands that plugins add, and what they are for."""
    settings = Settings(given)
    if not any(map(_has_some, settings.plugins.split(":"))):
        return []
    from navarch.cli.plugins import plugin_commands

    return [(command.name, command.short) for command in plugin_commands(settings)]


def _has_some(folder: str) -> bool:
    try:
        return bool(os.listdir(folder or "."))
    except OSError:
        return False
