"""Releases as records: what was deployed, when and with which values, kept where Helm keeps it, in Helm's form.

Names are resolved when they are first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.releases.codec import decode, encode
    from navarch.releases.drivers import open_driver
    from navarch.releases.drivers.base import Driver, Summary
    from navarch.releases.drivers.memory import Memory
    from navarch.releases.model import Execution, Hook, Info, Phase, Release, Status
    from navarch.releases.storage import Storage

__all__ = [
    "Driver",
    "Execution",
    "Hook",
    "Info",
    "Memory",
    "Phase",
    "Release",
    "Status",
    "Storage",
    "Summary",
    "decode",
    "encode",
    "open_driver",
]

_HOMES = {
    "codec": ("decode", "encode"),
    "drivers": ("open_driver",),
    "drivers.base": ("Driver", "Summary"),
    "drivers.memory": ("Memory",),
    "model": ("Execution", "Hook", "Info", "Phase", "Release", "Status"),
    "storage": ("Storage",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(__import__(f"{__name__}.{home}", fromlist=(name,)), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
