"""A real registry, the distribution project's own, on loopback: with TLS and passwords, or without."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from support.certificates import Authority
from support.ports import free_port

__all__ = ["PASSWORD", "USER", "RealRegistry", "debian_registry", "registry_program"]

ORACLE = os.environ.get("ORACLE") or os.path.expanduser("~/.cache/navarch-oracle")
USER, PASSWORD = "user", "pass:word"
_HASH = "$2a$10$9XyGQf5R9iV1DHgB7rZ6CO7xA2J//N3jn7ihD9u23Oie3uzqkK7Jy"  # of the password, by bcrypt
_SECONDS = 120.0


def registry_program() -> str | None:
    """The registry's program: $NAVARCH_TEST_REGISTRY, `registry` among the oracles, or Debian's docker-registry."""
    places = (os.environ.get("NAVARCH_TEST_REGISTRY", ""), os.path.join(ORACLE, "bin", "registry"))
    return next((path for path in places if path and os.path.exists(path)), None) or shutil.which("docker-registry")


def debian_registry() -> str | None:
    """Debian's docker-registry, some versions behind the project's own."""
    return shutil.which("docker-registry")


class RealRegistry:
    """Runs while it is a context, on `address`, keeping everything in `folder`; `ca_file` is whom to trust with TLS.

    `program` is the registry to run, left out whichever is there.
    """

    def __init__(
        self,
        folder: str,
        *,
        tls: bool = False,
        passwords: bool = False,
        deletes: bool = False,
        program: str | None = None,
    ) -> None:
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.ca_file = os.path.join(folder, "ca.pem")
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"{'https' if tls else 'http'}://{self.address}"
        self._program = program
        self._tls = tls
        self._passwords = passwords
        self._deletes = deletes
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        program = self._program or registry_program()
        assert program
        path = os.path.join(self.folder, "config.yml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self._config()))
        with open(os.path.join(self.folder, "log"), "wb") as log:
            environment = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
            self._process = subprocess.Popen([program, "serve", path], stdout=log, stderr=log, env=environment)
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def _config(self) -> list[str]:
        lines = ["version: 0.1", "log: {level: error, accesslog: {disabled: true}}", "http:", f"  addr: {self.address}"]
        if self._tls:
            authority = Authority()
            pair = authority.issue("registry", ips=("127.0.0.1",))
            for name, data in (("ca", authority.certificate), ("tls", pair.certificate), ("key", pair.key)):
                with open(os.path.join(self.folder, f"{name}.pem"), "wb") as file:
                    file.write(data)
            lines.append(f"  tls: {{certificate: {self.folder}/tls.pem, key: {self.folder}/key.pem}}")
        if self._passwords:
            with open(os.path.join(self.folder, "htpasswd"), "w", encoding="utf-8") as file:
                file.write(f"{USER}:{_HASH}\n")
            lines.append(f"auth: {{htpasswd: {{realm: test, path: {self.folder}/htpasswd}}}}")
        deletes = ", delete: {enabled: true}" if self._deletes else ""
        return [*lines, f"storage: {{filesystem: {{rootdirectory: {self.folder}/data}}{deletes}}}", ""]

    def _wait(self) -> None:
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, Path(self.folder, "log").read_text(encoding="utf-8")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.02)
        raise TimeoutError(self.url)
