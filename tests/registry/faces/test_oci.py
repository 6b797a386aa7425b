"""The distribution API: what its specification asks for, and charts as versions of it."""

from __future__ import annotations

import base64
import hashlib
import json
import tracemalloc
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from obstore.store import LocalStore

import navarch
from navarch.oci.manifest import CHART, CONFIG, IMAGE_INDEX, IMAGE_MANIFEST, PROVENANCE
from navarch.registry.faces.oci.repository import Repository
from navarch.registry.faces.oci.uploads import Upload
from navarch.registry.locks import MemoryLocker
from navarch.registry.store.bucket import Bucket
from navarch.registry.store.filesystem import Filesystem
from navarch.registry.store.store import Store
from support.asgi import Answer, call, registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from navarch.registry.app import App
    from navarch.registry.store.objects import Objects

EMPTY = "application/vnd.oci.empty.v1+json"
OTHER = "sha256:" + "0" * 64


@pytest.fixture(params=["memory", "disk"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> App:
    return registry(root=str(tmp_path / "root") if request.param == "disk" else "")


def digest(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def put_blob(app: App, data: bytes, name: str = "lib/thing", algorithm: str = "sha256") -> str:
    begun = call(app, "POST", f"/v2/{name}/blobs/uploads/")
    assert begun.status == 202
    found = digest(data, algorithm)
    done = call(app, "PUT", f"{begun.headers['location']}?digest={found}", data)
    assert done.status == 201, done.body
    assert done.headers["location"] == f"/v2/{name}/blobs/{found}"
    return found


def descriptor(data: bytes, media_type: str = "text/plain", found: str = "") -> dict[str, Any]:
    return {"mediaType": media_type, "digest": found or digest(data), "size": len(data)}


def image(*layers: dict[str, Any], config: dict[str, Any] | None = None, **fields: Any) -> bytes:
    config = config or descriptor(b"{}", EMPTY)
    return json.dumps(
        {"schemaVersion": 2, "mediaType": IMAGE_MANIFEST, "config": config, "layers": list(layers), **fields}
    ).encode()


def put_manifest(app: App, data: bytes, reference: str, name: str = "lib/thing", kind: str = IMAGE_MANIFEST) -> Answer:
    return call(app, "PUT", f"/v2/{name}/manifests/{reference}", data, headers={"content-type": kind})


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json()["errors"][0]["code"]


def tags(app: App, query: str = "", name: str = "lib/thing") -> list[str]:
    return call(app, "GET", f"/v2/{name}/tags/list{query}").json()["tags"]


@pytest.fixture
def get(app: App) -> Callable[..., Answer]:
    return partial(call, app, "GET")


def test_the_api_says_that_it_is_there(get: Callable[..., Answer]) -> None:
    for path in ("/v2", "/v2/"):
        answer = get(path)
        assert answer.status == 200
        assert answer.headers["docker-distribution-api-version"] == "registry/2.0"


# Blobs


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_blob_in_one_piece(app: App, get: Callable[..., Answer], algorithm: str) -> None:
    found = put_blob(app, b"content", algorithm=algorithm)
    answer = get(f"/v2/lib/thing/blobs/{found}")
    assert (answer.status, answer.body) == (200, b"content")
    assert answer.headers["docker-content-digest"] == found
    head = call(app, "HEAD", f"/v2/lib/thing/blobs/{found}")
    assert (head.status, head.headers["content-length"], head.body) == (200, "7", b"")
    again = get(f"/v2/lib/thing/blobs/{found}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status == 304


def test_a_blob_in_one_request(app: App, get: Callable[..., Answer]) -> None:
    found = digest(b"content")
    answer = call(app, "POST", f"/v2/lib/thing/blobs/uploads/?digest={found}", b"content")
    assert (answer.status, answer.headers["location"]) == (201, f"/v2/lib/thing/blobs/{found}")
    assert get(f"/v2/lib/thing/blobs/{found}").body == b"content"


def test_a_blob_in_chunks(app: App, get: Callable[..., Answer]) -> None:
    place = call(app, "POST", "/v2/lib/thing/blobs/uploads/").headers["location"]
    first = call(app, "PATCH", place, b"abc", headers={"content-range": "0-2"})
    assert (first.status, first.headers["range"]) == (202, "0-2")
    for wrong in ("0-2", "4-6", "2-4"):
        assert refused(call(app, "PATCH", place, b"xyz", headers={"content-range": wrong})) == (
            416,
            "BLOB_UPLOAD_INVALID",
        )
    assert refused(call(app, "PATCH", place, b"xyz", headers={"content-range": "3-9"})) == (400, "SIZE_INVALID")
    assert refused(call(app, "PATCH", place, b"xyz", headers={"content-range": "x"})) == (400, "BLOB_UPLOAD_INVALID")
    second = call(app, "PATCH", first.headers["location"], [b"d", b"ef"])
    assert second.headers["range"] == "0-5"
    looked = call(app, "GET", place)
    assert (looked.status, looked.headers["range"]) == (204, "0-5")
    assert refused(call(app, "PUT", f"{place}?digest={digest(b'other')}", b"g")) == (400, "DIGEST_INVALID")
    found = digest(b"abcdefg")
    place = call(app, "POST", "/v2/lib/thing/blobs/uploads/").headers["location"]
    call(app, "PATCH", place, b"abcd")
    done = call(app, "PUT", f"{place}?digest={found}", b"efg", headers={"content-range": "4-6"})
    assert done.status == 201
    assert get(f"/v2/lib/thing/blobs/{found}").body == b"abcdefg"
    assert refused(call(app, "GET", place)) == (404, "BLOB_UPLOAD_UNKNOWN")


def test_any_worker_takes_the_next_chunk(tmp_path: Path) -> None:
    workers = [registry(root=str(tmp_path / "root")) for _ in "123"]
    place = call(workers[0], "POST", "/v2/lib/thing/blobs/uploads/").headers["location"]
    call(workers[1], "PATCH", place, b"abc")
    found = digest(b"abcdef")
    assert call(workers[2], "PUT", f"{place}?digest={found}", b"def").status == 201
    assert call(workers[0], "GET", f"/v2/lib/thing/blobs/{found}").body == b"abcdef"


def test_an_upload_that_is_given_up_leaves_nothing(app: App) -> None:
    place = call(app, "POST", "/v2/lib/thing/blobs/uploads/").headers["location"]
    call(app, "PATCH", place, b"abc")
    assert call(app, "DELETE", place).status == 204
    assert refused(call(app, "PATCH", place, b"def")) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert [entry.key for entry in app.site.store.objects.entries("data") if "_uploads" in entry.key] == []


@pytest.mark.parametrize("wrong", ["", "sha256:1", "md5:" + "0" * 32, OTHER])
def test_a_blob_has_its_digest(app: App, wrong: str) -> None:
    place = call(app, "POST", "/v2/lib/thing/blobs/uploads/").headers["location"]
    assert refused(call(app, "PUT", f"{place}?digest={wrong}", b"content")) == (400, "DIGEST_INVALID")
    assert list(app.site.store.objects.entries("blobs")) == []


@pytest.mark.parametrize(
    ("asked", "status", "body", "said"),
    [
        ("bytes=0-2", 206, b"012", "bytes 0-2/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=5-100", 206, b"56789", "bytes 5-9/10"),
        ("bytes=-100", 206, b"0123456789", "bytes 0-9/10"),
        ("lines=1-2", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=5-2", 200, b"0123456789", None),
    ],
)
def test_a_part_of_a_blob(
    app: App, get: Callable[..., Answer], asked: str, status: int, body: bytes, said: str | None
) -> None:
    found = put_blob(app, b"0123456789")
    answer = get(f"/v2/lib/thing/blobs/{found}", headers={"range": asked})
    assert (answer.status, answer.body, answer.headers.get("content-range")) == (status, body, said)
    assert answer.headers["content-length"] == str(len(body))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=-0"])
def test_a_part_that_isnt_there(app: App, get: Callable[..., Answer], asked: str) -> None:
    found = put_blob(app, b"0123456789")
    assert get(f"/v2/lib/thing/blobs/{found}", headers={"range": asked}).status == 416


def test_blobs_belong_to_repositories(app: App, get: Callable[..., Answer]) -> None:
    """Content isn't told to those who name its digest elsewhere."""
    found = put_blob(app, b"secret", "lib/one")
    put_blob(app, b"other", "lib/two")
    assert refused(get(f"/v2/lib/two/blobs/{found}")) == (404, "BLOB_UNKNOWN")
    assert refused(get(f"/v2/none/two/blobs/{found}")) == (404, "NAME_UNKNOWN")
    mounted = call(app, "POST", f"/v2/lib/two/blobs/uploads/?mount={found}&from=lib/one")
    assert (mounted.status, mounted.headers["location"]) == (201, f"/v2/lib/two/blobs/{found}")
    assert get(f"/v2/lib/two/blobs/{found}").body == b"secret"
    assert call(app, "DELETE", f"/v2/lib/two/blobs/{found}").status == 202
    assert get(f"/v2/lib/two/blobs/{found}").status == 404
    assert get(f"/v2/lib/one/blobs/{found}").status == 200


@pytest.mark.parametrize("query", [f"mount={OTHER}&from=lib/one", f"mount={OTHER}", f"mount={OTHER}&from=a/b"])
def test_what_cant_be_mounted_is_uploaded(app: App, query: str) -> None:
    put_blob(app, b"content", "lib/one")
    answer = call(app, "POST", f"/v2/lib/two/blobs/uploads/?{query}")
    assert answer.status == 202
    assert "/blobs/uploads/" in answer.headers["location"]


# Manifests


def test_a_manifest_by_tag_and_by_digest(app: App, get: Callable[..., Answer]) -> None:
    put_blob(app, b"{}")
    put_blob(app, b"layer")
    data = image(descriptor(b"layer"))
    answer = put_manifest(app, data, "latest")
    assert answer.status == 201
    assert answer.headers["docker-content-digest"] == digest(data)
    assert answer.headers["location"] == f"/v2/lib/thing/manifests/{digest(data)}"
    for reference in ("latest", digest(data)):
        found = get(f"/v2/lib/thing/manifests/{reference}")
        assert (found.status, found.body) == (200, data)
        assert found.headers["content-type"] == IMAGE_MANIFEST
        assert found.headers["docker-content-digest"] == digest(data)
        assert call(app, "HEAD", f"/v2/lib/thing/manifests/{reference}").headers["content-length"] == str(len(data))
    assert tags(app) == ["latest"]


def test_a_manifest_under_sha512_with_tags(app: App, get: Callable[..., Answer]) -> None:
    put_blob(app, b"{}")
    data = image()
    found = digest(data, "sha512")
    answer = put_manifest(app, data, f"{found}?tag=a&tag=b")
    assert (answer.status, answer.headers["oci-tag"]) == (201, "a, b")
    assert get(f"/v2/lib/thing/manifests/{found}").body == data
    assert get("/v2/lib/thing/manifests/a").headers["docker-content-digest"] == found
    assert tags(app) == ["a", "b"]


def test_a_tag_moves_and_goes(app: App, get: Callable[..., Answer]) -> None:
    put_blob(app, b"{}")
    one, two = image(annotations={"n": "1"}), image(annotations={"n": "2"})
    put_manifest(app, one, "latest")
    put_manifest(app, two, "latest")
    put_manifest(app, two, "other")
    assert get("/v2/lib/thing/manifests/latest").body == two
    assert get(f"/v2/lib/thing/manifests/{digest(one)}").body == one
    assert call(app, "DELETE", "/v2/lib/thing/manifests/other").status == 202
    assert tags(app) == ["latest"]
    assert call(app, "DELETE", f"/v2/lib/thing/manifests/{digest(two)}").status == 202
    for gone in ("latest", "other", digest(two)):
        assert refused(get(f"/v2/lib/thing/manifests/{gone}")) == (404, "MANIFEST_UNKNOWN")
        assert call(app, "DELETE", f"/v2/lib/thing/manifests/{gone}").status == 404
    assert tags(app) == []


@pytest.mark.parametrize(
    ("data", "reference", "kind", "expected"),
    [
        (b"no json", "latest", IMAGE_MANIFEST, (400, "MANIFEST_INVALID")),
        (b"[]", "latest", IMAGE_MANIFEST, (400, "MANIFEST_INVALID")),
        (b'{"layers": 1}', "latest", IMAGE_MANIFEST, (400, "MANIFEST_INVALID")),
        (b'{"layers": [{"digest": "../../x", "size": 1, "mediaType": "a"}]}', "x", "", (400, "MANIFEST_INVALID")),
        (b'{"subject": {"digest": 5}}', "latest", IMAGE_MANIFEST, (400, "MANIFEST_INVALID")),
        (image(), "latest", IMAGE_INDEX, (400, "MANIFEST_INVALID")),
        (image(), OTHER, IMAGE_MANIFEST, (400, "DIGEST_INVALID")),
        (image(), "sha256:1", IMAGE_MANIFEST, (400, "DIGEST_INVALID")),
        (image(), "-x", IMAGE_MANIFEST, (400, "MANIFEST_INVALID")),
        (image(), "x" * 129, IMAGE_MANIFEST, (400, "MANIFEST_INVALID")),
        (image(descriptor(b"never pushed")), "latest", IMAGE_MANIFEST, (404, "MANIFEST_BLOB_UNKNOWN")),
    ],
)
def test_what_is_no_manifest_is_refused(
    app: App, data: bytes, reference: str, kind: str, expected: tuple[int, str]
) -> None:
    put_blob(app, b"{}")
    assert refused(put_manifest(app, data, reference, kind=kind)) == expected
    assert refused(call(app, "GET", "/v2/lib/thing/tags/list")) == (404, "NAME_UNKNOWN")


def test_a_manifest_has_four_megabytes_at_most(app: App) -> None:
    put_blob(app, b"{}")
    assert put_manifest(app, image(annotations={"x": "x" * (3 << 20)}), "large").status == 201
    assert put_manifest(app, image(annotations={"x": "x" * (4 << 20)}), "larger").status == 413


@pytest.mark.parametrize("name", ["Lib/thing", "lib//thing", "lib/..", "lib/_x", "lib/thing-", "l/" + "x" * 260, "ä"])
def test_names_that_oci_cant_spell(app: App, get: Callable[..., Answer], name: str) -> None:
    for answer in (get(f"/v2/{name}/tags/list"), call(app, "POST", f"/v2/{name}/blobs/uploads/")):
        assert refused(answer) == (400, "NAME_INVALID")
    assert app.site.store.spaces() == []


def test_names_of_one_and_of_many_parts(app: App, get: Callable[..., Answer]) -> None:
    for name in ("one", "one/two/three/four", "one/tags"):
        put_blob(app, b"{}", name)
        assert put_manifest(app, image(), "v1", name).status == 201
        assert tags(app, name=name) == ["v1"]
    assert get("/v2/_catalog").json() == {"repositories": ["one", "one/tags", "one/two/three/four"]}
    assert get("/v2/_catalog?n=1").headers["link"] == '</v2/_catalog?n=1&last=one>; rel="next"'


def test_pages_of_tags(app: App, get: Callable[..., Answer]) -> None:
    put_blob(app, b"{}")
    for tag in ("b", "a", "c", "B"):
        put_manifest(app, image(), tag)
    assert tags(app) == ["B", "a", "b", "c"]
    page = get("/v2/lib/thing/tags/list?n=2")
    assert page.json()["tags"] == ["B", "a"]
    assert page.headers["link"] == '</v2/lib/thing/tags/list?n=2&last=a>; rel="next"'
    last = get("/v2/lib/thing/tags/list?n=2&last=a")
    assert (last.json()["tags"], "link" in last.headers) == (["b", "c"], False)
    assert tags(app, "?n=0") == []
    assert tags(app, "?last=zzz") == []
    assert get("/v2/lib/thing/tags/list?n=x").status == 400


def test_referrers(app: App, get: Callable[..., Answer]) -> None:
    put_blob(app, b"{}")
    subject = descriptor(image(), IMAGE_MANIFEST)
    assert get(f"/v2/lib/thing/referrers/{subject['digest']}").json()["manifests"] == []
    sign = image(subject=subject, artifactType="sign/v1", annotations={"a": "b"})
    answer = put_manifest(app, sign, digest(sign))
    assert answer.headers["oci-subject"] == subject["digest"]
    plain = image(subject=subject, config=descriptor(b"{}", "conf/v1"))
    put_manifest(app, plain, "plain")
    listed = json.dumps({"schemaVersion": 2, "mediaType": IMAGE_INDEX, "manifests": [], "subject": subject}).encode()
    put_manifest(app, listed, "listed", kind=IMAGE_INDEX)
    answer = get(f"/v2/lib/thing/referrers/{subject['digest']}")
    assert answer.headers["content-type"] == IMAGE_INDEX
    assert "oci-filters-applied" not in answer.headers
    expected = {
        digest(sign): {"artifactType": "sign/v1", "annotations": {"a": "b"}},
        digest(plain): {"artifactType": "conf/v1"},
        digest(listed): {},
    }
    found = {each["digest"]: each for each in answer.json()["manifests"]}
    for key, fields in expected.items():
        each = found.pop(key)
        assert {name: each[name] for name in each if name not in {"mediaType", "digest", "size"}} == fields
    assert found == {}
    filtered = get(f"/v2/lib/thing/referrers/{subject['digest']}?artifactType=sign/v1")
    assert [each["digest"] for each in filtered.json()["manifests"]] == [digest(sign)]
    assert filtered.headers["oci-filters-applied"] == "artifactType"
    call(app, "DELETE", f"/v2/lib/thing/manifests/{digest(sign)}")
    assert len(get(f"/v2/lib/thing/referrers/{subject['digest']}").json()["manifests"]) == 2
    assert get(f"/v2/nobody/knows/referrers/{subject['digest']}").json()["manifests"] == []
    assert refused(get("/v2/lib/thing/referrers/x")) == (400, "DIGEST_INVALID")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/lib/thing/tags/list"),
        ("PATCH", "/v2/lib/thing/manifests/x"),
        ("PUT", f"/v2/lib/thing/blobs/{OTHER}"),
        ("POST", "/v2/lib/thing/blobs/uploads/123"),
    ],
)
def test_methods_that_arent_there(app: App, method: str, path: str) -> None:
    assert refused(call(app, method, path)) == (405, "UNSUPPORTED")


@pytest.mark.parametrize("path", ["/v2/nothing", "/v2/lib/thing/blobs", "/v2/lib/thing/blobs/a/b"])
def test_paths_that_arent_there(get: Callable[..., Answer], path: str) -> None:
    assert get(path).status == 404


# Charts


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., bytes]:
    def made(name: str = "web", version: str = "1.2.3", text: str = "a: 1\n") -> bytes:
        files = {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n", "values.yaml": text}
        chart = navarch.Chart.from_files({path: content.encode() for path, content in files.items()})
        with open(chart.save(str(tmp_path / "archives"), epoch=0), "rb") as file:
            return file.read()

    return made


def push_chart(app: App, data: bytes, tag: str, name: str = "lib/web", prov: bytes = b"") -> Answer:
    config = b'{"name":"web","version":"1.2.3"}'
    layers = [descriptor(data, CHART)] + [descriptor(prov, PROVENANCE)] * bool(prov)
    for blob in (config, data, prov):
        put_blob(app, blob, name)
    return put_manifest(app, image(*layers, config=descriptor(config, CONFIG)), tag, name)


def versions(app: App) -> list[str]:
    store = app.site.store
    return [f"{record.chart} {record.version}" for record in store.space("lib").view.records()]


def test_a_pushed_chart_is_a_version(app: App, archive: Callable[..., bytes]) -> None:
    answer = push_chart(app, archive(version="1.2.3+b.1"), "1.2.3_b.1", prov=b"proof")
    assert answer.status == 201
    assert versions(app) == ["web 1.2.3+b.1"]
    store = app.site.store
    record = store.space("lib").record("web", "1.2.3+b.1")
    assert store.archive(record) == archive(version="1.2.3+b.1")
    assert store.blobs.get(record.prov) == b"proof"
    assert record.manifest == answer.headers["docker-content-digest"]
    assert tags(app, name="lib/web") == ["1.2.3_b.1"]


def test_a_chart_pushed_again_takes_the_place_of_the_first(app: App, archive: Callable[..., bytes]) -> None:
    push_chart(app, archive(), "1.2.3")
    push_chart(app, archive(text="b: 2\n"), "1.2.3")
    store = app.site.store
    assert store.archive(store.space("lib").record("web", "1.2.3")) == archive(text="b: 2\n")


def test_another_tag_of_a_chart_changes_no_version(
    app: App, get: Callable[..., Answer], archive: Callable[..., bytes]
) -> None:
    push_chart(app, archive(), "1.2.3")
    push_chart(app, archive(text="b: 2\n"), "latest")
    store = app.site.store
    assert store.archive(store.space("lib").record("web", "1.2.3")) == archive()
    assert tags(app, name="lib/web") == ["1.2.3", "latest"]
    assert digest(archive(text="b: 2\n")) in get("/v2/lib/web/manifests/latest").body.decode()


@pytest.mark.parametrize("name", ["lib/other", "lib/charts/web", "web"])
def test_a_chart_in_a_repository_of_another_name_is_an_artifact(
    app: App, archive: Callable[..., bytes], name: str
) -> None:
    assert push_chart(app, archive(), "1.2.3", name).status == 201
    assert tags(app, name=name) == ["1.2.3"]
    assert list(app.site.store.space(name.split("/", maxsplit=1)[0]).view.records()) == []


@pytest.mark.parametrize("data", [b"no archive", b"\x1f\x8b damaged"])
def test_a_chart_that_is_none_is_refused(app: App, data: bytes) -> None:
    assert refused(push_chart(app, data, "1.2.3")) == (400, "MANIFEST_INVALID")


def test_a_version_from_elsewhere_is_a_tag(app: App, get: Callable[..., Answer], archive: Callable[..., bytes]) -> None:
    data = archive(version="1.0.0+x")
    record = app.site.store.upload("lib", data, b"proof")
    assert tags(app, name="lib/web") == ["1.0.0_x"]
    found = get("/v2/lib/web/manifests/1.0.0_x")
    assert found.headers["docker-content-digest"] == digest(found.body) == record.manifest
    assert get(f"/v2/lib/web/manifests/{record.manifest}").body == found.body
    manifest = found.json()
    blobs = {each["digest"]: get(f"/v2/lib/web/blobs/{each['digest']}") for each in manifest["layers"]}
    assert {answer.body for answer in blobs.values()} == {data, b"proof"}
    config = get(f"/v2/lib/web/blobs/{manifest['config']['digest']}")
    assert digest(config.body) == manifest["config"]["digest"]
    assert json.loads(config.body)["version"] == "1.0.0+x"
    part = get(f"/v2/lib/web/blobs/{manifest['config']['digest']}", headers={"range": "bytes=0-3"})
    assert part.body == config.body[:4]
    assert get("/v2/_catalog").json() == {"repositories": ["lib/web"]}
    assert refused(call(app, "DELETE", f"/v2/lib/web/blobs/{digest(data)}")) == (405, "UNSUPPORTED")


@pytest.mark.parametrize("by", ["tag", "digest"])
def test_a_version_is_removed_through_its_manifest(app: App, archive: Callable[..., bytes], by: str) -> None:
    first = push_chart(app, archive(), "1.2.3").headers["docker-content-digest"]
    push_chart(app, archive(version="2.0.0"), "2.0.0")
    gone = "1.2.3" if by == "tag" else first
    assert call(app, "DELETE", f"/v2/lib/web/manifests/{gone}").status == 202
    assert versions(app) == ["web 2.0.0"]
    assert tags(app, name="lib/web") == ["2.0.0"]


def test_a_version_removed_elsewhere_is_gone_here(
    app: App, get: Callable[..., Answer], archive: Callable[..., bytes]
) -> None:
    found = push_chart(app, archive(), "1.2.3").headers["docker-content-digest"]
    app.site.store.delete_version("lib", "web", "1.2.3")
    for reference in ("1.2.3", found):
        assert refused(get(f"/v2/lib/web/manifests/{reference}")) == (404, "MANIFEST_UNKNOWN")
    push_chart(app, archive(), "1.2.3")
    app.site.store.delete_space("lib")
    assert refused(get("/v2/lib/web/manifests/1.2.3")) == (404, "NAME_UNKNOWN")


def keys(app: App) -> list[str]:
    return [entry.key for prefix in ("data", "blobs") for entry in app.site.store.objects.entries(prefix)]


def test_a_tag_that_says_another_version_is_refused(
    app: App, get: Callable[..., Answer], archive: Callable[..., bytes]
) -> None:
    push_chart(app, archive(), "1.2.3")
    data = archive(version="2.0.0+b.1")
    for wrong in ("2.0.0", "2.0.0_b.2", "1.2.3", "3.0.0"):
        answer = push_chart(app, data, wrong)
        assert refused(answer) == (400, "MANIFEST_INVALID")
        said = answer.json()["errors"][0]["message"]
        assert said == f"the chart is version 2.0.0+b.1, but its tag says {wrong.replace('_', '+')}"
    assert versions(app) == ["web 1.2.3"]
    assert tags(app, name="lib/web") == ["1.2.3"]
    assert len([key for key in keys(app) if "/_manifests/" in key]) == 1
    for right in ("2", "v2.0.0", "2.0", "stable", "2.0.0_b.1"):
        assert push_chart(app, data, right).status == 201
    assert versions(app) == ["web 1.2.3", "web 2.0.0+b.1"]


def test_what_is_no_chart_cant_hide_a_version(
    app: App, get: Callable[..., Answer], archive: Callable[..., bytes]
) -> None:
    data = archive(version="1.0.0")
    app.site.store.upload("lib", data)
    put_blob(app, b"{}", "lib/web")
    assert refused(put_manifest(app, image(), "1.0.0", "lib/web")) == (409, "DENIED")
    assert put_manifest(app, image(), "2.0.0", "lib/web").status == 201
    app.site.store.upload("lib", archive(version="2.0.0"))
    assert get("/v2/lib/web/manifests/2.0.0").json()["config"]["mediaType"] == CONFIG
    assert tags(app, name="lib/web") == ["1.0.0", "2.0.0"]


def test_a_refused_chart_leaves_nothing(app: App, archive: Callable[..., bytes]) -> None:
    answer = push_chart(app, b"no archive", "1.2.3")
    assert refused(answer) == (400, "MANIFEST_INVALID")
    assert not [key for key in keys(app) if "/_manifests/" in key or "/_tags/" in key]


@pytest.mark.parametrize("version", ["v1.0.0", "1.2"])
def test_a_version_that_is_none_of_semver_2_is_an_artifact(
    app: App, get: Callable[..., Answer], archive: Callable[..., bytes], version: str
) -> None:
    data = archive(version=version)
    assert push_chart(app, data, version).status == 201
    assert tags(app, name="lib/web") == [version]
    assert digest(data) in get(f"/v2/lib/web/manifests/{version}").body.decode()
    assert versions(app) == []
    assert get("/lib/charts/web-1.0.0.tgz").status == 404


def test_a_removed_version_takes_its_other_tags_along(app: App, archive: Callable[..., bytes]) -> None:
    push_chart(app, archive(version="1.0.0"), "1.0.0")
    for tag in ("1.2.3", "stable", "latest"):
        push_chart(app, archive(), tag)
    app.site.store.delete_version("lib", "web", "1.2.3")
    assert tags(app, name="lib/web") == ["1.0.0"]


def test_what_another_tag_means_outlives_a_replaced_version(
    app: App, get: Callable[..., Answer], archive: Callable[..., bytes]
) -> None:
    data = archive(version="1.0.0")
    app.site.store.upload("lib", data, b"proof")
    found = get("/v2/lib/web/manifests/1.0.0")
    assert put_manifest(app, found.body, "stable", "lib/web").status == 201
    app.site.store.replace("lib", "web", "1.0.0", archive(version="1.0.0", text="b: 2\n"))
    assert get("/v2/lib/web/manifests/1.0.0").body != found.body
    assert get("/v2/lib/web/manifests/stable").body == found.body
    manifest = found.json()
    for part in [manifest["config"], *manifest["layers"]]:
        blob = get(f"/v2/lib/web/blobs/{part['digest']}")
        assert (blob.status, digest(blob.body)) == (200, part["digest"])


# Headers and parameters


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_a_manifest_that_is_known_already(app: App, get: Callable[..., Answer], form: str) -> None:
    put_blob(app, b"{}")
    put_manifest(app, image(), "v1")
    tag = get("/v2/lib/thing/manifests/v1").headers["etag"]
    again = get("/v2/lib/thing/manifests/v1", headers={"if-none-match": form.format(tag)})
    assert (again.status, again.body) == (304, b"")
    other = get("/v2/lib/thing/manifests/v1", headers={"if-none-match": '"other"'})
    assert other.status == 200


def test_the_algorithm_of_an_upload(app: App) -> None:
    assert call(app, "POST", "/v2/lib/thing/blobs/uploads/?digest-algorithm=sha512").status == 202
    assert refused(call(app, "POST", "/v2/lib/thing/blobs/uploads/?digest-algorithm=md5")) == (400, "DIGEST_INVALID")


def test_clients_are_asked_for_credentials_even_where_a_space_is_open(archive: Callable[..., bytes]) -> None:
    token = hashlib.sha256(b"secret").hexdigest()
    app = registry(f"auth: {{tokens: [{{name: ci, sha256: {token}}}], anonymous: [lib]}}")
    app.site.store.upload("lib", archive(version="1.0.0"))
    nobody, ci, other = (
        {"authorization": f"Basic {base64.b64encode(text).decode()}"} for text in (b":", b"ci:secret", b":secret")
    )
    for headers in ({}, nobody):
        asked = call(app, "GET", "/v2/", headers=headers)
        assert (asked.status, asked.headers["www-authenticate"].split()[0]) == (401, "Basic")
        assert call(app, "GET", "/v2/lib/web/manifests/1.0.0", headers=headers).status == 200
    assert call(app, "GET", "/v2/", headers=ci).status == 200
    assert call(app, "GET", "/v2/lib/web/manifests/1.0.0", headers=other).status == 401


@pytest.mark.parametrize("kind", ["disk", "bucket"])
def test_a_large_blob_is_never_whole_in_memory(tmp_path: Path, kind: str) -> None:
    """Whether it comes at once or in parts: what Python holds of it is counted."""
    objects: Objects = Filesystem(str(tmp_path / "f"))
    if kind == "bucket":
        objects = Bucket(LocalStore(str(tmp_path / "b"), mkdir=True))
    repository = Repository.open_to_write(Store(objects, locks=MemoryLocker(1)), "lib/thing")
    size = 16 << 20
    for number, parts in enumerate((1, 3)):
        upload = Upload.begin(repository)
        paths = []
        for part in range(parts):
            paths.append(tmp_path / f"part-{number}-{part}")
            with open(paths[-1], "wb") as file:
                file.truncate(size)
        wanted = digest(bytes(size * parts))
        tracemalloc.start()
        try:
            for path in paths[:-1]:
                upload.add(str(path), "")
            upload.finish(str(paths[-1]), wanted)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert most < size / 2
        assert repository.store.blobs.size(wanted) == size * parts
