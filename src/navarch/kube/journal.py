"""Lines of Helm's log about objects that are worked on at the same time, told in the order of the objects."""

from __future__ import annotations

from navarch.kube.parallel import in_parallel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from navarch.kube.client import Client
    from navarch.kube.objects import Resource
    from navarch.kube.parallel import Outcome

__all__ = ["Journal", "told"]


class Journal:
    """What there is to say about one object; kept until its turn comes."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: list[tuple[str, str, dict[str, str]]] = []

    def debug(self, message: str, /, **attributes: str) -> None:
        self._lines.append(("DEBUG", message, attributes))

    def warn(self, message: str, /, **attributes: str) -> None:
        self._lines.append(("WARN", message, attributes))

    def about(self, resource: Resource, message: str, /, **attributes: str) -> None:
        """A line for debugging that begins with the object's namespace, name and kind."""
        self.debug(message, namespace=resource.namespace, name=resource.name, gvk=resource.gvk, **attributes)

    def say(self, client: Client) -> None:
        for level, message, attributes in self._lines:
            client.log(level, message, **attributes)


def told(
    client: Client, resources: Sequence[Resource], work: Callable[[Resource, Journal], Any]
) -> Iterator[tuple[Resource, Outcome]]:
    """Do the work on all resources at once; give what came of each, in order, once its lines are told."""
    pairs = [(resource, Journal()) for resource in resources]
    outcomes = in_parallel(pairs, lambda pair: work(*pair))
    for (resource, journal), outcome in zip(pairs, outcomes, strict=True):
        journal.say(client)
        yield resource, outcome
