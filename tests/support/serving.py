"""`nav registry serve` as a process of its own, for tests that need a real socket."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sysconfig
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["NAV", "Serving"]

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
_PATIENCE = 120  # seconds to be up, and to end


class Serving:
    """A server, from `with` to its end. `text` is its configuration; it listens on a free port of 127.0.0.1.

    `url` is where it is, `told` what it wrote to stderr so far, `code` its exit code once it was ended.
    """

    def __init__(self, text: str = "", *, folder: str, listen: str = "127.0.0.1:0", more: str = "") -> None:
        self._config = os.path.join(folder, "config.yaml")
        root = "" if "manager:" in text else f"manager: {{parameters: {{rootdirectory: {folder}/charts}}}}\n"
        log = "" if "log:" in text else "log: {access: off}\n"
        with open(self._config, "w", encoding="utf-8") as file:
            file.write(f"{root}{log}{text}\n{more}")
        self._listen = listen
        self.lines: list[str] = []
        self.code: int | None = None
        self._up = threading.Event()

    @property
    def told(self) -> str:
        return "".join(self.lines)

    def __enter__(self) -> Self:
        command = [NAV, "registry", "serve", "-c", self._config, "--listen", self._listen]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._up.wait(_PATIENCE) or not any(line.startswith("Serving") for line in self.lines):
            if self._up.is_set():  # it said why, and is about to end
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(_PATIENCE)
            self.stop()
            raise RuntimeError(f"the server didn't come up: {self.told}")
        self.url = next(found[0] for line in self.lines if (found := re.search(r"https?://\S+", line)))
        return self

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            if line.startswith("Serving"):
                self._up.set()
        self._up.set()

    def stop(self, sent: int = signal.SIGINT) -> int:
        """End it, as Ctrl-C does, and answer its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sent)
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(_PATIENCE)
        self.code = self.process.returncode
        return self.code

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.stop()
        if self.process.stderr is not None:
            self.process.stderr.close()
