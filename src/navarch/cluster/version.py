"""Which Kubernetes the embedded control plane answers as."""

from __future__ import annotations

import sys

__all__ = ["version"]

_MINOR = "36"
_PATCH = "3"  # clients that compare versions see what they would see on a real cluster


def version() -> dict[str, str]:
    """What /version answers."""
    return {
        "major": "1",
        "minor": _MINOR,
        "emulationMajor": "1",
        "emulationMinor": _MINOR,
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": str(int(_MINOR) - 1),
        "gitVersion": f"v1.{_MINOR}.{_PATCH}",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "CPython",
        "platform": f"{sys.platform}/python",
    }
