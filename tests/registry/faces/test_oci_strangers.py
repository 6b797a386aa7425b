"""The distribution API and those who mean harm: other spaces' blobs by digest, manifests that aren't ones, limits."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from navarch.oci.manifest import CHART, CONFIG, IMAGE_MANIFEST, PROVENANCE
from support.asgi import Answer, call, registry
from support.spaces import packed

if TYPE_CHECKING:
    from navarch.registry.app import App

FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
OTHER = "sha256:" + "0" * 64
PRIVATE = packed("web", "1.0.0", {"values.yaml": "password: hidden\n"})
MINE = packed("web", "2.0.0")
MINE_ALONE = f"""
auth: {{tokens: [{{name: me, sha256: {hashlib.sha256(b"me").hexdigest()}, spaces: {{mine: "*"}}}}]}}
"""


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def descriptor(media_type: str, found: str, **fields: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": found, "size": 1, **fields}


def ask(app: App, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    return call(app, method, path, body, headers={"authorization": "Bearer me", **headers})


def put(app: App, manifest: dict[str, Any] | bytes, tag: str = "1.0.0", kind: str = IMAGE_MANIFEST) -> Answer:
    data = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    return ask(app, "PUT", f"/v2/mine/web/manifests/{tag}", data, **({"content-type": kind} if kind else {}))


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json()["errors"][0]["code"]


@pytest.fixture
def app() -> App:
    """A registry with a private chart, a signature of it, and a blob of the one who asks."""
    made = registry(MINE_ALONE)
    made.site.store.upload("secret", PRIVATE, b"private proof")
    assert ask(made, "POST", f"/v2/mine/web/blobs/uploads/?digest={digest(MINE)}", MINE).status == 201
    assert ask(made, "POST", f"/v2/mine/web/blobs/uploads/?digest={digest(b'{}')}", b"{}").status == 201
    return made


def manifests(more: dict[str, Any]) -> list[dict[str, Any]]:
    """Manifests that name a blob of another space: as the archive, the signature, the config, any layer."""
    own, config = descriptor(CHART, digest(MINE)), descriptor(CONFIG, digest(b"{}"))
    return [
        {"config": config, "layers": [descriptor(CHART, digest(PRIVATE), **more)]},
        {"config": config, "layers": [own, descriptor(PROVENANCE, digest(b"private proof"), **more)]},
        {"config": descriptor(CONFIG, digest(PRIVATE), **more), "layers": [own]},
        {"config": config, "layers": [own, descriptor("text/plain", digest(PRIVATE), **more)]},
    ]


@pytest.mark.parametrize("more", [{}, {"urls": ["https://example.com/x"]}, {"urls": True}])
@pytest.mark.parametrize("which", range(4))
def test_to_know_a_digest_is_not_enough(app: App, which: int, more: dict[str, Any]) -> None:
    found = put(app, manifests(more)[which])
    assert code(found) == (404, "MANIFEST_BLOB_UNKNOWN")
    for path in ("/mine/charts/web-1.0.0.tgz", "/mine/charts/web-2.0.0.tgz.prov", "/api/mine/charts/web/1.0.0"):
        assert ask(app, "GET", path).status == 404
    for data in (PRIVATE, b"private proof"):
        assert ask(app, "GET", f"/v2/mine/web/blobs/{digest(data)}").status == 404


def test_layers_that_are_kept_elsewhere_are_no_way_to_other_spaces(app: App) -> None:
    """Layers that may not be distributed needn't be here; that doesn't make those of other spaces one's own."""
    manifest = {
        "config": descriptor(CONFIG, digest(b"{}")),
        "layers": [
            descriptor(FOREIGN, digest(PRIVATE), urls=["https://example.com/x"]),
            descriptor(FOREIGN, OTHER, urls=["https://example.com/y"]),
        ],
    }
    assert put(app, manifest).status == 201
    assert ask(app, "GET", f"/v2/mine/web/blobs/{digest(PRIVATE)}").status == 404
    assert code(put(app, {**manifest, "layers": [descriptor(FOREIGN, OTHER)]})) == (404, "MANIFEST_BLOB_UNKNOWN")


SUBJECT = {"subject": descriptor("text/plain", OTHER)}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"[" * 200_000, IMAGE_MANIFEST),
        (b'{"a":' * 200_000, IMAGE_MANIFEST),
        (b'{"a":' + b"1" * 5000 + b"}", IMAGE_MANIFEST),
        ({"mediaType": [1]}, ""),
        ({"mediaType": [1]}, IMAGE_MANIFEST),
        (b'{"mediaType":"application/\\ud800"}', ""),
        ({"mediaType": "application/json\r\nX: y"}, ""),
        ({"mediaType": "application/日本"}, ""),
        ({"mediaType": "text/html"}, ""),
        ({}, "text/html"),
        ({}, "application/json x"),
        ({"artifactType": {"a": 1}, **SUBJECT}, IMAGE_MANIFEST),
        ({"artifactType": 1, **SUBJECT}, IMAGE_MANIFEST),
        ({"annotations": {"a": [1]}, **SUBJECT}, IMAGE_MANIFEST),
        ({"layers": [descriptor("text/plain", digest(b"{}"), size=-1)]}, IMAGE_MANIFEST),
        ({"subject": {"digest": OTHER}}, IMAGE_MANIFEST),
        ({"config": [1]}, IMAGE_MANIFEST),
        ({"layers": {"a": 1}}, IMAGE_MANIFEST),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_manifest(app: App, data: Any, kind: str) -> None:
    assert code(put(app, data, "some", kind)) == (400, "MANIFEST_INVALID")
    assert ask(app, "GET", "/v2/mine/web/manifests/some").status == 404
    found = ask(app, "GET", f"/v2/mine/web/referrers/{OTHER}?artifactType=x")
    assert (found.status, found.json()["manifests"]) == (200, [])


def test_uploads_in_parts_have_the_same_limit() -> None:
    app = registry("limits: {uploadbytes: 1000}")
    place = ask(app, "POST", "/v2/mine/web/blobs/uploads/").headers["location"]
    assert ask(app, "PATCH", place, b"x" * 600).status == 202
    for method, path in (("PATCH", place), ("PUT", f"{place}?digest={digest(b'x' * 1200)}")):
        assert code(ask(app, method, path, b"x" * 600)) == (413, "SIZE_INVALID")
    assert ask(app, "GET", place).headers["range"] == "0-599"
    assert ask(app, "PUT", f"{place}?digest={digest(b'x' * 1000)}", b"x" * 400).status == 201


LONG = "1" * 5000


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/v2/mine/web/tags/list?n={LONG}", {}, 200),
        (f"/v2/_catalog?n={LONG}", {}, 200),
        (f"/v2/mine/web/blobs/{digest(b'{}')}", {"range": f"bytes={LONG}-"}, 200),
        (f"/v2/mine/web/blobs/{digest(b'{}')}", {"range": f"bytes=-{LONG}"}, 200),
        (f"/v2/mine/web/blobs/{digest(b'{}')}", {"range": f"bytes=0-{LONG}"}, 200),
    ],
    ids=range(5),
)
def test_numbers_that_are_long(app: App, path: str, headers: dict[str, Any], status: int) -> None:
    assert put(app, {"config": descriptor("text/plain", digest(b"{}"))}, "some").status == 201
    assert ask(app, "GET", path, **headers).status == status


def test_a_chunk_with_a_long_range(app: App) -> None:
    place = ask(app, "POST", "/v2/mine/web/blobs/uploads/").headers["location"]
    found = ask(app, "PATCH", place, b"xyz", **{"content-range": f"0-{LONG}"})
    assert code(found) == (400, "BLOB_UPLOAD_INVALID")


def test_a_space_is_full_for_oci_clients_too() -> None:
    app = registry("limits: {chartsperspace: 1}")
    app.site.store.upload("mine", packed("web", "1.0.0"))

    def push(data: bytes, tag: str) -> Answer:
        for blob in (data, b"{}"):
            assert ask(app, "POST", f"/v2/mine/web/blobs/uploads/?digest={digest(blob)}", blob).status == 201
        layers = [descriptor(CHART, digest(data))]
        return put(app, {"config": descriptor(CONFIG, digest(b"{}")), "layers": layers}, tag)

    assert code(push(MINE, "2.0.0")) == (403, "DENIED")
    assert ask(app, "GET", "/v2/mine/web/tags/list").json()["tags"] == ["1.0.0"]
    assert push(packed("web", "1.0.0", {"values.yaml": "a: 1\n"}), "1.0.0").status == 201
    app.site.store.delete_version("mine", "web", "1.0.0")
    assert push(MINE, "2.0.0").status == 201
