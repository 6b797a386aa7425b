"""The chart as loaded: what `load` makes, and what values, templates, lint and package work on.

    Chart
    ├── metadata      Chart.yaml (and requirements.yaml of v1 charts), typed
    ├── lock          Chart.lock
    ├── values        values.yaml as a mapping; its text is in raw
    ├── schema        values.schema.json
    ├── templates     files under templates/
    ├── files         the rest: README.md, crds/, what .Files shows
    ├── raw           every file as it was found
    └── dependencies  charts under charts/

Nothing here is changed after loading, so a chart can be rendered by several threads at once; what differs from one
render to the next (aliases, charts that are switched off, imported values) is a new tree that shares the files.
"""

from __future__ import annotations

from navarch.golang.types import NilList, StringMap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from navarch.chart.documents import Parse
    from navarch.chart.load import Warn

    File = tuple[str, bytes]

__all__ = ["Chart", "Dependency", "Lock", "Maintainer", "Metadata"]


class Maintainer:
    """A person or group behind a chart."""

    __slots__ = ("email", "name", "url")

    def __init__(self, name: str = "", email: str = "", url: str = "") -> None:
        self.name = name
        self.email = email
        self.url = url


class Dependency:
    """A chart that another chart names in its Chart.yaml.

    `version` is a constraint in Chart.yaml and exact in a lock. `enabled` is what conditions and tags decided, once
    `process_dependencies` has looked at the values. `import_values` holds names of exports and {child, parent} maps.
    """

    __slots__ = ("alias", "condition", "enabled", "import_values", "name", "repository", "tags", "version")

    def __init__(
        self,
        name: str = "",
        version: str = "",
        repository: str = "",
        *,
        condition: str = "",
        tags: Iterable[str] = (),
        enabled: bool = False,
        import_values: Iterable[Any] = (),
        alias: str = "",
    ) -> None:
        self.name = name
        self.version = version
        self.repository = repository
        self.condition = condition
        self.tags = list(tags)
        self.enabled = enabled
        self.import_values = list(import_values)
        self.alias = alias

    def copy(self) -> Dependency:
        """One that can be renamed and switched off without touching this one."""
        return Dependency(
            self.name,
            self.version,
            self.repository,
            condition=self.condition,
            tags=self.tags,
            enabled=self.enabled,
            import_values=self.import_values,
            alias=self.alias,
        )


class Lock:
    """The exact versions that Chart.lock pins; `digest` is a hash of constraints and versions, not of content.

    `dependencies` is a NilList where the file doesn't name any.
    """

    __slots__ = ("dependencies", "digest", "generated")

    def __init__(self, generated: str = "", digest: str = "", dependencies: Iterable[Dependency] | None = None) -> None:
        self.generated = generated
        self.digest = digest
        unnamed = dependencies is None or type(dependencies) is NilList
        self.dependencies: list[Dependency] = NilList() if unnamed else list(dependencies or ())


class Metadata:
    """The fields of Chart.yaml.

    `annotations` is None where the file has none. `dependencies` is a NilList where the file doesn't name any: such a
    chart's children are not looked at for conditions and aliases.
    """

    __slots__ = (
        "annotations",
        "api_version",
        "app_version",
        "condition",
        "dependencies",
        "deprecated",
        "description",
        "home",
        "icon",
        "keywords",
        "kube_version",
        "maintainers",
        "name",
        "sources",
        "tags",
        "type",
        "version",
    )

    def __init__(
        self,
        name: str = "",
        version: str = "",
        *,
        api_version: str = "",
        app_version: str = "",
        description: str = "",
        type: str = "",  # noqa: A002 - the name of the field in Chart.yaml
        home: str = "",
        icon: str = "",
        sources: Iterable[str] = (),
        keywords: Iterable[str] = (),
        maintainers: Iterable[Maintainer] = (),
        condition: str = "",
        tags: str = "",
        deprecated: bool = False,
        annotations: Mapping[str, str] | None = None,
        kube_version: str = "",
        dependencies: Iterable[Dependency] | None = None,
    ) -> None:
        self.name = name
        self.version = version
        self.api_version = api_version
        self.app_version = app_version
        self.description = description
        self.type = type
        self.home = home
        self.icon = icon
        self.sources = list(sources)
        self.keywords = list(keywords)
        self.maintainers = list(maintainers)
        self.condition = condition
        self.tags = tags
        self.deprecated = deprecated
        self.annotations = None if annotations is None else dict(annotations)
        self.kube_version = kube_version
        self.dependencies: list[Dependency] = NilList() if dependencies is None else list(dependencies)

    def copy(self) -> Metadata:
        """One whose name and dependencies can be changed without touching this one; the other lists are shared."""
        new: Metadata = Metadata.__new__(Metadata)
        for slot in Metadata.__slots__:
            setattr(new, slot, getattr(self, slot))
        if type(self.dependencies) is not NilList:
            new.dependencies = [dependency.copy() for dependency in self.dependencies]
        return new


class Chart:
    """A chart with its children.

    `full_path` is "parent/charts/child", the prefix of its template names. `modified` has the time of each file
    that has one, in nanoseconds since 1970. Children are placed below their parent when it is made.
    """

    __slots__ = (
        "dependencies",
        "files",
        "full_path",
        "lock",
        "memo",
        "metadata",
        "modified",
        "raw",
        "schema",
        "templates",
        "values",
        "values_memo",
    )

    def __init__(
        self,
        metadata: Metadata,
        *,
        values: dict[str, Any] | None = None,
        templates: Iterable[File] = (),
        files: Iterable[File] = (),
        raw: Iterable[File] = (),
        schema: bytes | None = None,
        lock: Lock | None = None,
        dependencies: Iterable[Chart] = (),
        modified: Mapping[str, int] | None = None,
        parent: str = "",
        values_memo: dict[str, Any] | None = None,
    ) -> None:
        self.metadata = metadata
        self.values: dict[str, Any] = {} if values is None else values
        self.templates = tuple(templates)
        self.files = tuple(files)
        self.raw = tuple(raw)
        self.schema = schema
        self.lock = lock
        self.modified: Mapping[str, int] = modified or {}
        self.full_path = f"{parent}/charts/{metadata.name}" if parent else metadata.name
        self.dependencies = tuple(child.below(self.full_path) for child in dependencies)
        self.memo: dict[str, Any] = {}
        """What was computed from this chart alone, kept by those who compute it; lost when the chart is copied."""
        self.values_memo: dict[str, Any] = {} if values_memo is None else values_memo
        """What was computed from `values` alone; charts with the same values share it."""

    @staticmethod
    def from_files(files: Mapping[str, bytes], *, parse: Parse | None = None, warn: Warn | None = None) -> Chart:
        """The chart made of files given by their path in it: {"Chart.yaml": b"…", "charts/sub-1.0.tgz": b"…"}.

        Raises ChartError as `load_chart` does.
        """
        from navarch.chart.load import chart_from_files

        return chart_from_files(files, parse=parse, warn=warn)

    def save(self, folder: str, *, epoch: int | None = None) -> str:
        """Write the chart's archive, NAME-VERSION.tgz, into a folder, and answer its path.

        The archive is there whole, or not at all. `epoch` is the time, in seconds, that its files get instead of their
        own, for archives that are the same each time. Raises ChartError.
        """
        from navarch.chart.package import save_chart

        return save_chart(self, folder, epoch=epoch)

    def derive(
        self,
        metadata: Metadata,
        dependencies: Iterable[Chart],
        *,
        values: dict[str, Any] | None = None,
        parent: str = "",
    ) -> Chart:
        """The same files under another name, with other children, perhaps with other values."""
        return Chart(
            metadata,
            values=self.values if values is None else values,
            templates=self.templates,
            files=self.files,
            raw=self.raw,
            schema=self.schema,
            lock=self.lock,
            dependencies=dependencies,
            modified=self.modified,
            parent=parent,
            values_memo=self.values_memo if values is None else None,
        )

    def below(self, parent: str) -> Chart:
        """The same chart as a child of the chart whose full path is `parent`."""
        if self.full_path == f"{parent}/charts/{self.metadata.name}":
            return self
        return self.derive(self.metadata, self.dependencies, parent=parent)

    @property
    def name(self) -> str:
        """The name in Chart.yaml, or the alias under which a parent uses the chart."""
        return self.metadata.name

    @property
    def is_library(self) -> bool:
        """Whether the chart only has definitions for others to include."""
        return self.metadata.type.lower() == "library"

    def raw_file(self, name: str) -> bytes | None:
        """The content of a file as it was found, or None."""
        return next((data for found, data in self.raw if found == name), None)

    def crds(self) -> list[tuple[str, bytes]]:
        """The manifests in crds/, this chart's before its children's, as (path with the chart's, content)."""
        found = [
            (f"{self.full_path}/{name}", data)
            for name, data in self.files
            if name.startswith("crds/") and name.lower().endswith((".yaml", ".yml", ".json"))
        ]
        for child in self.dependencies:
            found += child.crds()
        return found

    def metadata_map(self) -> dict[str, Any]:
        """What templates see as .Chart, except IsRoot: Go's names of the fields, zero values included."""
        data = self.metadata
        annotations = data.annotations
        return {
            "Name": data.name,
            "Home": data.home,
            "Sources": list(data.sources),
            "Version": data.version,
            "Description": data.description,
            "Keywords": list(data.keywords),
            "Maintainers": [{"Name": m.name, "Email": m.email, "URL": m.url} for m in data.maintainers],
            "Icon": data.icon,
            "APIVersion": data.api_version,
            "Condition": data.condition,
            "Tags": data.tags,
            "AppVersion": data.app_version,
            "Deprecated": data.deprecated,
            "Annotations": _NilStringMap() if annotations is None else StringMap(annotations),
            "KubeVersion": data.kube_version,
            "Dependencies": [_dependency_map(dependency) for dependency in data.dependencies],
            "Type": data.type,
        }


class _NilStringMap(StringMap):
    """Go's nil map[string]string, the annotations of a chart without any."""

    __slots__ = ()
    go_nil = True


def _dependency_map(dependency: Dependency) -> dict[str, Any]:
    return {
        "Name": dependency.name,
        "Version": dependency.version,
        "Repository": dependency.repository,
        "Condition": dependency.condition,
        "Tags": list(dependency.tags),
        "Enabled": dependency.enabled,
        "ImportValues": list(dependency.import_values),
        "Alias": dependency.alias,
    }
