"""One version of a chart as an index describes it, and the parsed document that becomes it.

Decoding follows Go: sigs.k8s.io/yaml and encoding/json with unknown fields refused (YAML) or passed over (JSON). The
first thing that doesn't fit is told, times before everything else, in the words of encoding/json.
"""

from __future__ import annotations

from navarch.chart.decode import json_kind
from navarch.chart.metadata import normal_time
from navarch.chart.model import Dependency, Maintainer, Metadata
from navarch.errors import NavarchError, RepositoryError
from navarch.golang.types import NilList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["Decoder", "IndexEntry"]

_RFC3339 = "2006-01-02T15:04:05Z07:00"
_ATTRIBUTES = {
    "name": "name",
    "home": "home",
    "version": "version",
    "description": "description",
    "icon": "icon",
    "apiVersion": "api_version",
    "condition": "condition",
    "tags": "tags",
    "appVersion": "app_version",
    "kubeVersion": "kube_version",
    "type": "type",
}
_OLD = ("checksum", "engine", "tillerVersion", "url")
_OWN = ("urls", "created", "removed", "digest", *_OLD)
_DEPENDENCY = ("name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias")
_MAINTAINER = ("name", "email", "url")


class IndexEntry:
    """A version of a chart in an index: the chart's metadata, where its archive is, its digest.

    `created` is a time in RFC 3339, "" for none; `digest` SHA-256 in hexadecimal, perhaps behind "sha256:", or "".
    `old` keeps fields of indexes that Helm 2 wrote, by name.
    """

    __slots__ = ("created", "digest", "metadata", "old", "removed", "urls")

    def __init__(
        self,
        metadata: Metadata,
        *,
        urls: list[str] | None = None,
        created: str = "",
        digest: str = "",
        removed: bool = False,
        old: Mapping[str, str] | None = None,
    ) -> None:
        self.metadata = metadata
        self.urls = urls
        self.created = created
        self.digest = digest
        self.removed = removed
        self.old = dict(old or {})

    @property
    def name(self) -> str:
        """The chart's name."""
        return self.metadata.name

    @property
    def version(self) -> str:
        """The chart's version."""
        return self.metadata.version

    def __repr__(self) -> str:
        return f"<IndexEntry {self.name} {self.version}>"

    def fields(self) -> dict[str, Any]:
        """What an index has of it, in the order of Go's struct."""
        found = _metadata_fields(self.metadata)
        found["urls"] = self.urls
        found["created"] = normal_time(self.created)
        if self.removed:
            found["removed"] = True
        if self.digest:
            found["digest"] = self.digest
        return found | {name: self.old[name] for name in _OLD if self.old.get(name)}


def _metadata_fields(data: Metadata) -> dict[str, Any]:
    maintainers = [_present({"name": m.name, "email": m.email, "url": m.url}) for m in data.maintainers]
    return _present(
        {
            "name": data.name,
            "home": data.home,
            "sources": data.sources,
            "version": data.version,
            "description": data.description,
            "keywords": data.keywords,
            "maintainers": maintainers,
            "icon": data.icon,
            "apiVersion": data.api_version,
            "condition": data.condition,
            "tags": data.tags,
            "appVersion": data.app_version,
            "deprecated": data.deprecated,
            "annotations": data.annotations,
            "kubeVersion": data.kube_version,
            "dependencies": [_dependency_fields(dependency) for dependency in data.dependencies],
            "type": data.type,
        }
    )


def _dependency_fields(dependency: Dependency) -> dict[str, Any]:
    found: dict[str, Any] = {"name": dependency.name}
    if dependency.version:
        found["version"] = dependency.version
    found["repository"] = dependency.repository
    rest = {
        "condition": dependency.condition,
        "tags": dependency.tags,
        "enabled": dependency.enabled,
        "import-values": dependency.import_values,
        "alias": dependency.alias,
    }
    return found | _present(rest)


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


class Decoder:
    """Turns parsed documents into what they describe, and remembers the first thing that doesn't fit.

    `strict` is the way of YAML: numbers may be text, and unknown fields are wrong unless `closed` says otherwise. Else
    the document is JSON.
    """

    def __init__(self, *, strict: bool, closed: bool | None = None) -> None:
        self.strict = strict
        self.closed = strict if closed is None else closed
        self.problem = ""

    def finish(self) -> None:
        """Raise RepositoryError for the first thing that was wrong."""
        if self.problem:
            raise RepositoryError(self._worded(self.problem))

    def _worded(self, problem: str) -> str:
        return f"error unmarshaling JSON: while decoding JSON: {problem}" if self.strict else problem

    def refuse(self, value: object, place: str, wanted: str) -> None:
        """Note that a value has the wrong type. `place` is "Struct field.path", "" at the top."""
        into = f"Go struct field {place}" if place else "Go value"
        self.note(f"json: cannot unmarshal {json_kind(value)} into {into} of type {wanted}")

    def note(self, problem: str) -> None:
        """Note a problem, unless there is one already."""
        self.problem = self.problem or problem

    def keys(self, document: Mapping[str, Any], known: tuple[str, ...]) -> list[tuple[str, str]]:
        """The keys of a struct's document with the fields that they name; unknown ones are noted where strict."""
        found = []
        for key in sorted(document) if self.strict else document:
            name = key if key in known else next((n for n in known if n.casefold() == key.casefold()), "")
            if name:
                found.append((key, name))
            elif self.closed:
                from navarch.golang.strconv import quote

                self.note(f"json: unknown field {quote(key)}")
        return found

    def entry(self, document: Any) -> IndexEntry | None:
        """An item of a chart's list; None for null."""
        if document is None:
            return None
        made = IndexEntry(Metadata())
        if type(document) is not dict:
            self.refuse(document, "IndexFile.entries", "repo.ChartVersion")
            return made
        for key, name in self.keys(document, _FIELDS):
            value = document[key]
            if name in _OWN:
                self._own(made, name, value)
            else:
                self._metadata(made.metadata, name, value)
        return made

    def _own(self, entry: IndexEntry, name: str, value: Any) -> None:
        if value is None:
            return
        place = f"ChartVersion.entries.{name}"
        if name == "created":
            entry.created = self.time(value)
        elif name == "removed":
            entry.removed = self.boolean(value, place)
        elif name == "urls":
            entry.urls = self.strings(value, place, lenient=True)
        elif name == "digest":
            entry.digest = self.string(value, place, lenient=True)
        else:
            entry.old[name] = self.string(value, place, lenient=True)

    def _metadata(self, data: Metadata, name: str, value: Any) -> None:
        if value is None:
            return
        place = f"ChartVersion.entries.Metadata.{name}"
        if name in _ATTRIBUTES:
            setattr(data, _ATTRIBUTES[name], self.string(value, place))
        elif name in ("sources", "keywords"):
            setattr(data, name, self.strings(value, place))
        elif name == "deprecated":
            data.deprecated = self.boolean(value, place)
        elif name == "annotations":
            data.annotations = self.string_map(value, place)
        elif name == "maintainers":
            data.maintainers = self._structs(value, place, "Maintainer", self._maintainer)
        else:
            data.dependencies = self._structs(value, place, "Dependency", self._dependency)

    def _structs(self, value: Any, place: str, struct: str, read: Callable[[dict[str, Any]], Any]) -> list[Any]:
        """A list of pointers to structs, null for some of them maybe."""
        if type(value) is not list:
            self.refuse(value, place, f"[]*v2.{struct}")
            return NilList()
        found: list[Any] = []
        for item in value:
            if item is not None and type(item) is not dict:
                self.refuse(item, place, f"v2.{struct}")
                item = {}  # noqa: PLW2901
            found.append(None if item is None else read(item))
        return found

    def _maintainer(self, document: dict[str, Any]) -> Maintainer:
        made = Maintainer()
        for key, name in self.keys(document, _MAINTAINER):
            if document[key] is not None:
                place = f"Maintainer.entries.Metadata.maintainers.{name}"
                setattr(made, name, self.string(document[key], place))
        return made

    def _dependency(self, document: dict[str, Any]) -> Dependency:
        made = Dependency()
        for key, name in self.keys(document, _DEPENDENCY):
            value = document[key]
            place = f"Dependency.entries.Metadata.dependencies.{name}"
            if value is None:
                continue
            if name == "tags":
                made.tags = self.strings(value, place)
            elif name == "enabled":
                made.enabled = self.boolean(value, place)
            elif name == "import-values":
                made.import_values = self.anything(value, place)
            else:
                setattr(made, name, self.string(value, place))
        return made

    def string(self, value: Any, place: str, *, lenient: bool = False) -> str:
        """Text. Numbers and bools are taken where `lenient`, in YAML."""
        if type(value) is str:
            return value
        if lenient and self.strict and type(value) in (bool, int, float):
            if type(value) is bool:
                return "true" if value else "false"
            from navarch.golang.strconv import format_float

            return str(value) if type(value) is int else format_float(value, "g", -1, 32)
        self.refuse(value, place, "string")
        return ""

    def strings(self, value: Any, place: str, *, lenient: bool = False) -> list[str]:
        if type(value) is not list:
            self.refuse(value, place, "[]string")
            return []
        return ["" if item is None else self.string(item, place, lenient=lenient) for item in value]

    def string_map(self, value: Any, place: str, *, lenient: bool = False) -> dict[str, str] | None:
        if type(value) is not dict:
            self.refuse(value, place, "map[string]string")
            return None
        keys = sorted(value) if self.strict else value
        return {key: "" if value[key] is None else self.string(value[key], place, lenient=lenient) for key in keys}

    def boolean(self, value: Any, place: str) -> bool:
        if type(value) is not bool:
            self.refuse(value, place, "bool")
            return False
        return value

    def anything(self, value: Any, place: str) -> list[Any]:
        if type(value) is not list:
            self.refuse(value, place, "[]interface {}")
            return []
        return value

    def time(self, value: Any) -> str:
        """A time as it was written. Raises RepositoryError at once where it is none."""
        if type(value) is not str:
            raise RepositoryError(self._worded("Time.UnmarshalJSON: input is not a JSON string"))
        from navarch.golang.time_parse import parse_in_location
        from navarch.golang.zones import UTC

        try:
            parse_in_location(_RFC3339, value, UTC)
        except NavarchError as error:
            raise RepositoryError(self._worded(str(error))) from error
        return value


_FIELDS = (*_ATTRIBUTES, "sources", "keywords", "deprecated", "annotations", "maintainers", "dependencies", *_OWN)
