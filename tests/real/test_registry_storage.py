"""A registry whose disk is full, whose storage is slow or gone, whose clients leave in mid-upload or talk nonsense."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from support.asgi import multipart
from support.gateway import Gateway, Relay, need_gateway, s3_settings
from support.serving import Serving
from support.spaces import packed
from support.trouble import Servers, Writers, ask, check_whole, listings, noise, port_of, upload, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Serving]:
    """A server with a folder, `charts`, and one chart."""
    with Serving(folder=str(tmp_path)) as server:
        assert upload(port_of(server), packed("web", "1.0.0")) == 201
        yield server


def limit_files(server: Serving, size: int) -> None:
    """Have every write end at so many bytes of a file, first short and then refused, as on a disk that is full."""
    listed = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=True).stdout
    for process in map(int, listed.split()):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and path.name != "begun"}


@pytest.mark.parametrize("size", [300_000, 3_000_000])
def test_a_disk_that_is_full(own: Serving, tmp_path: Path, size: int) -> None:
    port, before = port_of(own), files_of(tmp_path / "charts")
    data = packed("big", "1.0.0", {"x.bin": noise(1, size)})
    form, headers = multipart(chartfile=data)
    limit_files(own, 50_000)
    assert upload(port, data) == 503
    answer = ask(port, "POST", "/api/v1/spaces/lib/charts", form, headers=headers)
    assert (answer.status, answer.json()["reason"]) == (503, "ReasonInternal")  # type: ignore[index]
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    where = f"/v2/lib/big/blobs/uploads/?digest={digest}"
    answer = ask(port, "POST", where, data, headers={"Content-Type": "application/octet-stream"})
    assert (answer.status, list(answer.json())) == (503, ["errors"])  # type: ignore[call-overload]
    assert files_of(tmp_path / "charts") == before
    assert listings(port)["classic"] == {"web 1.0.0"}
    limit_files(own, resource.RLIM_INFINITY)
    assert upload(port, data) == 201
    check_whole(port, {"big 1.0.0": data, "web 1.0.0": packed("web", "1.0.0")}, {"big 1.0.0", "web 1.0.0"})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_file_system_without_room(tmp_path: Path) -> None:
    (tmp_path / "charts").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(tmp_path / "charts")]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting isn't allowed here")
    try:
        with Serving(folder=str(tmp_path)) as server:
            port = port_of(server)
            data = {f"c{one} 1.0.0": packed(f"c{one}", "1.0.0", {"x": noise(one, 90_000)}) for one in range(20)}
            answered = {name: archive for name, archive in data.items() if upload(port, archive) == 201}
            assert 5 < len(answered) < 20
            check_whole(port, answered, set(answered))
            name = next(iter(answered)).split()[0]
            assert ask(port, "DELETE", f"/api/v1/spaces/lib/charts/{name}").status == 204
            assert listings(port)["oci"] == set(answered) - {f"{name} 1.0.0"}
    finally:
        subprocess.run(["umount", "-l", str(tmp_path / "charts")], check=True)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Relay]:
    """What is between a server and its bucket."""
    need_gateway()
    with Gateway(str(tmp_path / "s3")) as gateway, Relay(gateway.port) as relay:
        yield relay


def test_storage_that_is_slow_then_gone_then_back(line: Relay, tmp_path: Path) -> None:
    first, second = packed("web", "1.0.0"), packed("web", "2.0.0")
    with Servers(s3_settings(line.port), tmp_path) as servers:
        port = port_of(servers.start("a"))
        line.delay = 0.1
        assert upload(port, first) == 201
        assert listings(port)["oci"] == {"web 1.0.0"}
        line.delay = 0
        line.cut()
        assert ask(port, "GET", "/healthz").status == 200
        for path in ("/readyz", "/lib/index.yaml", "/api/v1/spaces", "/v2/lib/web/tags/list", "/api/lib/charts"):
            answer = ask(port, "GET", path)
            assert (answer.status, b"storage doesn't answer" in answer.body) == (503, True), path
        assert upload(port, second) == 503
        line.mend()
        assert ask(port, "GET", "/readyz").status == 200
        assert upload(port, second) == 201
        check_whole(port, {"web 1.0.0": first, "web 2.0.0": second}, {"web 1.0.0", "web 2.0.0"})


def test_storage_that_comes_and_goes_under_writers(line: Relay, tmp_path: Path) -> None:
    chance = random.Random(5)
    with Servers(f"{s3_settings(line.port)}workers: 2\n", tmp_path) as servers:
        port = port_of(servers.start("a"))
        with Writers(port) as writers:
            for _ in range(6):
                time.sleep(chance.uniform(0.2, 0.6))
                line.cut()
                time.sleep(chance.uniform(0.0, 0.3))
                line.mend()
            wait_until(lambda: ask(port, "GET", "/readyz").status == 200)
        assert {one.rpartition(" ")[2] for one in writers.odd} <= {"409"}
        check_whole(port_of(servers.start("b")), writers.answered, writers.tried)
        rest = sorted(writers.tried - set(writers.answered))
        assert {upload(port, packed(name, version)) for name, version in map(str.split, rest)} <= {201, 409}
        assert listings(port)["classic"] == writers.tried


HALVES = (
    "POST /api/lib/charts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900000\r\n\r\n",
    "POST /api/lib/charts HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n40000\r\n",
    (
        "POST /api/v1/spaces/lib/charts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900000\r\n"
        'content-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; name="chartfile"; filename="x"\r\n\r\n'
    ),
    "PUT /api/v1/spaces/lib/charts/web/versions/1.0.0/manifests/values HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999\r\n\r\n",
    "POST /v2/lib/web/blobs/uploads/?digest=sha256:{digest} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999\r\n\r\n",
    "PUT /v2/lib/web/manifests/1.1.0 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999\r\n\r\n",
)


@pytest.mark.parametrize("head", HALVES)
@pytest.mark.parametrize("reset", [False, True])
def test_clients_that_stop_in_mid_upload(own: Serving, tmp_path: Path, head: str, reset: bool) -> None:
    port, before = port_of(own), files_of(tmp_path / "charts")
    data = packed("half", "1.0.0", {"x": noise(3, 50_000)})
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port), 120) as client:
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.sendall(head.replace("{digest}", hashlib.sha256(data).hexdigest()).encode() + data[:30_000])
            time.sleep(0.05)
    assert listings(port)["oci"] == {"web 1.0.0"}
    wait_until(lambda: files_of(tmp_path / "charts") == before)
    assert upload(port, data) == 201
    assert "internal error" not in own.told


ODD_REQUESTS = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /lib/index.yaml HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 1_000_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nhost: localhost\r\n\r\n",
    b"GET /lib/index.yaml HTTP/1.1\r\nhost: localhost\r\n" + b"x: y\r\n" * 10_000 + b"\r\n",
    b"GET /lib/charts/../../../../etc/passwd HTTP/1.1\r\nhost: localhost\r\n\r\n",
    b"GET http://other/lib/index.yaml HTTP/1.1\r\nhost: localhost\r\n\r\n",
    b"GET /lib/\0index.yaml HTTP/1.1\r\nhost: localhost\r\n\r\n",
    b"GET /lib/\xff\xfe HTTP/1.1\r\nhost: localhost\r\n\r\n",
    b"GET /lib/index.yaml HTTP/9.9\r\nhost: localhost\r\n\r\n",
    b"POST /api/lib/charts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /api/lib/charts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
    b"POST /api/lib/charts HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc",
    b"POST /api/lib/charts HTTP/1.1\r\nhost: localhost\r\ncontent-length: -5\r\n\r\n",
    b"POST /api/lib/charts HTTP/1.1\r\nhost: a\r\nhost: b\r\ncontent-length: 1\r\n\r\nx",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(500),
)


def test_requests_that_are_none(own: Serving, tmp_path: Path) -> None:
    """Refused, or the connection closed; never a failure of the server, nothing told, nothing kept."""
    port, before = port_of(own), files_of(tmp_path / "charts")
    for text in ODD_REQUESTS:
        with socket.create_connection(("127.0.0.1", port), 60) as client:
            answer = b""
            try:
                client.sendall(text)
                client.shutdown(socket.SHUT_WR)
                while piece := client.recv(1 << 16):
                    answer += piece
            except OSError:  # it was closed while we sent
                pass
        status = answer.split(b" ")[1] if answer.startswith(b"HTTP/1.1 ") else b""
        fine = text.startswith(
            (b"GET http://", b"GET /lib/index.yaml HTTP/9.9", b"GET /lib/index.yaml HTTP/1.1\r\nhost: localhost\r\nx")
        )
        assert status[:1] in ((b"2", b"4", b"") if fine else (b"4", b"")), (text[:80], answer[:300])
        assert b"root:" not in answer
    assert files_of(tmp_path / "charts") == before
    assert "internal error" not in own.told
    assert "Traceback" not in own.told
    assert listings(port)["oci"] == {"web 1.0.0"}
