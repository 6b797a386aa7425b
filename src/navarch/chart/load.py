"""Charts from a folder, an archive or memory.

The rules are Helm's: which file goes where, what may be missing, what is refused. Everything is read before anything
is made of it, so that a chart is whole or there is none.
"""

from __future__ import annotations

import os
from errno import ELOOP
from stat import S_ISDIR, S_ISREG

from navarch.chart.checks import check_metadata
from navarch.chart.decode import InexactError, decode_api_version, decode_metadata
from navarch.chart.documents import load_values, parse_yaml
from navarch.chart.model import Chart, Metadata
from navarch.errors import ChartError, ValuesError, YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeVar

    from navarch.chart.archive import Room
    from navarch.chart.documents import Parse
    from navarch.chart.ignore import Rules
    from navarch.chart.model import Lock

    T = TypeVar("T")
    Warn = Callable[[str], None]

    # a path in the chart, the content, the time of the last change in nanoseconds since 1970 (None where unknown)
    File = tuple[str, bytes, int | None]

__all__ = ["MAX_SIZE", "chart_from_files", "load_chart", "load_metadata"]

MAX_SIZE = 100 * 1024 * 1024
"""How many bytes the files of a chart may have together."""

_BOM = b"\xef\xbb\xbf"


def load_chart(
    source: str | os.PathLike[str] | bytes,
    *,
    parse: Parse | None = None,
    warn: Warn | None = None,
    detect: bool = True,
    room: Room | None = None,
    kinds: list[tuple[str, bytes]] | None = None,
) -> Chart:
    """The chart in a folder, in an archive file, or in the bytes of an archive.

    `parse` reads YAML (a cache can stand behind it); `warn` is given the lines that Helm writes to stderr. Without
    `detect` the chart is read by the rules of v1 and v2 whatever its API version says, as commands do that only look.
    `room` is for an archive and those in it together; each of them has Helm's own, where none is given. `kinds` gets
    the entries of an archive in memory, not of those in it, as (name, kind), as they are written there.
    Raises ChartError with Helm's words where the chart can't be read or isn't valid.
    """
    loader = _Loader(parse or parse_yaml, warn or _silent, detect=detect, room=room)
    if isinstance(source, bytes):
        return loader.archive(source, kinds)
    path = os.fspath(source)
    try:
        folder = S_ISDIR(os.stat(path).st_mode)
    except (OSError, ValueError) as error:
        raise ChartError(f"stat {path}: {reason(error)}") from error
    return loader.folder(os.path.abspath(path)) if folder else loader.archive_file(path)


def chart_from_files(files: Mapping[str, bytes], *, parse: Parse | None = None, warn: Warn | None = None) -> Chart:
    """The chart made of files in memory, by their path in the chart. Raises ChartError as `load_chart` does."""
    loader = _Loader(parse or parse_yaml, warn or _silent)
    listed: list[File] = [(name, data.removeprefix(_BOM), None) for name, data in files.items()]
    return loader.detect(listed, "Chart.yaml file is missing")


def load_metadata(data: bytes, *, parse: Parse | None = None) -> Metadata:
    """A Chart.yaml alone, not validated. Raises ChartError where it can't be read."""
    metadata = Metadata()
    _Loader(parse or parse_yaml, _silent).decode(data, _into(metadata, "v2"))
    return metadata


def reason(error: OSError | ValueError) -> str:
    """An operating system's error in Go's words: "no such file or directory"."""
    text = getattr(error, "strerror", None)
    return text[:1].lower() + text[1:] if text else "invalid argument"


def _silent(_line: str) -> None:
    pass


def _into(metadata: Metadata, package: str) -> Callable[[Any, bool], None]:
    """What fills a metadata from a document."""
    return lambda document, exact: decode_metadata(document, metadata, package=package, exact=exact)


class _Loader:
    """One load: how to read YAML, and whom to tell."""

    __slots__ = ("detects", "first", "parse", "room", "warn")

    def __init__(self, parse: Parse, warn: Warn, *, detect: bool = True, room: Room | None = None) -> None:
        self.room = room
        self.detects = detect
        self.parse = parse
        self.warn = warn
        self.first: tuple[bytes, Any] = (b"", None)
        """The top Chart.yaml, which is looked at twice: for its API version, then for all of it."""

    def document(self, data: bytes) -> Any:
        if data != self.first[0]:
            return self.parse(data)
        return self.first[1]

    def decode(self, data: bytes, read: Callable[[Any, bool], T]) -> T:
        """What `read` makes of a YAML document. Raises ChartError with the YAML error's words."""
        try:
            try:
                return read(self.document(data), False)
            except (InexactError, YamlError):
                return read(self.parse(data, exact=True), True)
        except YamlError as error:
            raise ChartError(str(error)) from error

    def folder(self, top: str) -> Chart:
        """The chart in a folder; `top` is its absolute path."""
        if not self.detects:
            return self.assemble(_Walk(top, self.warn).files(), "v2")
        name = f"{top.rstrip('/')}/Chart.yaml"
        try:
            data = _read(name)
        except OSError as error:
            raise ChartError(f"unable to detect chart at {name}: open {name}: {reason(error)}") from error
        package = self.package(data.removeprefix(_BOM))
        return self.assemble(_Walk(top, self.warn).files(), package)

    def archive_file(self, path: str) -> Chart:
        """The chart in an archive file."""
        from navarch.chart.archive import BadGzipError, check_archive

        try:
            data = _read(path)
        except OSError as error:
            raise ChartError(f"open {path}: {reason(error)}") from error
        check_archive(path, data)
        try:
            return self.detect(self.entries(data), "unable to detect chart version, no Chart.yaml found")
        except BadGzipError as error:
            # of this archive or of one in it
            raise ChartError(f"file '{path}' does not appear to be a valid chart file (details: {error})") from error

    def entries(self, data: bytes) -> list[File]:
        """The files of an archive file; what is wrong with it, but for gzip itself, is only told to lint."""
        from navarch.chart.archive import BadGzipError, read_archive

        try:
            return [*read_archive(data, self.room)]
        except ChartError as error:
            if not self.detects or isinstance(error, BadGzipError):
                raise
            raise ChartError("unable to load chart archive", hint=str(error)) from error

    def archive(self, data: bytes, kinds: list[tuple[str, bytes]] | None) -> Chart:
        """The chart in an archive's bytes."""
        from navarch.chart.archive import BadGzipError, read_archive

        try:
            entries = read_archive(data, self.room, kinds)
        except BadGzipError as error:
            raise ChartError(f"stream does not appear to be a valid chart file (details: {error})") from error
        except ChartError as error:
            raise ChartError(f"unable to load chart archive: {error}") from error
        return self.detect([*entries], "unable to detect chart version, no Chart.yaml found")

    def detect(self, files: list[File], missing: str) -> Chart:
        """The chart made of files, by the rules of the API version that its Chart.yaml names."""
        if not self.detects:
            return self.assemble(files, "v2")
        data = next((data for name, data, _ in files if name == "Chart.yaml"), None)
        if data is None:
            raise ChartError(missing)
        return self.assemble(files, self.package(data))

    def package(self, data: bytes) -> str:
        """The Go package of a Chart.yaml's API version: "v2" (which reads v1 too) or "v3"."""

        def read(document: Any, exact: bool) -> str:
            self.first = (data, document)
            return decode_api_version(document, exact=exact)

        try:
            version = self.decode(data, read)
        except ChartError as error:
            raise ChartError(f"cannot load Chart.yaml: {error}") from error
        if version not in {"", "v1", "v2", "v3"}:
            raise ChartError("unsupported chart version")
        return "v3" if version == "v3" else "v2"

    def assemble(self, files: Iterable[File], package: str, parent: str = "") -> Chart:
        """A chart out of its files, and its children out of theirs."""
        parts = _Parts(self, package)
        parts.sort(files)
        metadata = parts.metadata
        if metadata is None:
            raise ChartError("Chart.yaml file is missing")
        check_metadata(metadata)
        full_path = f"{parent}/charts/{metadata.name}" if parent else metadata.name
        children = []
        for name, inside in parts.children.items():
            if name.startswith(("_", ".")):
                continue
            try:
                children.append(self.child(name, inside, package, full_path, metadata.name))
            except ChartError as error:
                if isinstance(error, _MisplacedError):
                    raise ChartError(str(error)) from error
                # the kind of error is kept: bad gzip is told in another way further out
                raise type(error)(f"error unpacking subchart {name} in {metadata.name}: {error}") from error
        return parts.chart(metadata, children, parent)

    def child(self, name: str, files: list[File], package: str, parent: str, within: str) -> Chart:
        """The chart charts/NAME/ or charts/NAME.tgz; `files` are named from charts/ on."""
        if not name.endswith(".tgz"):
            inside = [(path.partition("/")[2], data, when) for path, data, when in files if "/" in path]
            return self.assemble(inside, package, parent)
        from navarch.chart.archive import read_archive

        path, data, _ = files[0]
        if path != name:
            raise _MisplacedError(f"error unpacking subchart tar in {within}: expected {name}, got {path}")
        return self.assemble(read_archive(data, self.room), package, parent)


class _MisplacedError(ChartError):
    """A folder that is named as an archive."""


class _Parts:
    """The files of one chart, sorted by what they are."""

    __slots__ = (
        "children",
        "files",
        "loader",
        "lock",
        "metadata",
        "modified",
        "package",
        "raw",
        "schema",
        "templates",
        "values",
    )

    def __init__(self, loader: _Loader, package: str) -> None:
        self.loader = loader
        self.package = package
        self.metadata: Metadata | None = None
        self.lock: Lock | None = None
        self.values: dict[str, Any] = {}
        self.schema: bytes | None = None
        self.templates: list[tuple[str, bytes]] = []
        self.files: list[tuple[str, bytes]] = []
        self.raw: list[tuple[str, bytes]] = []
        self.children: dict[str, list[File]] = {}
        self.modified: dict[str, int] = {}

    def sort(self, files: Iterable[File]) -> None:
        """Chart.yaml first, since what others mean hangs on its API version."""
        listed = list(files)
        for name, data, when in listed:
            self.raw.append((name, data))
            if when is not None:
                self.modified[name] = when
            if name == "Chart.yaml":
                self.read_metadata(name, data)
                if self.metadata is not None and not self.metadata.api_version:
                    self.metadata.api_version = "v1" if self.package == "v2" else "v3"
        special = _SPECIAL if self.package == "v2" else _SPECIAL_V3
        for name, data, when in listed:
            if name.startswith("templates/"):
                self.templates.append((name, data))
            elif name.startswith("charts/") and not name.endswith(".prov"):
                inside = name[7:]
                self.children.setdefault(inside.partition("/")[0], []).append((inside, data, when))
            elif name not in special:
                self.files.append((name, data))
            elif name != "Chart.yaml":
                self.read_special(name, data)

    def read_special(self, name: str, data: bytes) -> None:
        if name == "values.yaml":
            try:
                self.values = load_values(data, self.loader.parse)
            except ValuesError as error:
                raise ChartError(f"cannot load values.yaml: {error}") from error
        elif name == "values.schema.json":
            self.schema = data
        elif name == "requirements.yaml":
            self.old_file(_OLD_DEPENDENCIES)
            self.read_metadata(name, data)
            self.keep_if_v1(name, data)
        else:
            self.read_lock(name, data)
            if name == "requirements.lock":
                self.old_file(_OLD_LOCK)
                self.keep_if_v1(name, data)

    def read_metadata(self, name: str, data: bytes) -> None:
        """Chart.yaml, or on top of it requirements.yaml, which fills the same fields."""
        if self.metadata is None:
            self.metadata = Metadata()
        try:
            self.loader.decode(data, _into(self.metadata, self.package))
        except ChartError as error:
            raise ChartError(f"cannot load {name}: {error}") from error

    def read_lock(self, name: str, data: bytes) -> None:
        from navarch.chart.decode import decode_lock

        def read(document: Any, exact: bool) -> Lock | None:
            return None if document is None else decode_lock(document, package=self.package, exact=exact)

        try:
            self.lock = self.loader.decode(data, read)
        except ChartError as error:
            raise ChartError(f"cannot load {name}: {error}") from error

    def old_file(self, message: str) -> None:
        if self.metadata is None or self.metadata.api_version != "v1":
            from navarch.chart.notices import notice

            self.loader.warn(notice("INFO", message))

    def keep_if_v1(self, name: str, data: bytes) -> None:
        if self.metadata is not None and self.metadata.api_version == "v1":
            self.files.append((name, data))

    def chart(self, metadata: Metadata, children: list[Chart], parent: str) -> Chart:
        return Chart(
            metadata,
            values=self.values,
            templates=self.templates,
            files=self.files,
            raw=self.raw,
            schema=self.schema,
            lock=self.lock,
            dependencies=children,
            modified=self.modified,
            parent=parent,
        )


class _Walk:
    """A chart's folder read whole, in lexical order, without what .helmignore names."""

    __slots__ = ("found", "room", "rules", "top", "warn")

    def __init__(self, top: str, warn: Warn) -> None:
        self.top = top.rstrip("/")
        self.warn = warn
        self.found: list[File] = []
        self.room = MAX_SIZE
        self.rules = self._rules()

    def _rules(self) -> Rules | None:
        try:
            data = _read(f"{self.top}/.helmignore")
        except OSError:
            return None
        from navarch.chart.ignore import parse_rules

        return parse_rules(data)

    def files(self) -> list[File]:
        self._folder("")
        return self.found

    def _folder(self, prefix: str) -> None:
        path = f"{self.top}/{prefix}".rstrip("/")
        try:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=_entry_name)
        except OSError as error:
            raise ChartError(f"open {path}: {reason(error)}") from error
        for entry in entries:
            name = prefix + entry.name
            if entry.is_symlink():
                self._link(name)
            elif entry.is_dir(follow_symlinks=False):
                if not self._ignored(name, folder=True):
                    self._folder(f"{name}/")
            elif not self._ignored(name, folder=False):
                self._file(name, regular=entry.is_file(follow_symlinks=False))

    def _link(self, name: str) -> None:
        """What a symbolic link leads to is taken as if it lay here, and told."""
        from navarch.chart.notices import notice

        path = f"{self.top}/{name}"
        try:
            resolved = os.path.realpath(path, strict=True)
            mode = os.stat(resolved).st_mode
        except OSError as error:
            cause = f"lstat {error.filename}: {reason(error)}"
            if error.errno == ELOOP:
                cause = "EvalSymlinks: too many links"
            raise ChartError(f"error evaluating symlink {path}: {cause}") from error
        self.warn(notice("INFO", _LINK, path=path, resolved=resolved))
        folder = S_ISDIR(mode)
        if self._ignored(name, folder=folder):
            return
        if folder:
            self._folder(f"{name}/")
        else:
            self._file(name, regular=S_ISREG(mode))

    def _ignored(self, name: str, *, folder: bool) -> bool:
        if self.rules is not None:
            return self.rules.ignore(name, folder=folder)
        # the built-in rule, templates/.?*
        return name.startswith("templates/.") and len(name) > 11 and "/" not in name[11:]

    def _file(self, name: str, *, regular: bool) -> None:
        path = f"{self.top}/{name}"
        if not regular:
            raise ChartError(f"cannot load irregular file {path} as it has file mode type bits set")
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ChartError(f"error reading {name}: open {path}: {reason(error)}") from error
        try:
            status = os.fstat(handle)
            data = _read_all(handle, status.st_size, self.room)
        finally:
            os.close(handle)
        self.room -= len(data)
        if self.room < 0:
            raise ChartError(f"error reading {name}: chart exceeds maximum decompressed size of {MAX_SIZE} bytes")
        self.found.append((name, data.removeprefix(_BOM), status.st_mtime_ns))


def _entry_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _read(path: str) -> bytes:
    """A file's content, one byte more than a chart may have at most. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _read_all(handle, os.fstat(handle).st_size, MAX_SIZE)
    finally:
        os.close(handle)


def _read_all(handle: int, size: int, limit: int) -> bytes:
    """The rest of a file that should have `size` bytes, but at most one byte more than `limit`."""
    data = os.read(handle, min(size, limit) + 1)
    if len(data) == size or len(data) > limit:
        return data
    pieces = [data]
    read = len(data)
    while pieces[-1] and read <= limit:
        pieces.append(os.read(handle, min(1 << 20, limit + 1 - read)))
        read += len(pieces[-1])
    return b"".join(pieces)


_SPECIAL_V3 = frozenset(("Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"))
_SPECIAL = _SPECIAL_V3 | {"requirements.yaml", "requirements.lock"}
_LINK = "found symbolic link in path. Contents of linked file included and used"
_OLD_DEPENDENCIES = (
    'Warning: Dependencies are handled in Chart.yaml since apiVersion "v2". '
    "We recommend migrating dependencies to Chart.yaml."
)
_OLD_LOCK = (
    'Warning: Dependency locking is handled in Chart.lock since apiVersion "v2". We recommend migrating to Chart.lock.'
)
