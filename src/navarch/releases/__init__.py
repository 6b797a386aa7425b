"""Releases as records: what was deployed, when and with which values, kept where Helm keeps it, in Helm's form.

Names are resolved when they are first used.
"""

from __future__ import annotations

from navarch import later

TYPE_CHECKING = False
if TYPE_CHECKING:
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

__getattr__ = later(
    __name__,
    {
        "codec": ("decode", "encode"),
        "drivers": ("open_driver",),
        "drivers.base": ("Driver", "Summary"),
        "drivers.memory": ("Memory",),
        "model": ("Execution", "Hook", "Info", "Phase", "Release", "Status"),
        "storage": ("Storage",),
    },
)
