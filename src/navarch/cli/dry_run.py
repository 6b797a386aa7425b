"""What --dry-run says, in all the forms that Helm takes."""

from __future__ import annotations

from navarch.cli.output import warn
from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call

__all__ = ["dry_run"]

_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")


def dry_run(call: Call, *, always: bool = False) -> str:
    """The strategy: none, client or server. `always` is for commands that only ever try. Raises UsageError."""
    mode: str = call.flag("dry-run")
    if mode == "unset":
        warn("--dry-run is deprecated and should be replaced with '--dry-run=client'")
        return "client"
    if mode in ("client", "server") or (mode == "none" and not always):
        return mode
    if mode not in ("none", *_TRUE, *_FALSE) or (always and mode not in _TRUE):
        from navarch.golang.strconv import quote

        known = mode in ("none", *_FALSE)
        words = '"server" or "client"' if known else '"none", "server", or "client"'
        raise UsageError(f"invalid dry-run value ({quote(mode)}). Must be {words}")
    meant = "client" if mode in _TRUE else "none"
    warn(f"boolean '--dry-run={mode}' flag is deprecated and must be replaced with '--dry-run={meant}'")
    return meant
