"""What an archive would do where it is unpacked: nothing in it may be, or lead, outside of the chart's folder.

Helm reads archives without unpacking them, and so looks at less: it takes absolute names for relative ones, and links
for empty files. Those who download an archive from here may unpack it by other means.
"""

from __future__ import annotations

from posixpath import dirname, join, normpath

from navarch.registry.problems import bad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["check_entries"]

_HARD, _SYMBOLIC = b"1", b"2"
_DEVICES = frozenset((b"3", b"4", b"6"))


def check_entries(archive: bytes, entries: Sequence[tuple[str, bytes]]) -> None:
    """Raise Problem (400) for absolute names, links out of the chart, devices.

    `entries` are the names and kinds of what is in the archive, as it was read; only for links it is read once more.
    """
    for name, kind in entries:
        if _is_absolute(name):
            raise bad(f"chart is invalid: {name} is an absolute path")
        if kind in _DEVICES:
            raise bad(f"chart is invalid: {name} is a device")
    if any(kind in (_HARD, _SYMBOLIC) for _, kind in entries):
        for name in _leading_out(archive):
            raise bad(f"chart is invalid: {name} links out of the chart")


def _is_absolute(path: str) -> bool:
    return path.startswith(("/", "\\")) or path[1:2] == ":"


def _leading_out(archive: bytes) -> Iterator[str]:
    """The links in an archive that lead out of the folder that they are in the first place."""
    import tarfile
    from io import BytesIO

    try:
        with tarfile.open(fileobj=BytesIO(archive), mode="r:gz") as tar:
            for entry in tar:
                written = entry.linkname
                target = join(dirname(entry.name), written) if entry.issym() else written
                top = entry.name.partition("/")[0]
                inside = normpath(target).partition("/")[0] == top
                if (entry.issym() or entry.islnk()) and (_is_absolute(written) or "\\" in written or not inside):
                    yield entry.name
    except (tarfile.TarError, OSError, EOFError) as error:
        raise bad(f"chart is invalid: {error}") from error
