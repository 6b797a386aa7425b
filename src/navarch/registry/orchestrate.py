"""Charts made of other charts: a plan's tree, the sources it names, and one archive of them.

The same plan over the same sources is the same bytes: files are sorted, children too, and all have one time.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import YamlError
from navarch.registry.layouts import schemas_of, values_of
from navarch.registry.plan import HELM
from navarch.registry.problems import Problem, bad, invalid, missing, too_large

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from navarch.chart.model import Chart, Dependency, Metadata
    from navarch.registry.plan import Node, Package, Plan
    from navarch.registry.store.store import Store

    Fetch = Callable[[Package], Chart]

__all__ = ["Tree", "orchestrate", "sources"]

_REWRITTEN = frozenset(
    (
        "Chart.yaml",
        "Chart.lock",
        "requirements.yaml",
        "requirements.lock",
        "values.yaml",
        "values.schema.json",
    )
)
_SOURCES = 4
"""How many times what an archive may hold all sources together may hold."""


class Tree(NamedTuple):
    """A node with the chart that it is made of.

    `key` is the name under which the parent's source sets values for it; "" for what isn't from there.
    """

    name: str
    key: str
    node: Node
    source: Chart
    children: tuple[Tree, ...]

    def walk(self) -> Iterator[Tree]:
        """The node itself and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def walk_below(self, path: tuple[str, ...] = ()) -> Iterator[tuple[Tree, tuple[str, ...]]]:
        """The same, each with the names that lead to it from here."""
        yield self, path
        for child in self.children:
            yield from child.walk_below((*path, child.name))


def orchestrate(plan: Plan, fetch: Fetch, *, most: int = 0) -> bytes:
    """The archive of what a plan asks for. `fetch` gets the chart of an independent package.

    `most` is how many bytes the files may have together (0: any number). Raises Problem (400, 404, 413).
    """
    try:
        root = _tree(plan.chart, plan.root, None, fetch)
        return _archive(plan, root, most)
    except RecursionError:
        raise bad("config is nested too deeply") from None
    except YamlError as error:  # what YAML can't spell: control characters, keys of more than 1,024 characters
        raise bad(f"config is invalid: {error}") from error


def sources(store: Store) -> Fetch:
    """What gets charts out of a store, each once, for one orchestration. Raises Problem (400, 404, 413)."""
    known: dict[Package, Chart] = {}
    most = _SOURCES * store.limits.decompressed

    def fetch(package: Package) -> Chart:
        if package not in known:
            known[package] = _stored(store, package)
            if most and sum(map(_size, known.values())) > most:
                raise too_large("all sources of the chart", most)
        return known[package]

    return fetch


def _stored(store: Store, package: Package) -> Chart:
    from navarch.registry.store.reading import load

    store.names.check_chart(package.chart)
    store.names.check_version(package.version)
    try:
        record = store.space(package.space).record(package.chart, package.version)
        return load(store.archive(record), store.names, store.limits)
    except Problem as problem:
        if problem.status != 404:
            raise
        raise missing(f"{package.space}/{package.chart}/{package.version}") from None


def _size(chart: Chart) -> int:
    return sum(len(data) for _, data in chart.raw)


def _tree(name: str, node: Node, parent: Chart | None, fetch: Fetch) -> Tree:
    package = node.package
    if package.independent:
        source, key = fetch(package), ""
    elif parent is None:
        raise invalid("parent chart", f"{package.chart}/{package.version}")
    else:
        source, key = _subchart(parent, package)
    return Tree(name, key, node, source, tuple(_tree(k, n, source, fetch) for k, n in node.children.items()))


def _subchart(parent: Chart, package: Package) -> tuple[Chart, str]:
    """A chart in another's charts/, by its name or its alias, and where the other's values for it are."""
    wanted = package.chart
    aliases = [one for one in parent.metadata.dependencies if one.alias]
    alias = next((one for one in aliases if one.alias == wanted), None)
    name = alias.name if alias else wanted
    found = next((child for child in parent.dependencies if child.name in (wanted, name)), None)
    if found is None:
        raise missing(f"{wanted}/{package.version} in {parent.name}/{parent.metadata.version}")
    if alias is None and all(one.alias for one in parent.metadata.dependencies if one.name == wanted):
        alias = next((one for one in aliases if one.name == wanted), None)
    return found, alias.alias if alias else found.name


def _archive(plan: Plan, root: Tree, most: int) -> bytes:
    from navarch.chart.package import pack

    values, schemas = values_of(root, plan.layout), schemas_of(root, plan.layout)
    entries: list[tuple[str, bytes, int]] = []
    left = most
    for tree, path in root.walk_below((plan.chart,)):
        folder = "/charts/".join(path)
        for name, data in _files(plan, tree, values[id(tree)], schemas[id(tree)], root):
            left -= len(data)
            if most and left < 0:
                raise too_large("decompressed chart", most)
            entries.append((f"{folder}/{name}", data, 0))
    return pack(_unignored(entries, plan.chart))


def _files(
    plan: Plan, tree: Tree, values: bytes | None, schema: bytes | None, root: Tree
) -> Iterator[tuple[str, bytes]]:
    """The files of one chart of the result: those that say what it is, then its source's."""
    metadata = _metadata(plan, tree, root)
    yield from written(metadata)
    if values is not None:
        yield "values.yaml", values
    if schema is not None:
        yield "values.schema.json", schema
    own = {name: data for name, data in tree.source.raw if name not in _REWRITTEN and not name.startswith("charts/")}
    yield from sorted(own.items())


def _metadata(plan: Plan, tree: Tree, root: Tree) -> Metadata:
    from navarch.chart.checks import sanitize
    from navarch.golang.types import NilList

    metadata = tree.source.metadata.copy()
    metadata.name = tree.name
    if tree is root:
        metadata.version, metadata.description = plan.version, sanitize(plan.description)
    listed = [_dependency(tree.source.metadata, child, plan.layout) for child in tree.children]
    metadata.dependencies = listed or NilList()
    return metadata


def _dependency(metadata: Metadata, child: Tree, layout: str) -> Dependency:
    """A line in a list of dependencies. What a parent imports from a child's values stays, where there are values."""
    from navarch.chart.model import Dependency

    before = next((one for one in metadata.dependencies if child.key == (one.alias or one.name)), None)
    imports = before.import_values if before and layout == HELM else ()
    return Dependency(child.name, child.source.metadata.version, import_values=imports)


def written(metadata: Metadata) -> Iterator[tuple[str, bytes]]:
    """Chart.yaml, and requirements.yaml where the API version keeps dependencies apart."""
    from navarch.chart.metadata import metadata_yaml, requirements_yaml

    old = metadata.api_version == "v1"
    yield "Chart.yaml", metadata_yaml(metadata, dependencies=not old).encode("utf-8", "surrogateescape")
    if old and metadata.dependencies:
        yield "requirements.yaml", requirements_yaml(metadata).encode("utf-8", "surrogateescape")


def _unignored(entries: list[tuple[str, bytes, int]], chart: str) -> Iterator[tuple[str, bytes, int]]:
    """The same, without a .helmignore that would leave out some of it: Helm's lint unpacks archives, and then obeys."""
    from navarch.chart.ignore import parse_rules
    from navarch.errors import NavarchError

    ignore = f"{chart}/.helmignore"
    text = next((data for name, data, _ in entries if name == ignore), None)
    keep = True
    if text is not None:
        try:
            rules = parse_rules(text)
            paths = [name.removeprefix(f"{chart}/") for name, _, _ in entries]
            folders = {path[:at] for path in paths for at in range(len(path)) if path[at] == "/"}
            ignored = (rules.ignore(path, folder=False) for path in paths)
            keep = not (any(ignored) or any(rules.ignore(folder, folder=True) for folder in folders))
        except NavarchError:
            keep = False
    return (entry for entry in entries if keep or entry[0] != ignore)
