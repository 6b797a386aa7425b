"""Charts written as archives, NAME-VERSION.tgz, which hold what a loaded chart has and not what its folder had.

The archive's format is the one that Go's archive/tar writes. Nothing of the machine gets into it but the times of the
files, so that with one time for all of them (`epoch`) the same chart is the same bytes everywhere.
"""

from __future__ import annotations

import os

from navarch.chart.checks import check_dependencies, check_metadata
from navarch.chart.load import load_chart, reason
from navarch.chart.metadata import lock_yaml, metadata_yaml, normal_time
from navarch.errors import ChartError
from navarch.files import write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from navarch.chart.model import Chart

    # the name in the archive, the content, the seconds since 1970
    Entry = tuple[str, bytes, int]

__all__ = ["pack", "package_chart", "save_chart"]

_BLOCK = 512
_NAME = 100
_LAST = 0o77777777777
"""The last second that fits into a header, in the year 2242."""
_PREFIX = 155
_LAST_YEARS_END = 253402300799


def package_chart(
    path: str,
    destination: str = ".",
    *,
    version: str = "",
    app_version: str = "",
    epoch: int | None = None,
    warn: Callable[[str], None],
) -> str:
    """Write the archive of the chart in the folder `path` into `destination`, and answer the archive's path.

    `version` and `app_version` take the place of those in Chart.yaml. Raises ChartError for what is no chart in a
    folder, for a version that is none, for dependencies that are missing, and for a place that can't be written to.
    """
    chart = _load_folder(path, warn)
    metadata = chart.metadata.copy()
    metadata.version = version or metadata.version
    metadata.app_version = app_version or metadata.app_version
    from navarch.golang.semver import parse_version

    parse_version(metadata.version)
    chart = chart.derive(metadata, chart.dependencies)
    check_dependencies(chart)
    folder = os.getcwd() if destination == "." else destination
    try:
        return save_chart(chart, folder, epoch=epoch)
    except ChartError as error:
        raise ChartError(f"failed to save: {error}", hint=error.hint) from error


def _load_folder(path: str, warn: Callable[[str], None]) -> Chart:
    path = os.path.abspath(path)
    if not os.path.isdir(path):
        name = f"{path}/Chart.yaml"
        raise ChartError(f"unable to detect chart at {name}: open {name}: not a directory")
    chart = load_chart(path, warn=warn)
    if chart.metadata.api_version not in ("v1", "v2"):
        raise ChartError("invalid chart apiVersion")
    return chart


def save_chart(chart: Chart, folder: str, *, epoch: int | None = None) -> str:
    """Write a chart's archive into a folder, which is made if need be, and answer the archive's path.

    It is there whole, or not at all. Raises ChartError.
    """
    try:
        check_metadata(chart.metadata)
    except ChartError as error:
        raise ChartError(f"chart validation: {error}") from error
    path = os.path.normpath(os.path.join(folder, f"{chart.name}-{chart.metadata.version}.tgz"))
    _make_folder(os.path.dirname(path) or ".")
    data = _gzip(_tar(_entries(chart, "", epoch)))
    try:
        write_file(path, data, 0o666)
    except OSError as error:
        raise ChartError(f"open {path}: {reason(error)}") from error
    return path


def pack(entries: Iterable[Entry]) -> bytes:
    """The archive of files with their whole names ("web/Chart.yaml"), their content and their time in seconds."""
    return _gzip(_tar(entries))


def _make_folder(path: str) -> None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        try:
            os.makedirs(path, mode=0o755, exist_ok=True)
        except OSError as error:
            raise ChartError(f"mkdir {error.filename}: {reason(error)}") from error
        return
    except OSError as error:
        raise ChartError(f"stat {path}: stat {path}: {reason(error)}") from error
    from stat import S_ISDIR

    if not S_ISDIR(found.st_mode):
        raise ChartError(f"is not a directory: {path}")


def _entries(chart: Chart, prefix: str, epoch: int | None) -> Iterator[Entry]:
    """The files of a chart and its children, in Helm's order. Raises ChartError for names that lead elsewhere."""
    if os.path.basename(chart.name) != chart.name:
        from navarch.golang.strconv import quote

        raise ChartError(f"{quote(chart.name)} is not a valid chart name")
    base = f"{prefix}{chart.name}/"

    def entry(name: str, data: bytes) -> Entry:
        return base + name, data, _seconds(chart.modified.get(name)) if epoch is None else epoch

    metadata = chart.metadata
    yield entry("Chart.yaml", _utf8(metadata_yaml(metadata, dependencies=metadata.api_version != "v1")))
    if chart.lock and metadata.api_version == "v2":
        yield _lock_entry(chart, base, epoch)
    values = chart.raw_file("values.yaml")
    if values is not None:
        yield entry("values.yaml", values)
    if chart.schema is not None:
        _check_json(chart.schema)
        yield entry("values.schema.json", chart.schema)
    for name, data in (*chart.templates, *chart.files):
        yield entry(name, data)
    for child in chart.dependencies:
        yield from _entries(child, f"{base}charts/", epoch)


def _lock_entry(chart: Chart, base: str, epoch: int | None) -> Entry:
    """Chart.lock, whose time is the one that is written in it."""
    from datetime import UTC, datetime

    lock = chart.lock
    assert lock is not None
    if epoch is not None:
        from navarch.chart.model import Lock

        if epoch > _LAST_YEARS_END:
            marshaling = "error marshaling into JSON: json: error calling MarshalJSON for type time.Time"
            raise ChartError(f"{marshaling}: Time.MarshalJSON: year outside of range [0,9999]")
        stamp = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{base}Chart.lock", _utf8(lock_yaml(Lock(stamp, lock.digest, lock.dependencies))), epoch
    text = normal_time(lock.generated)
    try:
        when = int(datetime.fromisoformat(text).timestamp() * 1e9)
    except ValueError:
        when = 0
    return f"{base}Chart.lock", _utf8(lock_yaml(lock)), _seconds(when if when > 0 else None)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _seconds(when: int | None) -> int:
    """A time in nanoseconds in whole seconds, now if it isn't known."""
    if when is None:
        from time import time_ns

        when = time_ns()
    return (when + 500_000_000) // 1_000_000_000


def _check_json(data: bytes) -> None:
    from navarch.errors import JsonError
    from navarch.golang.json import loads

    try:
        loads(data.decode("utf-8", "surrogateescape"))
    except JsonError as error:
        raise ChartError("invalid JSON in values.schema.json", hint=str(error)) from error


def _gzip(data: bytes) -> bytes:
    """One gzip member without a name or a time."""
    import zlib

    pack = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = pack.compress(data) + pack.flush()
    tail = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + body + tail


def _tar(entries: Iterable[Entry]) -> bytes:
    """Files in the ustar format; a name or a time that doesn't fit into it gets a PAX header before."""
    out = bytearray()
    for name, data, when in entries:
        out += _headers(_utf8(name), len(data), when)
        out += data
        out += bytes(-len(data) % _BLOCK)
    out += bytes(2 * _BLOCK)
    return bytes(out)


def _headers(name: bytes, size: int, when: int) -> bytes:
    fits = 0 <= when <= _LAST
    if name.isascii() and fits:
        if len(name) <= _NAME:
            return _header(name, size, when)
        cut = name.rfind(b"/", 0, _PREFIX + 1)
        if cut > 0 and 0 < len(name) - cut - 1 <= _NAME:
            return _header(name[cut + 1 :], size, when, prefix=name[:cut])
    record = b"" if fits else _pax_record(b"mtime", b"%d" % when)
    if len(name) > _NAME or not name.isascii():
        record += _pax_record(b"path", name)
    folder, _, file = name.rpartition(b"/")
    plain = _ascii(name)[:_NAME]
    extended = _ascii(folder + b"/PaxHeaders.0/" + file)[:_NAME].rstrip(b"/")
    padding = bytes(-len(record) % _BLOCK)
    said = _header(extended, len(record), 0, mode=0, kind=b"x") + record + padding
    return said + _header(plain, size, when if fits else 0)


def _header(name: bytes, size: int, when: int, *, prefix: bytes = b"", mode: int = 0o644, kind: bytes = b"0") -> bytes:
    """One block of 512 bytes; the numbers are octal digits and a NUL, the last field but one is its own checksum."""
    plain = kind == b"x"
    owner = b"0000000\0" * 2
    devices = bytes(16) if plain else owner
    head = name.ljust(_NAME, b"\0") + _octal(mode, 8) + owner + _octal(size, 12) + _octal(when, 12)
    tail = kind + bytes(100) + b"ustar\00000" + bytes(64) + devices + prefix.ljust(_PREFIX, b"\0") + bytes(12)
    total = sum(head) + sum(tail) + 8 * 0x20
    return head + b"%06o\0 " % total + tail


def _octal(number: int, width: int) -> bytes:
    return b"%0*o\0" % (width - 1, number)


def _ascii(text: bytes) -> bytes:
    """What of a name is ASCII."""
    return bytes(byte for byte in text if byte < 0x80)


def _pax_record(key: bytes, value: bytes) -> bytes:
    """A length, which counts its own digits, a blank, key=value, and a newline."""
    size = len(key) + len(value) + 3
    while len(str(size)) + len(key) + len(value) + 3 != size:
        size = len(str(size)) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (size, key, value)
