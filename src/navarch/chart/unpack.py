"""An archive's files put into a folder of the chart's name, byte for byte, as `pull --untar` does."""

from __future__ import annotations

import os

from navarch.chart.archive import read_archive
from navarch.chart.load import load_metadata, reason
from navarch.errors import ChartError

__all__ = ["unpack_chart"]


def unpack_chart(archive: str, folder: str) -> str:
    """Unpack into FOLDER/NAME, where NAME is the chart's; answers that path. Raises ChartError.

    Nothing is written outside of that folder, whatever links lie in it. Archives are read whole before anything is
    written.
    """
    try:
        with open(archive, "rb") as file:
            files = read_archive(file.read())
    except OSError as error:
        raise ChartError(f"open {archive}: {reason(error)}") from error
    target = os.path.join(os.path.normpath(folder), _name(files))
    root = os.path.realpath(target)
    if root == os.path.realpath(folder):
        raise ChartError(f'chart name "{os.path.basename(target)}" resolves to the extraction root')
    for name, content, _ in files:
        _write(root, name, content)
    return target


def _name(files: list[tuple[str, bytes, int]]) -> str:
    """The chart's name, which becomes a folder's."""
    name = ""
    for path, content, _ in files:
        if path == "Chart.yaml":
            try:
                name = load_metadata(content).name
            except ChartError as error:
                raise error.within("cannot load Chart.yaml") from None
    if not name:
        raise ChartError("chart name not specified")
    if name in (".", ".."):
        raise ChartError(f'chart name "{name}" is not allowed')
    if "/" in name or "\0" in name:
        raise ChartError(f'chart name "{name}" must not contain path separators')
    return name


def _write(root: str, name: str, content: bytes) -> None:
    path = os.path.join(root, name)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        inside = os.path.realpath(path)
        if not inside.startswith(f"{root}{os.sep}"):
            raise ChartError(f"{name} leads out of {root}")
        with open(inside, "wb") as file:
            file.write(content)
    except OSError as error:
        raise ChartError(f"open {path}: {reason(error)}") from error
