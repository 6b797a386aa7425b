r"""What only a cluster knows, for completion: releases, their revisions, namespaces.

A choice is "word\twhat it is", as in navarch.cli.choices. A cluster that can't be asked has no choices.
"""

from __future__ import annotations

from navarch.cli.call import Call
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.flags import FlagSet

__all__ = ["namespaces", "releases", "revisions"]

_PATIENCE = 3  # seconds that the API server is given for the list of namespaces


def releases(flags: FlagSet) -> list[str] | None:
    """The releases that are not among the arguments yet, with chart and status; None where they can't be had."""
    from navarch.actions.listing import list_releases
    from navarch.cli.cluster import action_context

    try:
        found = list_releases(action_context(Call("", flags)))
    except NavarchError:
        return None
    return [f"{one.name}\t{one.chart} -> {one.status}" for one in found if one.name not in flags.args]


def revisions(flags: FlagSet, name: str) -> list[str] | None:
    """The revisions of a release, with the versions of what they deployed; None where they can't be had."""
    from navarch.actions.history import history
    from navarch.cli.cluster import action_context

    try:
        found = history(action_context(Call("", flags)), name)
    except NavarchError:
        return None
    return [f"{one.revision}\tApp: {one.app_version}, Chart: {one.chart}" for one in found]


def namespaces(flags: FlagSet) -> list[str] | None:
    """The names of all namespaces; None where they can't be had."""
    from navarch.cli.cluster import open_client
    from navarch.cli.settings import Settings

    try:
        transport = open_client(Settings(flags.values)).transport
        found = transport.request("GET", "/api/v1/namespaces", query={"timeoutSeconds": str(_PATIENCE)}).json()
    except NavarchError:
        return None
    return [item["metadata"]["name"] for item in found.get("items") or ()]
