r"""What only a chart registry knows, for completion: spaces, charts, versions.

A choice is "word\twhat it is", as in navarch.cli.choices. A registry that can't be asked has no choices.
"""

from __future__ import annotations

from navarch.cli.call import Call
from navarch.cli.spaces import open_client
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from navarch.cli.flags import FlagSet

__all__ = ["charts", "spaces"]

_PATIENCE = 3.0  # seconds that the registry may be silent


def spaces(flags: FlagSet, word: str, taken: Sequence[str] = ()) -> list[str]:
    """The spaces but for those that are named already."""
    try:
        with open_client(Call("", flags), timeout=_PATIENCE) as registry:
            return [name for name in registry.spaces() if name.startswith(word) and name not in taken]
    except NavarchError:
        return []


def charts(path: str, flags: FlagSet, word: str) -> list[str]:
    """What SPACE/CHART/VERSION can go on with, one part after the other: "lib/", "lib/web", "lib/web/1.2.0"."""
    space, *rest = word.split("/")
    try:
        with open_client(Call("", flags), timeout=_PATIENCE) as registry:
            if not rest:
                return [f"{name}/" for name in registry.spaces() if name.startswith(word)]
            if len(rest) == 1:
                end = "/" if path == "chart delete" and not flags.get("all") else ""
                found = registry.list_metadata(space, latest=True)
                named = ((f"{space}/{one['name']}{end}", one.get("description", "")) for one in found)
                return [f"{name}\t{words}" if words else name for name, words in named if name.startswith(word)]
            versions = (f"{space}/{rest[0]}/{version}" for version in reversed(registry.versions(space, rest[0])))
            return [one for one in versions if one.startswith(word) and one not in flags.args]
    except NavarchError:
        return []
