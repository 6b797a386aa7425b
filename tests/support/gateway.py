"""A real S3 server on loopback, versitygw over a folder, and a relay in front of it whose line can be slow or cut."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from support.ports import free_port
from support.real_registry import ORACLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

__all__ = ["Gateway", "Relay", "free_port", "need_gateway", "s3_settings"]

BUCKET = "charts"
_SECONDS = 120.0
_PIECE = 1 << 16


def gateway_program() -> str:
    """The server's program, among the oracles or on the path; "" where there is none."""
    beside = os.path.join(ORACLE, "bin", "versitygw")
    return beside if os.path.exists(beside) else shutil.which("versitygw") or ""


def need_gateway() -> None:
    """Skip without the server; fail in CI, where it must be there."""
    if not gateway_program():
        told = "versitygw isn't installed (make test-real does it)"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)


def s3_settings(port: int, *, more: str = "") -> str:
    """A registry's configuration whose charts are in the bucket."""
    return (
        f"manager: {{parameters: {{storagedriver: s3, bucket: {BUCKET}, accesskey: k, secretkey: s12345678, "
        f"regionendpoint: 'http://127.0.0.1:{port}'{more}}}}}\n"
    )


class Gateway:
    """Runs while it is a context, with one empty bucket; `stop` and `start` in between keep what is there."""

    def __init__(self, folder: str) -> None:
        self._data, self._meta = os.path.join(folder, "data"), os.path.join(folder, "meta")
        os.makedirs(os.path.join(self._data, BUCKET))
        os.makedirs(self._meta)
        self._log = os.path.join(folder, "log")
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["--port", f"127.0.0.1:{self.port}", "posix", "--sidecar", self._meta, self._data]
        environment = {**os.environ, "ROOT_ACCESS_KEY": "k", "ROOT_SECRET_KEY": "s12345678"}
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen([gateway_program(), *words], env=environment, stdout=log, stderr=log)
        end = time.monotonic() + _SECONDS
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                with open(self._log, encoding="utf-8", errors="replace") as told:
                    pytest.fail(f"versitygw didn't come up: {told.read()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.stop()


class Relay:
    """Hands connections to `port` on to another port.

    `delay` is seconds that each piece waits; `cut` breaks all connections. `deaf` takes requests and never answers;
    `most` is how many bytes of what is answered on a connection come through. `refusals` are the statuses and codes that
    the next requests get as answers.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self.delay = 0.0
        self.deaf = False
        self.most: int | None = None
        self.refusals: list[tuple[int, str]] = []
        self._whole = True
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._server.getsockname()[1])

    def cut(self) -> None:
        """Break all connections, and take no more."""
        with self._lock:
            self._whole = False
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Take connections again."""
        self._whole = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            try:
                if not self._whole:
                    raise ConnectionRefusedError
                server = socket.create_connection(("127.0.0.1", self._target), 60)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                whole = self._whole
                self._open |= {client, server} if whole else set()
            if not whole:  # it was cut meanwhile
                client.close()
                server.close()
                continue
            threading.Thread(target=self._pass, args=(client, server, self._requests), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, self._answers), daemon=True).start()

    def _requests(self, source: socket.socket, sink: socket.socket) -> None:
        while piece := source.recv(_PIECE):
            if self.deaf:
                continue
            refusal = self._refusal() if b" HTTP/1.1\r\n" in piece else None
            if refusal is not None:
                status, code = refusal
                body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>Not now.</Message></Error>"
                head = f"HTTP/1.1 {status} No\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
                source.sendall((head + body).encode())
                return
            if self.delay:
                time.sleep(self.delay)
            sink.sendall(piece)

    def _refusal(self) -> tuple[int, str] | None:
        """The next one; requests come on several connections at once."""
        with self._lock:
            return self.refusals.pop(0) if self.refusals else None

    def _answers(self, source: socket.socket, sink: socket.socket) -> None:
        passed = 0
        while piece := source.recv(_PIECE):
            if self.delay:
                time.sleep(self.delay)
            if self.most is not None:
                piece = piece[: max(self.most - passed, 0)]
            passed += len(piece)
            sink.sendall(piece)

    def _pass(
        self, source: socket.socket, sink: socket.socket, work: Callable[[socket.socket, socket.socket], None]
    ) -> None:
        with suppress(OSError):
            work(source, sink)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open.discard(source)
        source.close()  # the other direction's thread closes the other one
