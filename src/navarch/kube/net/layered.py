"""TLS inside TLS, for servers behind a proxy that is itself spoken to over https."""

from __future__ import annotations

import ssl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.kube.net.dial import Socket

__all__ = ["Layered"]

_READ = 32768


class Layered:
    """The part of a socket's methods that connections use, over another encrypted socket (`outer`)."""

    def __init__(self, outer: Socket, context: ssl.SSLContext, name: str) -> None:
        self.outer = outer
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._inner = context.wrap_bio(self._in, self._out, server_hostname=name)
        self._until_done(self._inner.do_handshake)

    def _until_done(self, act: Callable[..., Any], *args: Any) -> Any:
        """Repeat a step until it needs nothing more from the other side."""
        while True:
            try:
                result = act(*args)
            except ssl.SSLWantReadError:
                self._flush()
                if data := self.outer.recv(_READ):
                    self._in.write(data)
                else:
                    self._in.write_eof()
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        if data := self._out.read():
            self.outer.sendall(data)

    def sendall(self, data: bytes) -> None:
        self._until_done(self._inner.write, data)

    def recv(self, size: int) -> bytes:
        try:
            data: bytes = self._until_done(self._inner.read, size)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""
        return data

    def settimeout(self, seconds: float | None) -> None:
        self.outer.settimeout(seconds)

    def fileno(self) -> int:
        return self.outer.fileno()

    def getsockname(self) -> Any:
        return self.outer.getsockname()

    def getpeername(self) -> Any:
        return self.outer.getpeername()

    def close(self) -> None:
        self.outer.close()
