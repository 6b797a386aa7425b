"""A PostgreSQL server of the tests' own: in a folder of its own, on a socket alone, gone with the tests."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Postgres", "programs", "running"]


def programs() -> str:
    """The folder of the server's programs; "" where there is none."""
    beside = os.path.dirname(shutil.which("initdb") or "")
    for folder in (beside, *sorted(glob.glob("/usr/lib/postgresql/*/bin"))):
        if all(os.path.exists(os.path.join(folder, name)) for name in ("initdb", "pg_ctl", "postgres", "psql")):
            return folder
    return ""


class Postgres:
    """A server that everybody who finds its socket may use."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="pg-")
        self._data = os.path.join(self.folder, "data")
        self._options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self.folder, "nobody")
            self._user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        os.chmod(self.folder, 0o755)

    def start(self) -> None:
        self._run("initdb", "-D", self._data, "-U", "helm", "--auth=trust", "-N", "--no-locale", "-E", "UTF8")
        self.resume()

    def stop(self) -> None:
        try:
            self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self) -> None:
        """End all connections."""
        self._run("pg_ctl", "-D", self._data, "-m", "fast", "-w", "-l", os.path.join(self.folder, "log"), "restart")

    def halt(self) -> None:
        """End the server, as its machine would; `resume` starts it again."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def resume(self) -> None:
        """Start the server again, with the options that it had."""
        self._run(
            "pg_ctl", "-D", self._data, "-w", "-o", self._options, "-l", os.path.join(self.folder, "log"), "start"
        )

    def freeze(self, *, thaw: bool = False) -> None:
        """Have all its processes stand still, or go on: connections stay, and are silent."""
        with open(os.path.join(self._data, "postmaster.pid"), encoding="utf-8") as file:
            parent = file.readline().strip()
        listed = subprocess.run(["pgrep", "-P", parent], capture_output=True, text=True, check=False).stdout.split()
        for process in (parent, *listed):
            os.kill(int(process), signal.SIGCONT if thaw else signal.SIGSTOP)

    def database(self) -> str:
        """The connection string of a new, empty database."""
        name = f"t{uuid.uuid4().hex[:8]}"
        self.psql(f"CREATE DATABASE {name}", "dbname=postgres")
        return f"host={self.folder} user=helm dbname={name} sslmode=disable"

    def psql(self, statement: str, connection: str) -> str:
        """What a statement answers, as rows of fields between bars."""
        if "host=" not in connection:
            connection = f"host={self.folder} user=helm {connection}"
        return self._run("psql", "-X", "-A", "-t", "-c", statement, connection)

    def _run(self, program: str, *words: str) -> str:
        path = os.path.join(programs(), program)
        with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open in the server
            done = subprocess.run(
                [path, *words],
                stdout=output,
                stderr=output,
                check=False,
                cwd=self.folder,
                env={**os.environ, "PGCTLTIMEOUT": "600"},
                **self._user,
            )
            output.seek(0)
            told = output.read()
        assert done.returncode == 0, f"{program}: {told}"
        return told


@contextmanager
def running() -> Iterator[Postgres]:
    """A server while the block lasts. Without PostgreSQL the test is skipped, in CI it fails."""
    if not programs():
        told = "PostgreSQL is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    one = Postgres()
    try:
        one.start()
        yield one
    finally:
        one.stop()
