"""templates/.Chart.lock.sha256: the digests of the archives that the versions in a lock were.

    # made by dependency update, checked by dependency build
    4f8e…  charts/redis-20.1.0.tgz

A lock names versions, and a repository may change what it has under a version. The digests stand in a file of their
own, so that Helm reads the lock as ever, and in the one place that Helm and we leave out when a chart is loaded: the
file is in no package, and templates don't see it. `sha256sum --check` reads it in the chart's folder. A digest counts
for as long as an archive has this name, whoever wrote the lock.
"""

from __future__ import annotations

import os

from navarch.errors import ChartError, IntegrityError
from navarch.repos.files import folder_of
from navarch.repos.lock import LEGACY_LOCK, LOCK, replace_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_pin", "pins_path", "read_pins", "write_pins"]

_HEAD = "# The archives of the lock file's versions. `nav dependency build` takes no others.\n"
_FOLDER = "charts/"
_LIMIT = 1 << 20
_HEX = frozenset("0123456789abcdef")


def pins_path(folder: str, *, legacy: bool = False) -> str:
    """Where the digests of a chart's dependencies are."""
    return os.path.join(folder, "templates", f".{LEGACY_LOCK if legacy else LOCK}.sha256")


def read_pins(path: str) -> dict[str, str]:
    """Digests (64 hexadecimal digits) by the names of archives; none where there is no file.

    Raises ChartError for a file that can't be read, or that has other lines.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            text = file.read(_LIMIT + 1)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        from navarch.chart.load import reason

        raise ChartError(f"open {path}: {reason(error)}") from error
    if len(text) > _LIMIT:
        raise ChartError(f"{path} has more than {_LIMIT} characters")
    return dict(_pin(path, line) for line in text.split("\n") if line and not line.startswith("#"))


def _pin(path: str, line: str) -> tuple[str, str]:
    digest, _, place = line.partition(" ")
    name = place[1:].removeprefix(_FOLDER)
    if len(digest) != 64 or not _HEX.issuperset(digest) or place[:1] not in (" ", "*") or not name:
        from navarch.golang.strconv import quote

        raise ChartError(f"{path}: {quote(line)} is no digest of an archive")
    return name, digest


def write_pins(path: str, pins: Mapping[str, str]) -> None:
    """Write digests by names; without any, the file goes. What is there already isn't written again."""
    if not pins:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        return
    lines = "".join(f"{digest}  {_FOLDER}{name}\n" for name, digest in sorted(pins.items()))
    data = (_HEAD + lines).encode("utf-8", "surrogateescape")
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return
    except OSError:
        pass
    folder_of(path)
    replace_file(path, data)


def check_pin(pins: Mapping[str, str], name: str, digest: str, path: str) -> None:
    """Raise IntegrityError for an archive that is not the one that was there when the lock was written."""
    known = pins.get(name, digest)
    if known != digest:
        raise IntegrityError(
            f"{name} has the digest sha256:{digest}, but {os.path.basename(path)} says sha256:{known}",
            hint="the repository has changed this version since; `dependency update` takes it as it is now",
        )
