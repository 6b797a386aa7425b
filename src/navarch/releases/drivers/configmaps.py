"""Records as ConfigMaps.

Source: pkg/storage/driver/cfgmaps.go.
"""

from __future__ import annotations

from navarch.golang.runes import to_bytes
from navarch.releases.drivers.objects import ObjectDriver

__all__ = ["ConfigMaps"]


class ConfigMaps(ObjectDriver):
    """The driver that HELM_DRIVER=configmap means."""

    name = "ConfigMap"
    _kind = "ConfigMap"
    _plural = "configmaps"

    def _pack(self, data: bytes) -> str:
        return data.decode()

    def _unpack(self, content: str) -> bytes:
        return to_bytes(content)
