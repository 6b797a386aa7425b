"""What a command is handed: its path, its arguments, its flags, and the settings of the run."""

from __future__ import annotations

from navarch.cli.settings import Settings, default
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cli.flags import FlagSet

__all__ = ["Call", "SetupError", "StartError"]


class StartError(NavarchError):
    """Why no command can be run here; said in the form of Helm's log instead of after "Error:"."""

    reference = "start"

    def line(self) -> str:
        """What is said."""
        from navarch.chart.notices import notice

        return notice("INFO", str(self))


class SetupError(StartError):
    """A file that every command of Helm reads first can't be read; said as Helm's log says it."""

    reference = "setup"

    def line(self) -> str:
        from navarch.chart.notices import notice

        return notice("WARN", "command failed", error=str(self))


class Call:
    """One command line that was understood.

    `path` is the command ("show values"), `args` its arguments, `flags` what was given, `settings` the environment.
    """

    __slots__ = ("args", "flags", "path", "settings")

    def __init__(self, path: str, flags: FlagSet) -> None:
        self.path = path
        self.args = flags.args
        self.flags = flags
        self.settings = Settings(flags.values)

    def given(self, name: str) -> bool:
        """Whether a flag stood on the command line."""
        return name in self.flags.values

    def flag(self, name: str) -> Any:
        """The value of a flag, or its default."""
        flags = self.flags
        if name not in flags.values and flags.rows[name][3] == "$":
            flags.set(name, default(name))
            return flags.values.pop(name)
        return flags.get(name)
