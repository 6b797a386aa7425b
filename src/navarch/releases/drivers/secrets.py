"""Records as Secrets of type helm.sh/release.v1: where Helm keeps them unless told otherwise.

Source: pkg/storage/driver/secrets.go.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64

from navarch.errors import RecordError
from navarch.releases.drivers.objects import ObjectDriver

__all__ = ["Secrets"]


class Secrets(ObjectDriver):
    """The driver that HELM_DRIVER=secret means."""

    name = "Secret"
    _kind = "Secret"
    _plural = "secrets"
    _type = "helm.sh/release.v1"
    _prefixes = True

    def _pack(self, data: bytes) -> str:
        return b2a_base64(data, newline=False).decode()

    def _unpack(self, content: str) -> bytes:
        try:
            return a2b_base64(content)
        except Base64Error as error:
            raise RecordError(str(error)) from error
