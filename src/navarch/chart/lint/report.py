"""What rules work on and what they make: the chart's folder, the findings so far, and the tools of higher layers."""

from __future__ import annotations

import os
from stat import S_ISDIR

from navarch.chart.load import load_chart, reason
from navarch.errors import ChartError, NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.chart.model import Chart

__all__ = ["ERROR", "INFO", "WARNING", "Finding", "Report", "Tools"]

INFO = 1
WARNING = 2
ERROR = 3

_NAMES = {INFO: "INFO", WARNING: "WARNING", ERROR: "ERROR"}


class Finding:
    """One thing that is wrong: how badly (`severity`), where (`path`, in the chart), and what."""

    __slots__ = ("message", "path", "severity")

    def __init__(self, severity: int, path: str, message: str) -> None:
        self.severity = severity
        self.path = path
        self.message = message

    def __str__(self) -> str:
        return f"[{_NAMES[self.severity]}] {self.path}: {self.message}"


class Tools:
    """What lint needs of the layers above.

    - `render(chart, values)`: the text of every template by its path ("web/templates/a.yaml"), as the engine's lint
      mode has it; None where dependencies or values can't be processed, of which lint says nothing. Raises
      NavarchError.
    - `check_values(values, overrides, schema)`: raises NavarchError where overrides over values don't fit a schema,
      which is empty if there is none.
    - `kubernetes`: (major, minor) of the version that API versions are judged by.
    """

    __slots__ = ("check_values", "kubernetes", "render")

    def __init__(
        self,
        *,
        render: Callable[[Chart, dict[str, Any]], dict[str, str] | None],
        check_values: Callable[[dict[str, Any], dict[str, Any], bytes], None],
        kubernetes: tuple[int, int],
    ) -> None:
        self.render = render
        self.check_values = check_values
        self.kubernetes = kubernetes


class Report:
    """One chart's folder and what was found in it."""

    def __init__(self, folder: str, warn: Callable[[str], None]) -> None:
        self.folder = folder
        self.findings: list[Finding] = []
        self._warn = warn
        self._loaded: Chart | NavarchError | None = None
        self._notices: list[str] = []

    def add(self, severity: int, path: str, message: str) -> None:
        self.findings.append(Finding(severity, path, message))

    def sound(self, severity: int, path: str, message: str | None) -> bool:
        """Add a finding if there is something to say; whether there wasn't."""
        if message is not None:
            self.add(severity, path, message)
        return message is None

    def path(self, name: str) -> str:
        """Where a file of the chart is."""
        return os.path.join(self.folder, name.rstrip("/"))

    def read(self, name: str) -> bytes:
        """A file of the chart. Raises ChartError with Go's words."""
        path = self.path(name)
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            operation = "read" if isinstance(error, IsADirectoryError) else "open"
            raise ChartError(f"{operation} {path}: {reason(error)}") from error

    def chart(self) -> Chart:
        """The chart, loaded once though Helm does it for several rules and warns each time. Raises NavarchError."""
        if self._loaded is None:
            try:
                self._loaded = load_chart(self.folder, warn=self._notices.append, detect=False)
            except NavarchError as error:
                self._loaded = error
        for line in self._notices:
            self._warn(line)
        if isinstance(self._loaded, NavarchError):
            raise self._loaded
        return self._loaded

    def is_folder(self, name: str) -> bool | None:
        """Whether something of the chart is a folder; None if it isn't there. Raises ChartError."""
        path = self.path(name)
        try:
            return S_ISDIR(os.stat(path).st_mode)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ChartError(f"stat {path}: {reason(error)}") from error
