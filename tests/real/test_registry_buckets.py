"""The drivers of buckets on servers: versitygw for S3, fake-gcs-server for Google's, Azurite for Azure's.

What these servers lack of what the real services promise:

- versitygw's If-Match looks first and writes then, so that of two swaps at the same moment both may be told that they won.
- fake-gcs-server has Google's JSON API only; support/google_front.py adds the XML API. It checks no credentials, and knows
  no limit to how often one key is written (Google's is once a second, beyond which it says 429).
- Azurite answers a range of an empty blob, which nobody asks for, with a header that is none.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from navarch.registry.config import parse_config
from navarch.registry.drivers import open_objects
from support.clouds import CLOUDS, KEY, GoogleStorage, cloud, signature
from support.gateway import free_port
from support.objects_contract import LAWS, swaps_lose_nothing
from support.oracle import HELM
from support.serving import NAV, Serving
from support.spaces import packed
from support.trouble import Servers, ask, check_whole, listings, noise, port_of, upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from navarch.registry.store.objects import Objects
    from support.clouds import Cloud

pytestmark = pytest.mark.real


@pytest.fixture(scope="module", params=CLOUDS)
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with cloud(request.param, str(tmp_path_factory.mktemp("cloud") / request.param)) as one:
        yield one


@pytest.fixture
def place(storage: Cloud) -> str:
    """A configuration with a prefix of the test's own."""
    return storage.settings(more=f", rootdirectory: /tests/{uuid.uuid4().hex}/")


@pytest.fixture
def objects(place: str) -> Objects:
    return open_objects(parse_config(place))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_laws(storage: Cloud, objects: Objects, law: Callable[[Objects], None]) -> None:
    if storage.kind == "s3" and law is swaps_lose_nothing:
        pytest.skip("versitygw's If-Match isn't one step with its write")
    law(objects)


def test_prefixes_keep_registries_apart(storage: Cloud) -> None:
    names = [uuid.uuid4().hex, uuid.uuid4().hex]
    both = [open_objects(parse_config(storage.settings(more=f", rootdirectory: {name}"))) for name in names]
    both[0].put("a/b", b"one")
    assert both[1].keys("a") == both[1].children("") == []
    whole = open_objects(parse_config(storage.settings()))
    assert whole.keys(names[0]) == [f"{names[0]}/a/b"]


def test_listings_have_many_pages(objects: Objects) -> None:
    wanted = [f"n/{number:04d}/x" for number in range(1010)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda key: objects.put(key, b"1"), wanted))
    assert objects.keys("n") == wanted
    assert objects.keys("n", wanted[49]) == wanted[50:]
    assert objects.children("n") == [key.split("/")[1] for key in wanted]
    assert [entry.size for entry in objects.entries("n")] == [1] * 1010


@pytest.mark.parametrize("size", [9 << 20, 33_333_333])
def test_large_blobs_come_and_go_in_pieces(objects: Objects, tmp_path: Path, size: int) -> None:
    data = noise(5, size)
    (tmp_path / "file").write_bytes(data)
    objects.put("blobs/a", data)
    objects.put_file("blobs/b", str(tmp_path / "file"))
    for key in ("blobs/a", "blobs/b"):
        pieces = list(objects.open(key))
        assert max(map(len, pieces)) < 9 << 20
        assert hashlib.sha256(b"".join(pieces)).digest() == hashlib.sha256(data).digest()
        assert b"".join(objects.open(key, 8_000_000, 8_500_000)) == data[8_000_000:8_500_000]
        found = objects.head(key)
        assert found is not None
        assert found.size == size


def test_a_registry_on_it(storage: Cloud, place: str, tmp_path: Path) -> None:
    """Two servers, real Helm, OCI and classic; then a removed space, retention and collections, until nothing is left."""
    with Servers(place, tmp_path) as servers:
        first, second = (port_of(servers.start(name)) for name in ("a", "b"))
        charts = {version: packed("web", version, {"x": noise(4, 50_000)}) for version in ("1.0.0", "1.1.0", "2.0.0")}
        (tmp_path / "web-1.0.0.tgz").write_bytes(charts["1.0.0"])
        helm(tmp_path, "push", "web-1.0.0.tgz", f"oci://127.0.0.1:{first}/lib", "--plain-http")
        assert upload(second, charts["1.1.0"]) == upload(first, charts["2.0.0"]) == 201
        for version, port in (("1.0.0", second), ("1.1.0", first), ("2.0.0", second)):
            helm(tmp_path, "pull", f"oci://127.0.0.1:{port}/lib/web", "--plain-http", "--version", version, "-d", "oci")
            helm(
                tmp_path, "pull", "web", "--repo", f"http://127.0.0.1:{port}/lib", "--version", version, "-d", "classic"
            )
            for folder in ("oci", "classic"):
                assert (tmp_path / folder / f"web-{version}.tgz").read_bytes() == charts[version]
        assert upload(second, charts["2.0.0"], "gone") == 201
        assert ask(first, "DELETE", "/api/v1/spaces/gone").status == 204
        assert ask(second, "GET", "/gone/index.yaml").status == 404
        config = ("-c", str(tmp_path / "a" / "config.yaml"), "-o", "json")
        with open(tmp_path / "a" / "config.yaml", "a", encoding="utf-8") as file:
            file.write("retention: {rules: [{newest: 1}]}\n")
        assert len(nav(tmp_path, "registry", "retain", *config)) == 2
        assert listings(second)["oci"] == {"web 2.0.0"}
        time.sleep(1.1)
        for _ in range(2):  # aside, then away
            nav(tmp_path, "registry", "gc", *config, "--spare", "1s")
            time.sleep(2.1)
        check_whole(second, {"web 2.0.0": charts["2.0.0"]}, {"web 2.0.0"})
        objects = open_objects(parse_config(place))
        kept = {key.rpartition("/")[2] for key in objects.keys("blobs")}
        assert hashlib.sha256(charts["2.0.0"]).hexdigest() in kept
        assert not {hashlib.sha256(charts[one]).hexdigest() for one in ("1.0.0", "1.1.0")} & kept
        assert objects.keys("trash") == objects.keys("probe") == []


def helm(folder: Path, *words: str) -> None:
    (folder / "oci").mkdir(exist_ok=True)
    (folder / "classic").mkdir(exist_ok=True)
    done = subprocess.run(
        [HELM, *words], cwd=folder, env={"HOME": str(folder)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def nav(folder: Path, *words: str) -> list[dict[str, Any]]:
    done = subprocess.run([NAV, *words], env={"HOME": str(folder)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def refused(text: str, folder: Path) -> str:
    """What is said when a server isn't begun."""
    server = Serving(text, folder=str(folder))
    with pytest.raises(RuntimeError), server:
        pass
    assert server.process.stderr is not None
    server.process.stderr.close()
    assert (server.code, len(server.lines)) == (1, 1), server.told
    return server.told


WRONG = {
    "s3": ("secretkey: s12345678", "secretkey: wrong", "bucket charts: 403 Forbidden: SignatureDoesNotMatch: "),
    "gcs": ("anonymous: true", "keyfile: /nonexistent", "storage driver gcs: "),
    "azure": (KEY, "d3Jvbmc=", "container charts: 403 Forbidden: AuthorizationFailure: "),
}


def test_what_is_wrong_is_said_at_the_start(storage: Cloud, tmp_path: Path) -> None:
    text = storage.settings()
    assert "404 Not Found: " in (told := refused(text.replace(": charts", ": nothere"), tmp_path))
    assert "nothere: " in told
    right, wrong, words = WRONG[storage.kind]
    assert words in refused(text.replace(right, wrong), tmp_path)
    assert "Connection refused" in refused(storage.settings(port=free_port(), more=", storagetimeout: 1000"), tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "no answer in time" in refused(storage.settings(port=port, more=", storagetimeout: 1000"), tmp_path)
    assert "is plain HTTP, but secure is true" in refused(storage.settings(more=", secure: true"), tmp_path)


def test_credentials_that_the_server_does_not_take(tmp_path: Path) -> None:
    with cloud("gcs", str(tmp_path / "gcs")) as one:
        assert isinstance(one.server, GoogleStorage)
        one.server.front.token = "good"
        assert "bucket charts: 401 Unauthorized: AuthenticationRequired" in refused(one.settings(), tmp_path)


def test_a_container_by_a_shared_access_signature(storage: Cloud, tmp_path: Path) -> None:
    if storage.kind != "azure":
        pytest.skip("Azure's")
    text = storage.settings(more=f", rootdirectory: {uuid.uuid4().hex}")
    signed = text.replace(f"accountkey: '{KEY}'", f"sastoken: '{signature('rwdlc')}'")
    with Servers(signed, tmp_path) as servers:
        port = port_of(servers.start("a"))
        assert upload(port, packed("web", "1.0.0")) == 201
        check_whole(port, {"web 1.0.0": packed("web", "1.0.0")}, {"web 1.0.0"})
    told = refused(text.replace(f"accountkey: '{KEY}'", f"sastoken: '{signature('rl')}'"), tmp_path)
    assert "403 Forbidden: AuthorizationPermissionMismatch" in told
    assert "sig=" not in told


PAGE = Path(__file__).parents[2] / "docs/registry-server.md"


def test_the_examples_of_the_page_run(storage: Cloud, tmp_path: Path) -> None:
    port = {"s3": 7070, "gcs": 4443, "azure": 10000}[storage.kind]
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (example,) = [one for one in blocks if f":{port}" in one]
    with Servers(example.replace(f":{port}", f":{storage.port}"), tmp_path) as servers:
        server = port_of(servers.start("a"))
        space = f"s{uuid.uuid4().hex}"
        assert upload(server, packed("web", "1.0.0"), space) == 201
        assert listings(server, space)["oci"] == {"web 1.0.0"}
