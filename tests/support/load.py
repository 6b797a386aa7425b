"""What the registry's benchmarks load servers with: charts, connections that are kept, requests at once, their cost.

A server is anything with `url` ("http://127.0.0.1:8099") and `process`.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from support.spaces import chart_yaml, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    One = TypeVar("One")

__all__ = [
    "CONNECTIONS",
    "PER_CHART",
    "Client",
    "Running",
    "Taken",
    "archive",
    "cpu",
    "memory",
    "named",
    "rate",
    "work_off",
]

CONNECTIONS = 16
PER_CHART = 100
"""Versions of a chart."""
_TICKS = os.sysconf("SC_CLK_TCK")
_TURNS = """local paths, at = {}, 0
for line in io.lines(os.getenv("LOAD_PATHS")) do paths[#paths + 1] = line end
request = function() at = at % #paths + 1; return wrk.format(nil, paths[at]) end
"""


class Running(Protocol):
    """A server that runs."""

    url: str
    process: subprocess.Popen[str] | subprocess.Popen[bytes]


def named(number: int, per_chart: int = PER_CHART) -> tuple[str, str]:
    """The chart and the version of a number."""
    return f"chart-{number // per_chart:05d}", f"{number % per_chart // 10}.{number % 10}.0"


def archive(number: int, *, per_chart: int = PER_CHART) -> bytes:
    """The archive of one version: Chart.yaml with what is usual in one, values, a template."""
    name, version = named(number, per_chart)
    files = {
        "Chart.yaml": chart_yaml(
            name,
            version,
            description=f"The chart number {number} of a load",
            appVersion="1.27.3",
            home="https://example.com/charts",
            maintainers="[{name: somebody, email: somebody@example.com}]",
            keywords="[web, load, example]",
        ),
        "values.yaml": "replicas: 1\nimage: {repository: nginx, tag: 1.27.3}\nresources: {}\n" * 10,
        "templates/deployment.yaml": "kind: ConfigMap\napiVersion: v1\nmetadata: {name: {{ .Release.Name }}}\n" * 20,
    }
    return packed(name, version, files)


class Client:
    """A connection that is kept."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(url.partition("//")[2], timeout=300)
        self.headers: Mapping[str, str] = {}

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        """The body of an answer, whose headers are kept. Raises SystemExit for a status that is no success, nor 304."""
        self._connection.request(method, path, body, headers or {})
        answer = self._connection.getresponse()
        data = answer.read()
        self.headers = answer.headers
        if answer.status >= 300 and answer.status != 304:
            raise SystemExit(f"{method} {path}: {answer.status} {data[:200]!r}")
        return data


class Taken(NamedTuple):
    """What a load took: how many things were done, in so many seconds, with so many of the server's processors'."""

    count: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_ms(self) -> float:
        return self.cpu / max(self.count, 1) * 1000


def work_off(
    server: Running, things: Iterable[One], do: Callable[[Client, One], object], *, at_most: float = 3600
) -> Taken:
    """Do something with each thing, from some connections at once, and begin no more after so many seconds."""
    waiting: SimpleQueue[One] = SimpleQueue()
    for thing in things:
        waiting.put(thing)
    begun, before = time.perf_counter(), cpu(server)
    end, done, failed = begun + at_most, [], []

    def work() -> None:
        client = Client(server.url)
        while time.perf_counter() < end and not failed:
            try:
                do(client, waiting.get_nowait())
            except Empty:
                return
            except BaseException as error:  # noqa: BLE001 - told below
                failed.append(error)
                return
            done.append(1)

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return Taken(len(done), time.perf_counter() - begun, cpu(server) - before)


def rate(server: Running, paths: Sequence[str], seconds: float, headers: dict[str, str] | None = None) -> Taken:
    """Requests of some addresses in turn, as many as there can be: by `wrk`, if it is there, else by threads of ours."""
    if not shutil.which("wrk"):
        endless = (paths[at % len(paths)] for at in range(1_000_000))
        return work_off(server, endless, lambda client, path: client.ask("GET", path, headers=headers), at_most=seconds)
    before = cpu(server)
    with tempfile.TemporaryDirectory() as folder:
        script, listed = os.path.join(folder, "turns.lua"), os.path.join(folder, "paths")
        for path, text in ((script, _TURNS), (listed, "".join(f"{one}\n" for one in paths))):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        words = [f"-H{name}: {value}" for name, value in (headers or {}).items()]
        told = subprocess.run(
            [
                "wrk",
                "-t1",
                f"-c{CONNECTIONS}",
                f"-d{max(1, round(seconds))}s",
                "--timeout",
                "60",
                "-s",
                script,
                *words,
                server.url,
            ],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "LOAD_PATHS": listed},
        ).stdout
    if "Non-2xx" in told:
        raise SystemExit(f"{paths[0]}: {told}")
    found = re.search(r"(\d+) requests in ([\d.]+)(m?s|m)", told)
    if found is None:
        raise SystemExit(told)
    took = float(found[2]) * {"ms": 0.001, "s": 1, "m": 60}[found[3]]
    return Taken(int(found[1]), took, cpu(server) - before)


def _processes(server: Running) -> list[str]:
    parent = str(server.process.pid)
    found = subprocess.run(["pgrep", "-P", parent], check=False, capture_output=True, text=True)
    return [parent, *found.stdout.split()]


def memory(server: Running) -> float:
    """MiB of the server's processes; what several share counts once."""
    return sum(_own_memory(process) for process in _processes(server))


def _own_memory(process: str) -> float:
    with open(f"/proc/{process}/smaps_rollup", encoding="utf-8") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


def cpu(server: Running) -> float:
    """Seconds that the server's processes had a processor so far."""
    total = 0
    for process in _processes(server):
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS
