"""`nav cluster` in a home of a test's own, with real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Home", "Ran", "processes"]

NAV = os.path.join(os.path.dirname(sys.executable), "nav")


class Ran(NamedTuple):
    """What a command line did."""

    code: int
    out: str
    err: str


class Home:
    """A home folder with a kubeconfig; `nav` runs command lines there. `close` ends what they left running."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "kubeconfig"
        self.clusters = folder / "data/navarch/clusters"
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "KUBECONFIG": str(self.config),
            **{f"HELM_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")},
        }

    def start(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([NAV, *words], cwd=self.folder, env=self.environment, **options)

    def nav(self, *words: str, **options: Any) -> Ran:
        process = self.start(*words, **options)
        try:
            out, err = process.communicate(timeout=300)
        finally:
            process.kill()
        return Ran(process.returncode, (out or b"").decode(), (err or b"").decode())

    def cluster(self, *words: str, **options: Any) -> Ran:
        return self.nav("cluster", *words, **options)

    def status(self, name: str = "local") -> dict[str, Any]:
        """What `nav cluster status` knows."""
        found: dict[str, Any] = json.loads(self.cluster("status", "--name", name, "-o", "json").out)
        return found

    def processes(self) -> list[int]:
        """The processes of clusters that are kept here."""
        return processes(self.clusters)

    def close(self) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(pid, signal.SIGKILL)


def processes(folder: Path) -> list[int]:
    """The processes of clusters that are kept below a folder."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if b"navarch.cluster.serve" in words and words[-2].startswith(os.fsencode(folder)):
            found.append(int(entry))
    return found
