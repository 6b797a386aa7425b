"""HELM_DRIVER=memory: releases out of files instead of a cluster, for trying things out and for tests.

As with Helm, the records come from the files that HELM_MEMORY_DRIVER_DATA names (YAML lists of releases, ":" between
the names). Whatever is done to objects is imagined to succeed at once; only what templates ask of the cluster is
asked for.
"""

from __future__ import annotations

import os

from navarch.actions.context import Context
from navarch.cli.call import StartError
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from navarch.chart.capabilities import Capabilities
    from navarch.kube.client import Client
    from navarch.releases.model import Release

__all__ = ["OfflineClient", "offline_context"]

_DECODING = "error unmarshaling JSON: while decoding JSON: "


class OfflineClient:
    """A cluster that takes everything and has nothing, as far as releases are concerned.

    `open_real` opens the cluster that knows versions and answers lookups.
    """

    def __init__(self, namespace: str, open_real: Callable[[], Client]) -> None:
        self.namespace = namespace
        self.open_real = open_real

    def is_reachable(self) -> None:
        """There is nothing to reach."""

    def capabilities(self) -> Capabilities:
        return self.open_real().capabilities()

    def lookup(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any]:
        return self.open_real().lookup(api_version, kind, namespace, name)

    def build(self, _manifest: str, **_options: Any) -> list[Any]:
        return []

    def look_up(self, _resources: Sequence[Any], **_options: Any) -> list[Any]:
        return []

    def create(self, _resources: Sequence[Any], **_options: Any) -> list[Any]:
        return []

    def update(self, _original: Sequence[Any], _target: Sequence[Any], **_options: Any) -> Any:
        from navarch.kube.apply import Result

        return Result([], [], [])

    def delete(self, _resources: Sequence[Any], **_options: Any) -> tuple[list[Any], list[Any]]:
        return [], []

    def pods(self, _namespace: str, **_options: Any) -> list[dict[str, Any]]:
        return []

    def pod_logs(self, _namespace: str, _pod: str, _container: str) -> Iterator[bytes]:
        return iter(())

    def waiter(self, _strategy: str, **_options: Any) -> Any:
        return _Ready()


class _Ready:
    """A waiter for which everything is ready."""

    def wait(self, _resources: Sequence[Any], _timeout: float) -> None:
        """Nothing to wait for."""

    wait_with_jobs = wait_for_delete = watch_until_ready = wait


def offline_context(
    namespace: str, open_real: Callable[[], Client], *, say: Callable[[str], None], debugging: bool
) -> Context:
    """What actions work with offline. Raises StartError for files that can't be read."""
    from navarch.releases.drivers.memory import Memory
    from navarch.releases.storage import Storage

    driver = Memory()
    storage = Storage(driver, debug=say if debugging else None)
    for path in os.environ.get("HELM_MEMORY_DRIVER_DATA", "").split(":"):
        for release in _releases(path):
            try:
                storage.create(release)
            except NavarchError as error:
                raise StartError(str(error)) from error
    driver.namespace = namespace
    client: Any = OfflineClient(namespace, open_real)
    return Context(client, storage, namespace, say=say, debugging=debugging, leases=False)


def _releases(path: str) -> list[Release]:
    """The releases in a file. Raises StartError with Helm's words, its missing blanks included."""
    from navarch.golang.json import mismatch
    from navarch.golang.yaml import load
    from navarch.releases.codec import release_from

    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StartError(f"Unable to read memory driver dataopen {path}: {reason}") from error
    unfit = "Unable to unmarshal memory driver data: "
    try:
        found = load(text)
    except NavarchError as error:
        raise StartError(f"{unfit}{error}") from error
    if found is not None and type(found) is not list:
        raise StartError(f"{unfit}{_DECODING}{mismatch(found, '[]*v1.Release')}")
    try:
        return [release_from(fields) for fields in found or ()]
    except NavarchError as error:
        raise StartError(f"{unfit}{_DECODING}{error}") from error
