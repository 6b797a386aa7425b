"""The client of a chart registry: every route of the spaces API as a method.

    with Client("http://127.0.0.1:8099") as registry:
        registry.create_space("library")
        registry.upload("library", "web-1.2.0.tgz")
        registry.download("library", "web", "1.2.0", to=".")

Works without the libraries that the server needs.
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple, TypedDict, TypeVar

from navarch.errors import IntegrityError, RegistryError
from navarch.kube.net.access import Access
from navarch.registry.uploads import form
from navarch.registry.wire import Body, Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Self

    from navarch.registry.uploads import Source
    from navarch.registry.wire import Answer
    from navarch.repos.index import Index

    Progress = Callable[[str, int, int | None], object]
    """Is told the name of a chart, how many bytes of it came or went, and how many it has (None: nobody knows)."""

__all__ = ["ChartMetadata", "Client", "Page", "Version"]

T = TypeVar("T")

_AT_ONCE = 500  # items that are asked for in one request


class Version(NamedTuple):
    """A version of a chart, and where the registry has it: `link` is a path."""

    space: str
    chart: str
    version: str
    link: str


class ChartMetadata(TypedDict, total=False):
    """The fields of Chart.yaml that aren't empty; `dependencies` are the charts in charts/, with theirs."""

    name: str
    home: str
    sources: list[str]
    version: str
    description: str
    keywords: list[str]
    maintainers: list[dict[str, str]]
    icon: str
    apiVersion: str
    condition: str
    tags: str
    appVersion: str
    deprecated: bool
    annotations: dict[str, str]
    kubeVersion: str
    type: str
    dependencies: list[ChartMetadata]


class Page(list[T]):
    """Items of a list, and how many there are in all (`total`)."""

    def __init__(self, items: list[T], total: int) -> None:
        super().__init__(items)
        self.total = total


class Client:
    """A registry at an address. Its methods raise RegistryError: `status` is HTTP's, `codes` has the reason.

    Who asks: `username` and `password`, or `token`, or those in the address. Files are PEM. `timeout` is how many
    seconds the server may be silent. Lists are whole unless `limit` is given. Can be used from several threads; use it
    as a context manager, or close it, to end its connections.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8099",
        *,
        username: str = "",
        password: str = "",
        token: str = "",
        ca_file: str = "",
        cert_file: str = "",
        key_file: str = "",
        insecure_skip_tls_verify: bool = False,
        timeout: float = 120.0,
        progress: Progress | None = None,
    ) -> None:
        access = Access(
            username=username,
            password=password,
            ca_file=ca_file,
            cert_file=cert_file,
            key_file=key_file,
            insecure_skip_tls_verify=insecure_skip_tls_verify,
        )
        self._wire = Wire(url, access, token=token, patience=timeout)
        self._progress = progress

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._wire.close()

    @property
    def url(self) -> str:
        """The registry's address, without credentials."""
        return self._wire.base

    @property
    def wire(self) -> Wire:
        """What requests go over, with its credentials: for what the registry answers besides the spaces API."""
        return self._wire

    # Spaces

    def spaces(self, *, start: int = 0, limit: int | None = None) -> Page[str]:
        """The names of the spaces that may be seen, sorted."""
        return self._list("/spaces", start, limit)

    def create_space(self, space: str) -> str:
        """Make a space; answers its link."""
        from urllib.parse import urlencode

        return str(self._json("POST", f"/spaces?{urlencode({'space': space})}", wanted=201)["link"])

    def delete_space(self, space: str) -> None:
        """Remove a space with all that is in it."""
        self._send("DELETE", _path(space), wanted=204)

    # Charts

    def charts(self, space: str, *, start: int = 0, limit: int | None = None) -> Page[str]:
        """The names of the charts in a space, sorted."""
        return self._list(f"{_path(space)}/charts", start, limit)

    def upload(self, space: str, chart: Source, *, prov: Source | None = None) -> Version:
        """Keep a chart: the path of an archive, or its bytes; `prov` is its provenance file.

        What is there already is refused (status 409).
        """
        return self._put("POST", f"{_path(space)}/charts", chart, prov, 201)

    def orchestrate(self, space: str, plan: Mapping[str, Any]) -> Version:
        """Make a chart of other charts, and keep it: {"save": {…}, "configs": {…}}, see docs/registry.md."""
        body = Body.of(_dumps(plan), "application/json")
        return _version(self._json("POST", f"{_path(space)}/charts", body, wanted=201))

    def delete_chart(self, space: str, chart: str) -> None:
        """Remove all versions of a chart."""
        self._send("DELETE", _path(space, chart), wanted=204)

    def index(self, space: str) -> Index:
        """The index that a space has as a classic repository: all versions, with the digests of their archives."""
        from navarch.repos.index import Index

        path = f"/{_named(space)}/index.yaml"
        answer = self._wire.send("GET", path)
        if answer.status != 200:
            raise _refusal("GET", f"{self._wire.base}{path}", answer)
        return Index.parse(answer.body, source=self.url)

    # Versions

    def versions(self, space: str, chart: str, *, start: int = 0, limit: int | None = None) -> Page[str]:
        """The versions of a chart, oldest first."""
        return self._list(f"{_path(space, chart)}/versions", start, limit)

    def archive(self, space: str, chart: str, version: str) -> bytes:
        """The archive of a version, byte for byte as it was uploaded."""
        pieces: list[bytes] = []
        self._fetch(space, chart, version, pieces.append)
        return b"".join(pieces)

    def download(self, space: str, chart: str, version: str, *, to: str | os.PathLike[str] = ".") -> str:
        """Write a version's archive into the folder `to` as NAME-VERSION.tgz, whole or not at all; answers the path."""
        from navarch.chart.load import reason
        from navarch.files import PartFile

        path = os.path.join(os.fspath(to), f"{_named(chart)}-{_named(version)}.tgz")
        try:
            with PartFile(path) as file:
                self._fetch(space, chart, version, file.write)
        except OSError as error:
            raise RegistryError(f"open {path}: {reason(error)}") from error
        return path

    def replace(self, space: str, chart: str, version: str, source: Source, *, prov: Source | None = None) -> Version:
        """Put another archive of the same name and version in the place of a version."""
        return self._put("PUT", _path(space, chart, version), source, prov, 200)

    def delete_version(self, space: str, chart: str, version: str) -> None:
        """Remove a version; the last one takes the chart with it."""
        self._send("DELETE", _path(space, chart, version), wanted=204)

    # Metadata and values

    def metadata(self, space: str, chart: str, version: str = "") -> ChartMetadata:
        """The metadata of a version, or (without `version`) of the newest one."""
        path = (
            f"{_path(space, chart, version)}/manifests/metadata"
            if version
            else f"{_path(space, chart)}/metadata/latest"
        )
        found: ChartMetadata = self._json("GET", path)
        return found

    def list_metadata(
        self, space: str, chart: str = "", *, latest: bool = False, start: int = 0, limit: int | None = None
    ) -> Page[ChartMetadata]:
        """The metadata of all versions of a chart, or of all charts in a space; `latest`: of the newest of each."""
        if latest and chart:
            found: list[ChartMetadata] = [self.metadata(space, chart)]
            return Page(found, 1)
        path = f"{_path(space, *([chart] if chart else []))}/metadata"
        return self._list(f"{path}/latest" if latest else path, start, limit)

    def set_metadata(self, space: str, chart: str, version: str, metadata: Mapping[str, Any]) -> ChartMetadata:
        """Replace all metadata of a version's root chart; name and version have to stay. Answers what it is then."""
        path = f"{_path(space, chart, version)}/manifests/metadata"
        found: ChartMetadata = self._json("PUT", path, Body.of(_dumps(metadata), "application/json"))
        return found

    def values(self, space: str, chart: str, version: str) -> dict[str, Any]:
        """The values of a version, merged with those of its subcharts."""
        found: dict[str, Any] = self._json("GET", f"{_path(space, chart, version)}/manifests/values")
        return found

    def set_values(self, space: str, chart: str, version: str, values: Mapping[str, Any] | bytes) -> None:
        """Replace the values of a version's root chart: by a mapping, or by a text in YAML, which is kept as it is."""
        path = f"{_path(space, chart, version)}/manifests/values"
        body = (
            Body.of(values, "application/yaml")
            if isinstance(values, bytes)
            else Body.of(_dumps(values), "application/json")
        )
        self._send("PUT", path, body)

    # What they have in common

    def _list(self, path: str, start: int, limit: int | None) -> Page[Any]:
        if limit is not None:
            return self._page(path, start, limit)
        found = page = self._page(path, start, _AT_ONCE)
        while page and start + len(found) < page.total:
            page = self._page(path, start + len(found), _AT_ONCE)
            found.extend(page)
        return found

    def _page(self, path: str, start: int, limit: int) -> Page[Any]:
        found = self._json("GET", f"{path}?start={start}&limit={limit}")
        return Page(found["items"], found["metadata"]["total"])

    def _put(self, method: str, path: str, chart: Source, prov: Source | None, wanted: int) -> Version:
        body = form({"chartfile": chart, **({} if prov is None else {"prov": prov})})
        name = "chart" if isinstance(chart, bytes) else os.path.basename(os.fspath(chart))
        return _version(self._json(method, path, body, wanted=wanted, named=name))

    def _fetch(self, space: str, chart: str, version: str, write: Callable[[bytes], object]) -> None:
        """Hand on an archive in pieces. Raises IntegrityError, after that, if it isn't what the registry says it is."""
        import hashlib

        digest = hashlib.sha256()
        size = 0

        def take(piece: bytes, total: int | None) -> None:
            nonlocal size
            size += len(piece)
            digest.update(piece)
            write(piece)
            if self._progress:
                self._progress(f"{chart}-{version}.tgz", size, total)

        answer = self._send("GET", _path(space, chart, version), sink=take)
        tag = answer.headers.get("etag", "").strip('"')
        if tag.startswith("sha256:") and tag != f"sha256:{digest.hexdigest()}":
            raise IntegrityError(f"{space}/{chart}/{version} came with another digest than {tag}", url=self.url)

    def _json(self, method: str, path: str, body: Body | None = None, *, wanted: int = 200, named: str = "") -> Any:
        answer = self._send(method, path, body, wanted=wanted, named=named)
        try:
            return json.loads(answer.body)
        except ValueError as error:
            raise RegistryError(f'{method} "{self._wire.base}{path}": the answer isn\'t JSON', url=self.url) from error

    def _send(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        wanted: int = 200,
        named: str = "",
        sink: Callable[[bytes, int | None], object] | None = None,
    ) -> Answer:
        told = self._telling(named, body) if named and body and self._progress else None
        answer = self._wire.send(method, f"/api/v1{path}", body, sink=sink, told=told)
        if answer.status != wanted:
            raise _refusal(method, f"{self._wire.base}/api/v1{path}", answer)
        return answer

    def _telling(self, name: str, body: Body) -> Callable[[bytes], object]:
        sent = 0

        def told(piece: bytes) -> None:
            nonlocal sent
            sent = min(sent + len(piece), body.size)
            assert self._progress
            self._progress(name, sent, body.size)

        return told


def _refusal(method: str, url: str, answer: Answer) -> RegistryError:
    """What an answer says that isn't what was hoped for."""
    try:
        found = json.loads(answer.body)
        message, reason = str(found["message"]), str(found.get("reason", ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        told = f"{answer.status} {answer.reason}".rstrip()
        place = answer.headers.get("location", "")
        message, reason = f'{method} "{url}": {told}{f" to {place}" if place else ""}', ""
    hint = "give credentials: a username and password, or a token" if answer.status == 401 else ""
    return RegistryError(message, url=url, status=answer.status, codes=(reason,) if reason else (), hint=hint)


def _version(found: Mapping[str, Any]) -> Version:
    return Version(found["space"], found["chart"], found["version"], found["link"])


def _dumps(value: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise RegistryError(f"not JSON: {error}") from error


def _path(space: str, chart: str | None = None, version: str | None = None) -> str:
    """An address. Empty names are refused: what they would leave is the address of something larger."""
    path = f"/spaces/{_named(space)}"
    if chart is not None:
        path += f"/charts/{_named(chart)}"
    return path if version is None else f"{path}/versions/{_named(version)}"


def _named(name: str) -> str:
    """A name as a part of a path. Raises RegistryError for what would be another path."""
    from urllib.parse import quote

    if name in ("", ".", ".."):
        raise RegistryError(f'"{name}" is no name')
    return quote(name, safe="+", errors="surrogateescape")
