"""Chart.lock: which versions a chart's dependencies were resolved to, under a hash of what was asked for.

    lock = locked(requirements, found)
    write_lock("chart", lock, legacy=False)       # chart/Chart.lock

The hash is over names, constraints and versions, never over content; for that see `navarch.repos.pins`.
"""

from __future__ import annotations

import os

from navarch.errors import ChartError
from navarch.repos.files import write_file
from navarch.repos.hashing import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from navarch.chart.model import Dependency, Lock

__all__ = [
    "LEGACY_LOCK",
    "LOCK",
    "locked",
    "old_requirements_digest",
    "replace_file",
    "requirements_digest",
    "write_lock",
]

LOCK = "Chart.lock"
LEGACY_LOCK = "requirements.lock"
"""The lock of a chart of API version v1."""

_ALWAYS = ("name", "repository")


def locked(requirements: Sequence[Dependency], found: Sequence[Dependency]) -> Lock:
    """The lock of requirements that were resolved just now."""
    from navarch.chart.model import Lock
    from navarch.repos.build import now

    return Lock(now(), requirements_digest(requirements, found), found)


def requirements_digest(requirements: Sequence[Dependency], found: Sequence[Dependency]) -> str:
    """What a lock's `digest` has to be: "sha256:" and the hash of the JSON that Go makes of both lists."""
    return _digest(f"[{_list_json(requirements)},{_list_json(found)}]")


def old_requirements_digest(requirements: Sequence[Dependency]) -> str:
    """The digest that Helm 2 wrote, which knew only of the requirements."""
    return _digest(f'{{"dependencies":{_list_json(requirements)}}}')


def _digest(text: str) -> str:
    return f"sha256:{sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"


def _list_json(dependencies: Sequence[Dependency | None]) -> str:
    from navarch.golang.types import NilList

    if type(dependencies) is NilList:
        return "null"
    return f"[{','.join(map(_dependency_json, dependencies))}]"


def _dependency_json(dependency: Dependency | None) -> str:
    """A dependency in JSON: fields in the order of Go's struct, those without a value left out but for two."""
    from navarch.chart.metadata import dependency_fields
    from navarch.golang.json import dumps

    if dependency is None:  # a file may have that
        return "null"
    fields = dependency_fields(dependency).items()
    return "{" + ",".join(f'"{name}":{dumps(value)}' for name, value in fields if value or name in _ALWAYS) + "}"


def write_lock(folder: str, lock: Lock, *, legacy: bool) -> None:
    """Write a chart's lock file. Raises ChartError where it is a link, RepositoryError where it can't be written."""
    from navarch.chart.metadata import lock_yaml

    name = LEGACY_LOCK if legacy else LOCK
    replace_file(os.path.join(folder, name), lock_yaml(lock).encode("utf-8", "surrogateescape"))


def replace_file(path: str, data: bytes) -> None:
    """Write a file that may not be a link, since a chart may come from anywhere. Raises ChartError."""
    if os.path.islink(path):
        from navarch.golang.strconv import quote

        raise ChartError(f"the {os.path.basename(path)} file is a symlink to {quote(os.readlink(path))}")
    write_file(path, data)
