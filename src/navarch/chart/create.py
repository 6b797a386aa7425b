"""New charts: a copy of our scaffold, or of a starter, in which <CHARTNAME> has become the chart's name.

The scaffold is the folder `scaffold` beside this module: a chart like any starter, which can be read there.
"""

from __future__ import annotations

import os

from navarch.chart.load import load_chart, reason
from navarch.chart.metadata import metadata_yaml
from navarch.chart.model import Metadata
from navarch.errors import ChartError, NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from navarch.chart.model import Chart

__all__ = ["create_chart", "create_from"]

PLACEHOLDER = b"<CHARTNAME>"
_MAX_NAME = 250
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_SCAFFOLD = os.path.join(os.path.dirname(__file__), "scaffold")

# The scaffold's files, in the order in which they are written.
_FILES = (
    "Chart.yaml",
    "values.yaml",
    ".helmignore",
    "templates/ingress.yaml",
    "templates/httproute.yaml",
    "templates/deployment.yaml",
    "templates/service.yaml",
    "templates/serviceaccount.yaml",
    "templates/hpa.yaml",
    "templates/NOTES.txt",
    "templates/_helpers.tpl",
    "templates/tests/test-connection.yaml",
)


def create_chart(name: str, folder: str, *, api_version: str = "v2", warn: Callable[[str], None]) -> str:
    """Write a chart into `folder`/`name` and answer its path; `warn` is told of files that were there.

    Raises ChartError for a name that no chart can have, and for a place that can't be written to.
    """
    _check_name(name)
    place = os.path.normpath(os.path.join(_existing_folder(folder), name))
    _refuse_file(place)
    for file in _FILES:
        path = os.path.join(place, file)
        if os.path.exists(path):
            from navarch.golang.strconv import quote

            warn(f"WARNING: File {quote(path)} already exists. Overwriting.")
        with open(os.path.join(_SCAFFOLD, file), "rb") as source:
            data = source.read()
        if file == "Chart.yaml":
            data = data.replace(b"apiVersion: v2", f"apiVersion: {api_version}".encode())
            data = data.replace(b"name: " + PLACEHOLDER, b"name: " + _yaml(name))
        _write(path, data.replace(PLACEHOLDER, name.encode()))
    _make_folder(os.path.join(place, "charts"))
    return place


def create_from(name: str, folder: str, starter: str, *, api_version: str = "v2") -> str:
    """Write a copy of the chart `starter` into `folder`/`name`, with metadata of its own, and answer its path.

    Raises ChartError for a starter that can't be loaded and for a place that can't be written to.
    """
    try:
        chart = load_chart(starter)
    except NavarchError as error:
        raise ChartError(f"could not load {starter}: {error}", hint=error.hint) from error
    if os.path.basename(name) != name:
        from navarch.golang.strconv import quote

        raise ChartError(f"{quote(name)} is not a valid chart name")
    place = os.path.join(folder, name)
    _refuse_file(place)
    metadata = Metadata(
        name,
        "0.1.0",
        api_version=api_version,
        app_version="0.1.0",
        description=f"What {name} is, in a sentence",
        type="application",
    )
    _write(os.path.join(place, "Chart.yaml"), metadata_yaml(metadata).encode("utf-8", "surrogateescape"))
    for file, data in _copied(chart, name.encode("utf-8", "surrogateescape")):
        _write(os.path.join(place, file), data)
    _keep_dependencies(chart, os.path.join(place, "charts"))
    return place


def _copied(chart: Chart, name: bytes) -> Iterator[tuple[str, bytes]]:
    """A starter's files as a new chart has them: values and templates speak of the new name."""
    values = chart.raw_file("values.yaml")
    if values is not None:
        yield "values.yaml", values.replace(PLACEHOLDER, name)
    if chart.schema is not None:
        yield "values.schema.json", chart.schema
    for file, data in chart.templates:
        yield file, data.replace(PLACEHOLDER, name)
    yield from chart.files


def _keep_dependencies(chart: Chart, folder: str) -> None:
    """The starter's own dependencies, each as an archive."""
    if not chart.dependencies:
        return
    from navarch.chart.package import save_chart

    for child in chart.dependencies:
        save_chart(child, folder)


def _yaml(name: str) -> bytes:
    """A name as a YAML string, in quotes if it would be something else without them."""
    from navarch.golang.yaml import dump

    text: str = dump(name)
    return text.rstrip("\n").encode()


def _check_name(name: str) -> None:
    if not 0 < len(name.encode("utf-8", "surrogateescape")) <= _MAX_NAME:
        raise ChartError(f"chart name must be between 1 and {_MAX_NAME} characters")
    if not _NAME_CHARACTERS.issuperset(name):
        raise ChartError('chart name must match the regular expression "^[a-zA-Z0-9._-]+$"')


def _existing_folder(folder: str) -> str:
    path = os.path.abspath(folder)
    try:
        os.stat(path)
    except OSError as error:
        raise ChartError(f"stat {path}: {reason(error)}") from error
    if not os.path.isdir(path):
        raise ChartError(f"no such directory {path}")
    return path


def _refuse_file(place: str) -> None:
    if os.path.exists(place) and not os.path.isdir(place):
        raise ChartError(f"file {place} already exists and is not a directory")


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, mode=0o755, exist_ok=True)
    except OSError as error:
        raise ChartError(f"mkdir {error.filename or path}: {reason(error)}") from error


def _write(path: str, data: bytes) -> None:
    _make_folder(os.path.dirname(path))
    try:
        with open(path, "wb") as file:
            file.write(data)
    except OSError as error:
        raise ChartError(f"open {path}: {reason(error)}") from error
