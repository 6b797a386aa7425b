"""Lint charts: find what is wrong with a folder or an archive, with values as they would be installed with."""

from __future__ import annotations

import os

from navarch.chart.capabilities import Capabilities, ReleaseInfo
from navarch.chart.lint import ERROR, INFO, WARNING, Finding, Tools, lint_folder
from navarch.chart.load import reason
from navarch.errors import ChartError, NavarchError
from navarch.manifests.render import Engine
from navarch.values.coalesce import coalesce_tables, coalesce_values, copy_values
from navarch.values.dependencies import process_dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from navarch.chart.model import Chart

    FetchSchema = Callable[[str], bytes]
    MoreFunctions = Callable[[], Mapping[str, Callable[..., Any]]]

__all__ = ["ERROR", "INFO", "WARNING", "Finding", "lint"]


def lint(
    path: str,
    values: dict[str, Any],
    *,
    namespace: str = "",
    capabilities: Capabilities | None = None,
    skip_schema: bool = False,
    fetch_schema: FetchSchema | None = None,
    more_functions: MoreFunctions | None = None,
    warn: Callable[[str], None],
) -> list[Finding]:
    """What is wrong with the chart at a path, a folder or an archive; `fetch_schema` and `more_functions`
    are Engine's.

    Raises ChartError for an archive that can't be unpacked and for what is no chart at all.
    """
    capabilities = capabilities or Capabilities()
    version = capabilities.KubeVersion
    engine = Engine(
        lint=True, more_functions=more_functions, skip_schema=skip_schema, fetch_schema=fetch_schema, warn=warn
    )
    tools = Tools(
        render=_Renderer(namespace, capabilities, engine).render,
        check_values=_Values(engine).check,
        kubernetes=(int(version.Major), int(version.Minor)),
    )
    if not path.endswith((".tgz", ".tar.gz")):
        _check_folder(path)
        return lint_folder(path, values, tools, warn=warn)
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="helm-lint") as scratch:
        folder = _unpack(path, scratch)
        _check_folder(folder)
        return lint_folder(folder, values, tools, warn=warn)


def _check_folder(path: str) -> None:
    name = os.path.normpath(os.path.join(path, "Chart.yaml"))
    try:
        os.stat(name)
    except OSError as error:
        raise ChartError(f"unable to check Chart.yaml file in chart: stat {name}: {reason(error)}") from error


def _unpack(path: str, scratch: str) -> str:
    """Unpack an archive into a folder below `scratch`, which is named as the chart is."""
    from navarch.chart.archive import read_archive
    from navarch.chart.load import load_metadata

    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ChartError(f"unable to open tarball: open {path}: {reason(error)}") from error
    try:
        files = read_archive(data)
        found = [content for name, content, _ in files if name == "Chart.yaml"]
        name = _folder_name(load_metadata(found[-1]).name if found else "")
    except NavarchError as error:
        raise ChartError(f"unable to extract tarball: {error}") from error
    folder = os.path.join(scratch, name)
    for file_name, content, _ in files:
        place = os.path.join(folder, file_name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(content)
    return folder


def _folder_name(name: str) -> str:
    """A chart's name, if a folder can be named so. Raises ChartError."""
    from navarch.golang.strconv import quote

    if not name:
        raise ChartError("chart name not specified")
    if name in (".", ".."):
        raise ChartError(f"chart name {quote(name)} is not allowed")
    if os.path.basename(name) != name:
        raise ChartError(f"chart name {quote(name)} must not contain path separators")
    return name


class _Renderer:
    """Renders charts as lint wants it: for a release of its own, `required` and `fail` let pass."""

    def __init__(self, namespace: str, capabilities: Capabilities, engine: Engine) -> None:
        self.release = ReleaseInfo(name="test-release", namespace=namespace, revision=0, is_install=False)
        self.capabilities = capabilities
        self.engine = engine

    def render(self, chart: Chart, values: dict[str, Any]) -> dict[str, str] | None:
        """The text of every template by its path; None where dependencies or values can't be processed."""
        engine = self.engine
        try:
            tree = process_dependencies(chart, values, warn=engine.warn)
            merged = coalesce_values(tree, values, warn=engine.warn)
        except NavarchError:
            return None
        scope = engine.scope(tree, merged, release=self.release, capabilities=self.capabilities)
        return engine.render_tree(tree, scope)


class _Values:
    """Holds values.yaml, and what was given over it, to the schema beside it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def check(self, values: dict[str, Any], overrides: dict[str, Any], schema: bytes) -> None:
        """Raises ValuesError where they don't fit. Values that can't be put together are told in any case."""
        engine = self.engine
        over = coalesce_tables({}, copy_values(overrides), warn=engine.warn)
        merged = coalesce_tables(over, values, warn=engine.warn)
        if schema and not engine.skip_schema:
            from navarch.values.schema import check_values

            check_values(merged, schema, fetch=engine.fetch_schema, warn=engine.warn)
