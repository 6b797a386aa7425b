"""Other people's OCI clients: oras, crane, skopeo. tools/test-real installs them."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.real_registry import ORACLE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Program", "Ran", "program"]


class Ran(NamedTuple):
    """What a command line came to. Of a failure only the exit code is told: programs put times into their words."""

    line: str
    code: int
    out: str


class Program:
    """Runs command lines in a folder, which is the programs' home, too. HOST in a line is the registry's address."""

    def __init__(self, folder: Path, host: str, *, certificate: str = "") -> None:
        self.folder = folder
        self._host = host
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TZ": "UTC", "SOURCE_DATE_EPOCH": "0"}
        if certificate:
            self._environment["SSL_CERT_FILE"] = certificate

    def __call__(self, line: str) -> Ran:
        name, *words = line.replace("HOST", self._host).split()
        done = subprocess.run(
            [program(name), *words],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            check=False,
            timeout=300,
        )
        out = done.stdout.decode("latin-1").replace(self._host, "HOST")
        return Ran(line, done.returncode, out if done.returncode == 0 else "")

    def good(self, line: str) -> str:
        """What a command line prints that must not fail."""
        name, *words = line.replace("HOST", self._host).split()
        done = subprocess.run(
            [program(name), *words],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{line}: {done.stderr.decode()}"
        return done.stdout.decode().strip()


def program(name: str) -> str:
    """A program's path. Skips without it; fails in CI, where it must be there."""
    beside = os.path.join(ORACLE, "bin", name)
    found = beside if os.path.exists(beside) else shutil.which(name)
    if found is None:
        told = f"{name} isn't installed (make test-real does it)"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    return found
