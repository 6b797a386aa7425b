"""Azure's and Google's object storage on loopback, by the emulators that there are: Azurite and fake-gcs-server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager, suppress
from email.utils import formatdate
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import pytest

from support.gateway import BUCKET, Gateway, need_gateway, s3_settings
from support.google_front import Front
from support.ports import free_port
from support.real_registry import ORACLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

__all__ = [
    "ACCOUNT",
    "CLOUDS",
    "KEY",
    "Azurite",
    "Cloud",
    "GoogleStorage",
    "azure_settings",
    "cloud",
    "gcs_settings",
    "signature",
]

_SECONDS = 180.0
_PATIENT = ", storagetimeout: 240000"  # milliseconds
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Of every emulator of Azure's storage; their documentation has it."""


def _azurite_program() -> str:
    beside = os.path.join(ORACLE, "azurite", "node_modules", ".bin", "azurite-blob")
    return beside if os.path.exists(beside) else shutil.which("azurite-blob") or ""


def _gcs_program() -> str:
    beside = os.path.join(ORACLE, "bin", "fake-gcs-server")
    return beside if os.path.exists(beside) else shutil.which("fake-gcs-server") or ""


class Cloud(NamedTuple):
    """A server of object storage on loopback; `kind` is the registry's driver for it."""

    kind: str
    port: int
    server: Gateway | GoogleStorage | Azurite

    def settings(self, *, port: int = 0, more: str = "") -> str:
        """A registry's configuration whose charts are there; `port` is of what is between, if anything is.

        Unless a test wants it otherwise, storage may be silent for longer than usual: emulators on a busy machine are.
        """
        patient = "" if "storagetimeout" in more else _PATIENT
        return _SETTINGS[self.kind](port or self.port, more=more + patient)


CLOUDS = ("s3", "gcs", "azure")


@contextmanager
def cloud(kind: str, folder: str) -> Iterator[Cloud]:
    """A server of one of CLOUDS, with one empty bucket, as long as the block lasts. Skips where there is none."""
    if kind == "s3":
        need_gateway()
    else:
        _need("azurite", _azurite_program()) if kind == "azure" else _need("fake-gcs-server", _gcs_program())
    made = Gateway(folder) if kind == "s3" else GoogleStorage(folder) if kind == "gcs" else Azurite(folder)
    with made as server:
        yield Cloud(kind, server.port, server)


def _need(name: str, program: str) -> None:
    if not program:
        told = f"{name} isn't installed (make test-real does it)"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)


def azure_settings(port: int, *, more: str = "") -> str:
    """A registry's configuration whose charts are in the container."""
    return (
        f"manager: {{parameters: {{storagedriver: azure, container: {BUCKET}, accountname: {ACCOUNT}, "
        f"accountkey: '{KEY}', endpoint: 'http://127.0.0.1:{port}/{ACCOUNT}'{more}}}}}\n"
    )


def signature(rights: str) -> str:
    """A shared access signature for the container, by its key."""
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    fields = {"sp": rights, "st": "", "se": until, "resource": f"/blob/{ACCOUNT}/{BUCKET}", "si": "", "sip": ""}
    fields |= {"spr": "", "sv": "2021-08-06", "sr": "c", "snapshot": "", "ses": ""}
    text = "\n".join([*fields.values(), "", "", "", "", ""])  # no headers of answers
    signed = base64.b64encode(hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()).decode()
    return f"sv=2021-08-06&sr=c&sp={rights}&se={quote(until)}&sig={quote(signed, safe='')}"


def gcs_settings(port: int, *, more: str = "") -> str:
    """A registry's configuration whose charts are in the bucket."""
    return (
        f"manager: {{parameters: {{storagedriver: gcs, bucket: {BUCKET}, anonymous: true, "
        f"endpoint: 'http://127.0.0.1:{port}'{more}}}}}\n"
    )


_SETTINGS = {"s3": s3_settings, "gcs": gcs_settings, "azure": azure_settings}


class _Program:
    """A server of a program's, from `with` to its end."""

    def __init__(self, folder: str) -> None:
        os.makedirs(folder)
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def _begin(self, words: list[str], path: str) -> None:
        with open(os.path.join(self._folder, "log"), "ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, cwd=self._folder)
        end = time.monotonic() + _SECONDS
        while True:
            with suppress(OSError, http.client.HTTPException):
                _asked(self.port, "GET", path, {})
                return
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                pytest.fail(f"{words[0]} didn't come up")
            time.sleep(0.05)

    @contextmanager
    def _ended_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.stop()


class Azurite(_Program):
    """Azure's blob storage with one empty container."""

    def __enter__(self) -> Self:
        # by node itself, so that ending the process ends the server
        words = [
            "node",
            os.path.realpath(_azurite_program()),
            "--blobHost",
            "127.0.0.1",
            "--blobPort",
            str(self.port),
            "--silent",
        ]
        words += ["--location", self._folder, "--disableTelemetry", "--disableProductStyleUrl", "--skipApiVersionCheck"]
        self._begin(words, "/")
        with self._ended_on_failure():
            self.container(BUCKET)
        return self

    def container(self, name: str, method: str = "PUT") -> None:
        """Make a container, or DELETE it."""
        path = f"/{ACCOUNT}/{name}?restype=container"
        headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
        named = "".join(f"{key}:{value}\n" for key, value in headers.items())
        text = f"{method}{chr(10) * 12}{named}/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
        signed = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
        headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(signed).decode()}"
        assert _asked(self.port, method, path, headers) in {201, 202}


class GoogleStorage(_Program):
    """Google's storage with one empty bucket; `port` is that of its XML API, which a front of ours adds."""

    def __enter__(self) -> Self:
        words = [_gcs_program(), "-scheme", "http", "-host", "127.0.0.1", "-port", str(self.port), "-backend", "memory"]
        self._begin(words, "/_internal/healthcheck")
        inner = self.port
        body = json.dumps({"name": BUCKET}).encode()
        with self._ended_on_failure():
            assert _asked(inner, "POST", "/storage/v1/b", {"Content-Type": "application/json"}, body) == 200
            self.front = Front(inner)
        self.front.__enter__()
        self.port = self.front.port
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.front.__exit__(kind, error, trace)
        self.stop()


def _asked(port: int, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
