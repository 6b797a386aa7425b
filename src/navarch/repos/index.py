"""A repository's index: which charts there are, in which versions, where their archives lie.

    index = Index.load("stable-index.yaml")
    index.names()                          # ["web", …]
    index.get("web", "^1.2").urls          # of the newest version that fits
    index.versions("web")                  # all of them, the newest first; read when their fields are asked for

Large indexes are looked over (`scan`), and only what is asked for is read.
"""

from __future__ import annotations

from navarch.chart.notices import notice
from navarch.errors import JsonError, NavarchError, RepositoryError, YamlError
from navarch.repos.entry import Decoder, IndexEntry
from navarch.repos.listed import Listed, problem_of
from navarch.repos.scan import Place, scan, strict
from navarch.repos.versions import choose, is_range, newest_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Self

    from navarch.repos.scan import AnyText, Scanned

    Warn = Callable[[str], object]

__all__ = ["LIMIT", "Index", "IndexEntry", "Listed", "read_index"]

LIMIT = 256 << 20
"""How many bytes an index may have: several times what the largest public repositories have."""

_SMALL = 8 << 10
"""Up to how many bytes an index is read at once: quicker than to make the expressions that look larger ones over."""

_TOP = ("apiVersion", "generated", "entries", "publicKeys", "annotations", "serverInfo")


class Index:
    """The charts of a repository.

    `generated` is a time in RFC 3339; `public_keys`, `annotations` are None where there are none. Reading is safe from
    several threads; `add` and `merge` are not.
    """

    __slots__ = ("_charts", "_sorted", "annotations", "api_version", "generated", "public_keys", "server_info")

    def __init__(self, *, generated: str | None = None) -> None:
        self.api_version = "v1"
        self.generated = _now() if generated is None else generated
        self.annotations: dict[str, str] | None = None
        self.public_keys: list[str] | None = []
        self.server_info: dict[str, Any] | None = None
        self._charts: dict[str, list[Listed]] = {}
        self._sorted: set[str] = set()

    @classmethod
    def load(cls, path: str, *, warn: Warn | None = None) -> Self:
        """The index in a file. Raises RepositoryError; OSError's words are in it too."""
        data = read_index(path)
        try:
            return cls.parse(data, source=path, warn=warn)
        except RepositoryError as error:
            raise error.within(f"error loading {path}") from None

    @classmethod
    def parse(cls, data: bytes, *, source: str = "", warn: Warn | None = None) -> Self:
        """The index in a text, YAML or JSON. `warn` is told of versions that are passed over.

        Raises RepositoryError with the message of Helm's reader.
        """
        if not data:
            raise RepositoryError("empty index.yaml file")
        if len(data) > LIMIT:
            raise RepositoryError(f"the index has more than {LIMIT} bytes")
        made = cls(generated="")
        made.public_keys = None
        made.api_version = ""
        try:
            made._fill(data, _Reader(source, warn))
        except (YamlError, JsonError) as error:
            raise RepositoryError(str(error)) from error
        if not made.api_version:
            raise RepositoryError("no API version specified")
        return made

    def _fill(self, data: bytes, reader: _Reader) -> None:
        if _may_be_json(data) and self._fill_from_json(data, reader):
            return
        found = scan(data) if len(data) > _SMALL else None
        if found is None:
            self._from_document(strict(data), Decoder(strict=True), reader)
        else:
            self._from_scanned(found, Decoder(strict=True), reader)

    def _fill_from_json(self, data: bytes, reader: _Reader) -> bool:
        """Read JSON; False where it is none."""
        from navarch.golang.json import loads
        from navarch.repos.scanlines import scan_lines

        found = scan_lines(data)
        if found is None:
            from navarch.repos.scanjson import scan_json

            try:
                text = data.decode()
            except UnicodeDecodeError:
                return False
            found = scan_json(text)
        if found is not None:
            self._from_scanned(found, Decoder(strict=False), reader)
            return True
        try:
            document = loads(text)
        except JsonError:
            return False
        self._from_document(document, Decoder(strict=False), reader)
        return True

    def _from_scanned(self, found: Scanned, decoder: Decoder, reader: _Reader) -> None:
        head = dict(found.head)
        head.pop("entries", None)
        self._head(head, decoder)
        charts = [(name, places, _decoded(places, decoder)) for name, places in found.charts.items()]
        decoder.finish()
        for name, places, odd in charts:
            self._charts[name] = reader.listed(name, places, odd, found.text)

    def _from_document(self, document: Any, decoder: Decoder, reader: _Reader) -> None:
        if document is None:
            return
        if type(document) is not dict:
            decoder.refuse(document, "", "repo.IndexFile")
            decoder.finish()
        charts = self._head(document, decoder)
        decoder.finish()
        for name, entries in charts.items():
            self._charts[name] = reader.entries(name, entries)

    def _head(self, document: Mapping[str, Any], decoder: Decoder) -> dict[str, list[IndexEntry | None]]:
        """Take the fields of the index itself; answers its charts."""
        charts: dict[str, list[IndexEntry | None]] = {}
        for key, name in decoder.keys(document, _TOP):
            value = document[key]
            if value is None:
                continue
            place = f"IndexFile.{name}"
            if name == "apiVersion":
                self.api_version = decoder.string(value, place, lenient=True)
            elif name == "generated":
                self.generated = decoder.time(value)
            elif name == "publicKeys":
                self.public_keys = decoder.strings(value, place, lenient=True)
            elif name == "annotations":
                self.annotations = decoder.string_map(value, place, lenient=True)
            elif type(value) is not dict:
                wanted = "map[string]repo.ChartVersions" if name == "entries" else "map[string]interface {}"
                decoder.refuse(value, place, wanted)
            elif name == "serverInfo":
                self.server_info = value
            else:
                charts = _entries(value, decoder)
        return charts

    def names(self) -> list[str]:
        """The charts, in the order of the index."""
        return list(self._charts)

    def __contains__(self, name: object) -> bool:
        return name in self._charts

    def __len__(self) -> int:
        return len(self._charts)

    def versions(self, name: str) -> list[Listed]:
        """A chart's versions, the newest first; none for a chart that there is not."""
        if name not in self._sorted and name in self._charts:
            self._charts[name] = newest_first(self._charts[name], _version_of)
            self._sorted.add(name)
        return self._charts.get(name, [])

    def find(self, name: str, wanted: str = "", *, warn: Warn | None = None) -> Listed:
        """The version of a chart that is exactly `wanted`, else the newest that fits the constraint.

        `warn` is told when an exact version isn't there and another one is taken. Raises RepositoryError where
        nothing fits, VersionError for a constraint that can't be read.
        """
        if name not in self._charts:
            raise RepositoryError("no chart name found")
        versions = self.versions(name)
        if not versions:
            raise RepositoryError("no chart version found")
        found = choose(versions, wanted, _version_of)
        if found is None:
            raise RepositoryError(f"no chart version found for {name}-{wanted}")
        if wanted and found.version != wanted and not is_range(wanted) and warn:
            message = "unable to find exact version requested; falling back to closest available version"
            warn(notice("WARN", message, chart=name, requested=wanted, selected=found.version))
        return found

    def get(self, name: str, wanted: str = "", *, warn: Warn | None = None) -> IndexEntry:
        """As `find`, read in full."""
        return self.find(name, wanted, warn=warn).entry

    def has(self, name: str, version: str) -> bool:
        """Whether there is such a version, or one that fits it as a constraint."""
        try:
            self.find(name, version)
        except NavarchError:
            return False
        return True

    def add(self, entry: IndexEntry, *, chart: str = "") -> None:
        """Add a version, to the chart of its own name unless another is given."""
        self._charts.setdefault(chart or entry.name, []).append(Listed(entry.version, entry=entry))
        self._sorted.discard(chart or entry.name)

    def merge(self, other: Index) -> None:
        """Add the other's versions that are not here."""
        for name in other.names():
            for listed in other._charts[name]:
                if not self.has(listed.name, listed.version):
                    self._charts.setdefault(listed.name, []).append(listed)
                    self._sorted.discard(listed.name)

    def sort(self) -> None:
        """Put all versions in order, the newest first."""
        for name in self.names():
            self.versions(name)

    def fields(self) -> dict[str, Any]:
        """The index as plain data, in the order of Go's struct."""
        from navarch.chart.metadata import normal_time

        entries = {name: [listed.entry.fields() for listed in self._charts[name]] for name in sorted(self._charts)}
        found: dict[str, Any] = {"serverInfo": self.server_info} if self.server_info else {}
        found |= {"apiVersion": self.api_version, "generated": normal_time(self.generated), "entries": entries}
        if self.public_keys:
            found["publicKeys"] = self.public_keys
        if self.annotations:
            found["annotations"] = self.annotations
        return found

    def to_yaml(self) -> str:
        """The text of index.yaml as Helm writes it."""
        from navarch.golang.yaml import dump

        text: str = dump(self.fields())
        return text

    def to_json(self) -> str:
        """The text of an index in JSON as Helm writes it."""
        from navarch.golang.json import dumps_indent

        fields = self.fields()
        fields["entries"] = {
            name: [_Struct(entry) for entry in entries] if entries is not None else None
            for name, entries in fields["entries"].items()
        }
        return dumps_indent(_Struct(fields))

    @classmethod
    def from_directory(cls, folder: str, url: str = "", *, warn: Callable[[str], None] | None = None) -> Index:
        """The index of the archives in a folder and in the folders in it. Raises NavarchError."""
        from navarch.repos.build import index_directory

        return index_directory(folder, url, warn=warn)


def read_index(path: str) -> bytes:
    """The text of an index, cut off where it has more than LIMIT bytes. Raises RepositoryError."""
    from navarch.chart.load import reason

    try:
        with open(path, "rb") as file:
            return file.read(LIMIT + 1)
    except OSError as error:
        verb = "read" if isinstance(error, IsADirectoryError) else "open"
        raise RepositoryError(f"{verb} {path}: {reason(error)}") from error


class _Struct:
    """Fields that are written in the order in which they are."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def go_json(self) -> dict[str, Any]:
        inner: dict[str, Any] = {
            name: [_Struct(item) for item in self._fields[name]]
            for name in ("maintainers", "dependencies")
            if name in self._fields
        }
        return {**self._fields, **inner}


class _Reader:
    """Keeps the versions of an index that are valid, and tells of the others."""

    def __init__(self, source: str, warn: Warn | None) -> None:
        self.source = source
        self.warn = warn

    def entries(self, name: str, entries: list[IndexEntry | None]) -> list[Listed]:
        """The valid ones of a chart's versions; Helm looks at them from the last to the first."""
        return [Listed(entry.version, entry=entry) for entry in self._valid(name, entries)]

    def _valid(self, name: str, entries: Iterable[IndexEntry | None]) -> list[IndexEntry]:
        found = []
        for entry in reversed(list(entries)):
            if entry is None:
                self._tell("skipping loading invalid entry for chart: empty entry", name=name, source=self.source)
                continue
            problem = problem_of(entry)
            if not problem:
                found.append(entry)
                continue
            message, source = "skipping loading invalid entry for chart", self.source
            self._tell(message, name=name, version=entry.version, source=source, error=problem)
        return found[::-1]

    def _tell(self, message: str, **attributes: str) -> None:
        if self.warn:
            self.warn(notice("WARN", message, **attributes))

    def listed(
        self, name: str, places: list[Place], odd: dict[Place, IndexEntry | None], text: AnyText
    ) -> list[Listed]:
        """A chart's versions: those whose form is known, and the valid ones of those that were read."""
        if not odd:
            return [Listed.at(place, text) for place in places]
        valid = {id(entry): entry for entry in self._valid(name, odd.values())}
        found = []
        for place in places:
            if place not in odd:
                found.append(Listed.at(place, text))
            elif id(odd[place]) in valid:
                entry = valid[id(odd[place])]
                found.append(Listed(entry.version, entry=entry))
        return found


def _decoded(places: list[Place], decoder: Decoder) -> dict[Place, IndexEntry | None]:
    """Those of a chart's versions that had to be read, decoded."""
    return {place: decoder.entry(place.document) if place.start >= 0 else None for place in places if not place.version}


def _entries(value: dict[str, Any], decoder: Decoder) -> dict[str, list[IndexEntry | None]]:
    """All charts of a document."""
    charts: dict[str, list[IndexEntry | None]] = {}
    for name in sorted(value) if decoder.strict else value:
        documents = value[name]
        if documents is None:
            charts[name] = []
        elif type(documents) is list:
            charts[name] = [decoder.entry(document) for document in documents]
        else:
            decoder.refuse(documents, "IndexFile.entries", "repo.ChartVersions")
    return {name: charts[name] for name in value if name in charts}


def _may_be_json(data: bytes) -> bool:
    return data[:64].lstrip(b" \t\r\n").startswith((b"{", b"[", b'"'))


def _version_of(listed: Listed) -> str:
    return listed.version


def _now() -> str:
    from navarch.repos.build import now

    return now()
