"""Copying charts out of other repositories: what is copied, what is left, and what must not get in."""

from __future__ import annotations

import hashlib
import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from navarch.errors import DownloadError, RegistryError, VersionError
from navarch.kube.net.access import Access
from navarch.oci import Registry
from navarch.oci.manifest import CHART, CONFIG, IMAGE_INDEX, IMAGE_MANIFEST
from navarch.registry import Client, IndexSource, OciSource, Selection, mirror
from navarch.registry.store.blobs import digest_of
from navarch.repos import Entry, Fetcher
from support.asgi import call, registry
from support.httpd import Httpd, Request, answer
from support.spaces import Served, packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from navarch.registry import Copied


class Bench:
    """A registry to copy into, and what is needed to make sources."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.app = registry("limits: {decompressedbytes: 1000000}")
        self.server = stack.enter_context(Served(self.app))
        self.client = stack.enter_context(Client(self.server.url))
        self.fetcher = stack.enter_context(Fetcher(timeout=120))
        self.oci = stack.enter_context(Registry(plain_http=True))

    def index(self, url: str, access: Access | None = None) -> IndexSource:
        return IndexSource(Entry("", url, access), self.fetcher, self.oci)

    def there(self, space: str = "copy") -> dict[str, bytes]:
        return {
            f"{chart} {version}": self.client.archive(space, chart, version)
            for chart in self.client.charts(space)
            for version in self.client.versions(space, chart)
        }


@pytest.fixture
def bench() -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(stack)


ARCHIVES = {
    f"{name} {version}": packed(name, version)
    for name, version in [
        ("web", "1.0.0"),
        ("web", "1.9.0"),
        ("web", "1.10.0"),
        ("web", "2.0.0-rc.1"),
        ("api", "0.1.0+build.5"),
    ]
}


@pytest.fixture
def other(bench: Bench) -> Served:
    """Another registry, with charts in the space "lib"."""
    server = bench.stack.enter_context(Served(registry()))
    with Client(server.url) as client:
        for data in ARCHIVES.values():
            client.upload("lib", data, prov=b"proof of " + hashlib.sha256(data).digest())
    return server


def states(copied: list[Copied]) -> dict[str, str]:
    return {f"{one.chart} {one.version}": one.state for one in copied}


def source(bench: Bench, other: Served, kind: str) -> Any:
    host = other.url.partition("//")[2]
    if kind == "index":
        return bench.index(f"{other.url}/lib")
    return OciSource(f"oci://{host}/lib", bench.oci)


@pytest.mark.parametrize("kind", ["index", "oci"])
def test_everything_is_copied_once(bench: Bench, other: Served, kind: str) -> None:
    found = source(bench, other, kind)
    would = mirror(found, bench.client, "copy", dry_run=True)
    assert states(would) == dict.fromkeys(ARCHIVES, "copied")
    with pytest.raises(RegistryError):
        bench.client.charts("copy")
    said: list[Copied] = []
    copied = mirror(found, bench.client, "copy", say=said.append)
    assert states(copied) == dict.fromkeys(ARCHIVES, "copied")
    assert [(one.chart, one.version) for one in copied] == [
        ("api", "0.1.0+build.5"),
        ("web", "2.0.0-rc.1"),
        ("web", "1.10.0"),
        ("web", "1.9.0"),
        ("web", "1.0.0"),
    ]
    assert sorted(copied) == sorted(said)
    assert bench.there() == ARCHIVES
    assert all(one.size == len(ARCHIVES[f"{one.chart} {one.version}"]) for one in copied)
    for data in ARCHIVES.values():
        proof = b"proof of " + hashlib.sha256(data).digest()
        assert bench.app.site.store.blobs.get(f"sha256:{hashlib.sha256(proof).hexdigest()}") == proof
    before = len(other.requests)
    assert states(mirror(found, bench.client, "copy")) == dict.fromkeys(ARCHIVES, "present")
    asked = [request.target for request in other.requests[before:]]
    assert not [target for target in asked if target.endswith(".tgz") or "/blobs/" in target]


@pytest.mark.parametrize("kind", ["index", "oci"])
@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        (Selection(charts=("web",)), "1.0.0 1.9.0 1.10.0 2.0.0-rc.1"),
        (Selection(charts=("a*", "w*"), newest=1), "2.0.0-rc.1 0.1.0+build.5"),
        (Selection(versions="^1.5"), "1.9.0 1.10.0"),
        (Selection(versions=">=1.10.0-0"), "1.10.0 2.0.0-rc.1"),
        (Selection(versions="*", newest=1), "1.10.0 0.1.0+build.5"),
        (Selection(charts=("none",)), ""),
    ],
)
def test_what_is_selected(bench: Bench, other: Served, kind: str, selection: Selection, wanted: str) -> None:
    copied = mirror(source(bench, other, kind), bench.client, "copy", selection, dry_run=True)
    assert sorted(one.version for one in copied) == sorted(wanted.split())


def test_one_chart_of_a_registry(bench: Bench, other: Served) -> None:
    host = other.url.partition("//")[2]
    copied = mirror(OciSource(f"oci://{host}/lib/api", bench.oci), bench.client, "copy")
    assert states(copied) == {"api 0.1.0+build.5": "copied"}


def test_no_constraint(bench: Bench, other: Served) -> None:
    with pytest.raises(VersionError):
        mirror(source(bench, other, "index"), bench.client, "copy", Selection(versions=">= nope"))


@pytest.mark.parametrize("kind", ["index", "oci"])
def test_another_archive_of_a_version_that_is_there(bench: Bench, other: Served, kind: str) -> None:
    mine = packed("web", "1.0.0", {"values.yaml": "mine: true\n"})
    bench.client.upload("copy", mine)
    found = source(bench, other, kind)
    copied = mirror(found, bench.client, "copy")
    assert states(copied) == {**dict.fromkeys(ARCHIVES, "copied"), "web 1.0.0": "different"}
    assert bench.there()["web 1.0.0"] == mine
    (different,) = [one for one in copied if one.state == "different"]
    assert different.problem == (
        f"the space has sha256:{hashlib.sha256(mine).hexdigest()}, "
        f"its source sha256:{hashlib.sha256(ARCHIVES['web 1.0.0']).hexdigest()}"
    )
    copied = mirror(found, bench.client, "copy", replace=True)
    assert states(copied) == {**dict.fromkeys(ARCHIVES, "present"), "web 1.0.0": "replaced"}
    assert bench.there() == ARCHIVES


# Manifests


def put(server: Served, path: str, data: bytes, kind: str = IMAGE_MANIFEST) -> str:
    """Put a manifest at "/v2/…/manifests/REFERENCE"; answers its digest."""
    done = call(server.app, "PUT", path, data, headers={"content-type": kind})
    assert done.status == 201, done.body
    return done.headers["docker-content-digest"]


def signature(subject: str, note: str = "", kind: str = IMAGE_MANIFEST, **fields: Any) -> bytes:
    """A manifest that refers to one; what it is made of is "{}"."""
    empty = {"mediaType": "a/b", "digest": f"sha256:{hashlib.sha256(b'{}').hexdigest()}", "size": 2}
    about = {"subject": {"mediaType": kind, "digest": subject, "size": 9}} if subject else {}
    found = {"schemaVersion": 2, "mediaType": IMAGE_MANIFEST, "config": empty, "layers": [empty], **about, **fields}
    return json.dumps({**found, "annotations": {"note": note}}).encode()


@pytest.fixture
def signed(other: Served) -> dict[str, str]:
    """Charts of the other registry with a signature, a signature of that, and cosign's tag; digests by their names."""
    path = "/v2/lib/web"
    assert call(other.app, "POST", f"{path}/blobs/uploads/?digest={digest_of(b'{}')}", b"{}").status == 201
    found = {"web": call(other.app, "HEAD", f"{path}/manifests/1.0.0").headers["docker-content-digest"]}
    for name, subject in (("signature", "web"), ("of it", "signature")):
        data = signature(found[subject], name)
        found[name] = put(other, f"{path}/manifests/{digest_of(data)}", data)
    tag = f"{found['web'].replace(':', '-')}.sig"
    found["cosign"] = put(other, f"{path}/manifests/{tag}", signature("", "cosign"))
    return found


def head(server: Served, path: str) -> str:
    return call(server.app, "HEAD", f"/v2/{path}").headers.get("docker-content-digest", "")


def test_manifests_are_the_same(bench: Bench, other: Served, signed: dict[str, str]) -> None:
    found = source(bench, other, "oci")
    assert set(states(mirror(found, bench.client, "copy")).values()) == {"copied"}
    for name, version in (one.split() for one in ARCHIVES):
        tag = version.replace("+", "_")
        ours, theirs = (
            call(server.app, "GET", f"/v2/{space}/{name}/manifests/{tag}")
            for server, space in ((bench.server, "copy"), (other, "lib"))
        )
        assert (ours.body, ours.headers["content-type"]) == (theirs.body, theirs.headers["content-type"])
    for digest in signed.values():
        assert head(bench.server, f"copy/web/manifests/{digest}") == digest
    listed = call(bench.server.app, "GET", f"/v2/copy/web/referrers/{signed['web']}").json()["manifests"]
    assert [one["digest"] for one in listed] == [signed["signature"]]
    assert head(bench.server, f"copy/web/manifests/{signed['web'].replace(':', '-')}.sig") == signed["cosign"]
    before = len(other.requests)
    assert states(mirror(found, bench.client, "copy")) == dict.fromkeys(ARCHIVES, "present")
    again = [f"{request.method} {request.target}" for request in other.requests[before:]]
    assert not [line for line in again if "/blobs/" in line or line.startswith("GET /v2/lib/web/manifests")]


def test_a_signature_that_came_later(bench: Bench, other: Served, signed: dict[str, str]) -> None:
    found = source(bench, other, "oci")
    mirror(found, bench.client, "copy")
    data = signature(signed["web"], "later")
    later = put(other, f"/v2/lib/web/manifests/{digest_of(data)}", data)
    expected = dict.fromkeys(ARCHIVES, "present")
    assert states(mirror(found, bench.client, "copy", dry_run=True)) == expected
    assert states(mirror(found, bench.client, "copy")) == {**expected, "web 1.0.0": "extended"}
    assert head(bench.server, f"copy/web/manifests/{later}") == later
    assert states(mirror(found, bench.client, "copy")) == expected


def test_a_manifest_under_sha512(bench: Bench, other: Served) -> None:
    data = call(other.app, "GET", "/v2/lib/web/manifests/1.0.0").body
    digest = digest_of(data, "sha512")
    put(other, f"/v2/lib/web/manifests/{digest}?tag=1.0.0", data)
    assert set(states(mirror(source(bench, other, "oci"), bench.client, "copy")).values()) == {"copied"}
    assert head(bench.server, "copy/web/manifests/1.0.0") == digest
    assert bench.there() == ARCHIVES


def test_the_same_archive_under_another_manifest(bench: Bench, other: Served) -> None:
    mirror(source(bench, other, "index"), bench.client, "copy")
    found = source(bench, other, "oci")
    copied = mirror(found, bench.client, "copy", Selection(charts=("api",)))
    there, digest = (
        head(bench.server, "copy/api/manifests/0.1.0_build.5"),
        head(other, "lib/api/manifests/0.1.0_build.5"),
    )
    assert [(one.state, one.problem) for one in copied] == [
        ("different", f"the space has the manifest {there}, its source {digest}")
    ]
    before = len(other.requests)
    copied = mirror(found, bench.client, "copy", Selection(charts=("api",)), replace=True)
    assert [(one.state, one.size) for one in copied] == [("replaced", 0)]
    assert head(bench.server, "copy/api/manifests/0.1.0_build.5") == digest
    archive = digest_of(ARCHIVES["api 0.1.0+build.5"])
    assert not [request for request in other.requests[before:] if archive in request.target]


@pytest.mark.parametrize(
    ("name", "tag"), [("web", "9.0.0"), ("liar", "1.0.0")], ids=["another version", "another chart"]
)
def test_a_chart_that_lies(bench: Bench, other: Served, name: str, tag: str) -> None:
    """Written as no registry of ours would take it."""
    data = ARCHIVES["web 1.0.0"]
    archive, config = digest_of(data), digest_of(b"{}")
    fields = {
        "schemaVersion": 2,
        "config": {"mediaType": CONFIG, "digest": config, "size": 2},
        "layers": [{"mediaType": CHART, "digest": archive, "size": len(data)}],
    }
    manifest = json.dumps(fields).encode()
    files = {
        f"/v2/lib/{name}/tags/list": json.dumps({"name": f"lib/{name}", "tags": [tag]}).encode(),
        f"/v2/lib/{name}/blobs/{archive}": data,
        f"/v2/lib/{name}/blobs/{config}": b"{}",
        f"/v2/lib/{name}/manifests/{tag}": manifest,
        f"/v2/lib/{name}/manifests/{digest_of(manifest)}": manifest,
    }

    def respond(request: Request) -> bytes:
        body = files.get(request.target)
        if body is None:
            return answer(404, b"", "Not Found")
        kind = IMAGE_MANIFEST if "/manifests/" in request.target else "application/json"
        length = str(len(body))
        data = b"" if request.method == "HEAD" else body
        return answer(200, data, content_type=kind, docker_content_digest=digest_of(body), content_length=length)

    liar = bench.stack.enter_context(Httpd(respond))
    copied = mirror(OciSource(f"oci://{liar.url.partition('//')[2]}/lib/{name}", bench.oci), bench.client, "copy")
    assert [one.state for one in copied] == ["failed"]
    assert "web 1.0.0 by its Chart.yaml" in copied[0].problem
    assert list(bench.app.site.store.objects.entries("blobs")) == []


def test_a_chart_in_an_index_is_copied_by_itself(bench: Bench, other: Served) -> None:
    chart = call(other.app, "GET", "/v2/lib/web/manifests/1.9.0")
    listed = {"mediaType": IMAGE_MANIFEST, "digest": chart.headers["docker-content-digest"], "size": len(chart.body)}
    data = json.dumps({"schemaVersion": 2, "mediaType": IMAGE_INDEX, "manifests": [listed]}).encode()
    call(other.app, "POST", f"/v2/other/web/blobs/uploads/?digest={digest_of(b'{}')}", b"{}")
    for part in (json.loads(chart.body)["config"], *json.loads(chart.body)["layers"]):
        blob = call(other.app, "GET", f"/v2/lib/web/blobs/{part['digest']}").body
        call(other.app, "POST", f"/v2/other/web/blobs/uploads/?digest={part['digest']}", blob)
    put(other, f"/v2/other/web/manifests/{listed['digest']}", chart.body)
    put(other, "/v2/other/web/manifests/1.9.0", data, IMAGE_INDEX)
    host = other.url.partition("//")[2]
    copied = mirror(OciSource(f"oci://{host}/other/web", bench.oci), bench.client, "copy")
    assert states(copied) == {"web 1.9.0": "copied"}
    assert bench.there() == {"web 1.9.0": ARCHIVES["web 1.9.0"]}


# Bad sources


class Shelf(Httpd):
    """A repository: `files` by path; each path that was asked for is in `asked`, with the authorization."""

    def __init__(self, *charts: tuple[str, str, bytes, str], digests: bool = True) -> None:
        self.files: dict[str, bytes] = {}
        self.statuses: dict[str, int] = {}
        entries: dict[str, list[dict[str, Any]]] = {}
        for name, version, data, url in charts:
            digest = hashlib.sha256(data).hexdigest() if digests else ""
            fields = {"apiVersion": "v2", "name": name, "version": version, "urls": [url], "digest": digest}
            entries.setdefault(name, []).append(fields)
            self.files[f"/{url}"] = data
        self.files["/index.yaml"] = json.dumps({"apiVersion": "v1", "entries": entries}).encode()
        super().__init__(self._respond_to)

    def _respond_to(self, request: Request) -> bytes:
        if request.target in self.statuses:
            return answer(self.statuses[request.target], b"no", "No")
        if request.target not in self.files:
            return answer(404, b"", "Not Found")
        return answer(200, self.files[request.target])


GOOD = ("good", "1.0.0", packed("good", "1.0.0"), "good.tgz")


def copied_from(bench: Bench, shelf: Shelf) -> list[Copied]:
    bench.stack.enter_context(shelf)
    return mirror(bench.index(shelf.url), bench.client, "copy")


def problem_of(bench: Bench, shelf: Shelf) -> str:
    """Why the one bad version wasn't copied; the good one was, and nothing of the bad one is there."""
    copied = copied_from(bench, shelf)
    (failed,) = [one for one in copied if one.state != "copied"]
    assert failed.state == "failed"
    assert list(bench.there()) == ["good 1.0.0"]
    return failed.problem.replace(shelf.url, "URL")


def test_another_digest(bench: Bench) -> None:
    data = packed("web", "1.0.0")
    shelf = Shelf(GOOD, ("web", "1.0.0", b"other", "web.tgz"))
    shelf.files["/web.tgz"] = data
    said, found = (hashlib.sha256(text).hexdigest() for text in (b"other", data))
    assert problem_of(bench, shelf) == f"URL/web.tgz: the digest is sha256:{found}, not sha256:{said}"


@pytest.mark.parametrize("digests", [True, False])
def test_another_chart(bench: Bench, digests: bool) -> None:
    shelf = Shelf(GOOD, ("web", "1.0.0", packed("api", "3.0.0"), "web.tgz"), digests=digests)
    assert problem_of(bench, shelf) == "URL/web.tgz is api 3.0.0 by its Chart.yaml, but web 1.0.0 was asked for"


def test_no_archive(bench: Bench) -> None:
    assert "URL/web.tgz is no chart" in problem_of(bench, Shelf(GOOD, ("web", "1.0.0", b"<html>", "web.tgz")))


def test_an_archive_that_is_not_there(bench: Bench) -> None:
    shelf = Shelf(GOOD, ("web", "1.0.0", b"", "web.tgz"))
    del shelf.files["/web.tgz"]
    assert problem_of(bench, shelf) == "failed to fetch URL/web.tgz : 404 Not Found"


def test_a_signature_that_cannot_be_had_is_no_missing_one(bench: Bench) -> None:
    shelf = Shelf(GOOD, ("web", "1.0.0", packed("web", "1.0.0"), "web.tgz"))
    shelf.statuses = {"/web.tgz.prov": 500, "/good.tgz.prov": 403}
    assert problem_of(bench, shelf) == "failed to fetch URL/web.tgz.prov : 500 No"


def test_files_of_this_machine(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "web.tgz").write_bytes(packed("web", "1.0.0"))
    shelf = Shelf(GOOD, ("web", "1.0.0", packed("web", "1.0.0"), f"file://{tmp_path}/web.tgz"))
    assert "file" in problem_of(bench, shelf)


def test_a_chart_that_the_registry_refuses(bench: Bench) -> None:
    bomb = ("web", "1.0.0", packed("web", "1.0.0", {"big": bytes(1_000_001)}), "web.tgz")
    assert "decompressed chart is larger than" in problem_of(bench, Shelf(GOOD, bomb))


def test_without_digests_what_is_there_is_believed(bench: Bench) -> None:
    shelf = Shelf(GOOD, digests=False)
    assert states(copied_from(bench, shelf)) == {"good 1.0.0": "copied"}
    assert states(mirror(bench.index(shelf.url), bench.client, "copy")) == {"good 1.0.0": "present"}


def test_credentials_stay_with_their_server(bench: Bench) -> None:
    elsewhere = bench.stack.enter_context(Shelf(GOOD))
    url = elsewhere.url.replace("127.0.0.1", "localhost")
    shelf = Shelf(GOOD)
    shelf.files["/index.yaml"] = shelf.files["/index.yaml"].replace(b"good.tgz", f"{url}/good.tgz".encode())
    bench.stack.enter_context(shelf)
    access = Access(username="user", password="secret")
    copied = mirror(bench.index(shelf.url, access), bench.client, "copy")
    assert states(copied) == {"good 1.0.0": "copied"}
    assert all("authorization" in request.headers for request in shelf.requests)
    assert elsewhere.requests
    assert not [request for request in elsewhere.requests if "authorization" in request.headers]


def test_archives_that_an_index_has_in_a_registry(bench: Bench, other: Served) -> None:
    data = ARCHIVES["web 1.0.0"]
    host = other.url.partition("//")[2]
    shelf = Shelf(("web", "1.0.0", data, f"oci://{host}/lib/web:1.0.0"))
    assert states(copied_from(bench, shelf)) == {"web 1.0.0": "copied"}
    assert bench.there() == {"web 1.0.0": data}


def test_a_source_without_an_index(bench: Bench) -> None:
    shelf = Shelf()
    shelf.statuses["/index.yaml"] = 404
    with pytest.raises(DownloadError, match="404"):
        copied_from(bench, shelf)


# Bad targets


def test_who_may_not_write(bench: Bench, other: Served) -> None:
    digest = hashlib.sha256(b"for reading").hexdigest()
    closed = registry(f"auth: {{tokens: [{{name: reader, sha256: {digest}, spaces: {{'*': [pull]}}}}]}}")
    server = bench.stack.enter_context(Served(closed))
    client = bench.stack.enter_context(Client(server.url, token="for reading"))
    with pytest.raises(RegistryError) as caught:
        mirror(source(bench, other, "index"), client, "copy")
    assert caught.value.status == 403


def test_a_registry_that_breaks_down(bench: Bench, other: Served) -> None:
    found = source(bench, other, "index")
    bench.client.create_space("copy")
    known = bench.client.index("copy")
    bench.server.down = [answer(200, known.to_json().encode())] + [answer(507, b'{"message": "full"}')] * 9
    with pytest.raises(RegistryError, match="full"):
        mirror(found, bench.client, "copy")
    bench.server.down = []
    mirror(found, bench.client, "copy")
    assert bench.there() == ARCHIVES


def test_a_source_that_breaks_down_is_not_asked_for_ever(bench: Bench) -> None:
    charts = [("web", f"{number}.0.0", b"", f"web-{number}.tgz") for number in range(100)]
    shelf = Shelf(*charts)
    shelf.statuses = {f"/web-{number}.tgz": 503 for number in range(100)}
    with pytest.raises(DownloadError, match="503"):
        copied_from(bench, shelf)
    assert len(shelf.requests) < 20
