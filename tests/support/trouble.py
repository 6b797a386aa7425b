"""Servers of a registry under load and in trouble: what writes to them, ends them, and looks whether all is there."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple, Self

from support.serving import Serving
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "Got",
    "Servers",
    "Writers",
    "ask",
    "check_whole",
    "is_up",
    "kill",
    "listings",
    "noise",
    "port_of",
    "upload",
    "wait_until",
]

WRITERS = 8
GZIP = {"Content-Type": "application/gzip"}


class Got(NamedTuple):
    status: int
    body: bytes

    def json(self) -> object:
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: bytes = b"", *, headers: dict[str, str] | None = None) -> Got:
    """One request. Raises OSError or HTTPException when there is no whole answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, path, body or None, headers or {})
        found = connection.getresponse()
        return Got(found.status, found.read())
    finally:
        connection.close()


def upload(port: int, data: bytes, space: str = "lib") -> int:
    return ask(port, "POST", f"/api/{space}/charts", data, headers=GZIP).status


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


class Servers:
    """Servers with one configuration, each in a folder of its own."""

    def __init__(self, text: str, folder: Path) -> None:
        self._text = text
        self._folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, name: str, port: int = 0) -> Serving:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return self._stack.enter_context(Serving(self._text, folder=str(folder), listen=f"127.0.0.1:{port}"))


def port_of(server: Serving) -> int:
    return int(server.url.rpartition(":")[2])


def listings(port: int, space: str = "lib") -> dict[str, set[str]]:
    """What each face lists, as "chart version"; index.yaml's with the digest."""
    found: dict[str, set[str]] = {}
    page = ask(port, "GET", f"/api/v1/spaces/{space}/metadata?limit=1000000").json()
    found["spaces"] = {f"{one['name']} {one['version']}" for one in page["items"]}  # type: ignore[index]
    index = json.loads(ask(port, "GET", f"/{space}/index.yaml").body)
    entries = [one for versions in index["entries"].values() for one in versions]
    found["classic"] = {f"{one['name']} {one['version']}" for one in entries}
    found["digests"] = {f"{one['name']} {one['version']} {one['digest']}" for one in entries}
    museum = ask(port, "GET", f"/api/{space}/charts").json()
    found["museum"] = {f"{one['name']} {one['version']}" for rows in museum.values() for one in rows}  # type: ignore[attr-defined]
    names = ask(port, "GET", "/v2/_catalog?n=100000").json()["repositories"]  # type: ignore[index]
    found["oci"] = {
        f"{name.partition('/')[2]} {tag.replace('_', '+')}"
        for name in names
        if name.startswith(f"{space}/")
        for tag in ask(port, "GET", f"/v2/{name}/tags/list").json()["tags"]  # type: ignore[index]
    }
    return found


def check_whole(port: int, answered: dict[str, bytes], tried: set[str]) -> None:
    """All that was answered is there to the byte, on every face; what else is there is whole."""
    found = listings(port)
    assert set(answered) <= found["spaces"]
    assert found["spaces"] <= tried
    assert found["spaces"] == found["classic"] == found["museum"] == found["oci"]
    for line in found["digests"]:
        chart, version, digest = line.split()
        archive = ask(port, "GET", f"/lib/charts/{chart}-{version}.tgz")
        assert (archive.status, hashlib.sha256(archive.body).hexdigest()) == (200, digest)
        assert archive.body == answered.get(f"{chart} {version}", archive.body)
        blob = ask(port, "GET", f"/v2/lib/{chart}/blobs/sha256:{digest}")
        assert blob.body == archive.body


class Writers:
    """Threads that upload one chart after another and don't mind servers that die. `answered` are those with 201."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.answered: dict[str, bytes] = {}
        self.tried: set[str] = set()
        self.odd: list[str] = []
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _write(self, writer: int) -> None:
        number = 0
        while not self._end.is_set():
            number += 1
            name, version = f"w{writer}-{number % 5}", f"1.{number}.0"
            size = (200, 20_000, 300_000)[number % 3]
            data = packed(name, version, {"x.bin": noise(writer << 20 | number, size)})
            self.tried.add(f"{name} {version}")
            try:
                status = upload(self._port, data)
            except ConnectionRefusedError:  # nobody has seen it
                self.tried.discard(f"{name} {version}")
                time.sleep(0.1)
                continue
            except (OSError, http.client.HTTPException):
                continue
            if status == 201:
                self.answered[f"{name} {version}"] = data
            elif status != 503:
                self.odd.append(f"{name} {version}: {status}")


def kill(server: Serving, *, all_of_it: bool) -> None:
    """SIGKILL: the whole server, its first process, whose workers have to end too, or only a worker."""
    parent = server.process.pid
    os.kill(parent, signal.SIGSTOP)  # it begins no worker while they are counted
    found = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False).stdout
    workers = [int(one) for one in found.split()]
    for process in [parent] if all_of_it else workers:
        os.kill(process, signal.SIGKILL)
    if all_of_it:
        server.process.wait()
    else:
        wait_until(lambda: not any(map(is_alive, workers)))
        os.kill(parent, signal.SIGCONT)
    wait_until(lambda: not any(map(is_alive, workers)))


def is_alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the latter when it goes while it is looked at
        return False


def wait_until(done: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def is_up(port: int) -> bool:
    try:
        return ask(port, "GET", "/healthz").status == 200
    except (OSError, http.client.HTTPException):
        return False
