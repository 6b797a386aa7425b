"""New kinds: waiting until a server really serves what custom resource definitions have just declared.

A definition is "Established" some milliseconds before its kind is discovered and its objects can be posted. Whoever is
quick enough to send them in between is told that there is no such resource.
"""

from __future__ import annotations

from time import monotonic, sleep

from navarch.errors import ApiError, KubernetesError
from navarch.kube.discovery import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource

__all__ = ["defined_kinds", "wait_until_served"]

_FIRST_PAUSE = 0.005
_MOST_PAUSE = 0.5


def defined_kinds(definitions: Sequence[Resource]) -> Iterator[Mapping]:
    """The kinds that custom resource definitions (apiextensions.k8s.io/v1) declare, in the versions that are served."""
    for definition in definitions:
        spec = definition.object.get("spec") or {}
        names = spec.get("names") or {}
        for version in spec.get("versions") or []:
            if version.get("served"):
                namespaced = spec.get("scope") == "Namespaced"
                kind, plural = str(names.get("kind")), str(names.get("plural"))
                yield Mapping(str(spec.get("group")), str(version.get("name")), kind, plural, namespaced)


def wait_until_served(client: Client, definitions: Sequence[Resource], *, timeout: float = 10.0) -> bool:
    """Wait, at most `timeout` seconds, until the kinds of definitions are discovered and answer requests.

    Afterwards the client's discovery knows them. False if time ran out. Raises KubernetesError where the server can't
    be asked.
    """
    deadline = monotonic() + timeout
    pause = _FIRST_PAUSE
    missing = list(defined_kinds(definitions))
    while True:
        catalog = client.discovery.refresh()
        missing = [
            kind
            for kind in missing
            if kind.kind not in catalog.kinds(kind.group, kind.version) or not _answers(client, kind)
        ]
        if not missing or monotonic() >= deadline:
            return not missing
        sleep(pause)
        pause = min(pause * 2, _MOST_PAUSE)


def _answers(client: Client, kind: Mapping) -> bool:
    """Whether the server knows where objects of a kind are; who may not list them is told so by one that does."""
    try:
        client.transport.request("GET", kind.path(), query={"limit": "1"})
    except ApiError as error:
        return not error.is_not_found
    except KubernetesError:
        return False
    return True
