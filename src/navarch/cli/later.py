"""What the commands say that this version doesn't have yet: their command lines are understood, nothing is done."""

from __future__ import annotations

from navarch.cli.table import program
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call

__all__ = ["not_yet"]


def not_yet(call: Call) -> int:
    """Refuse a command. Raises NavarchError always."""
    raise NavarchError(f'"{program()} {call.path}" is not in this version of Navarch yet')
