"""The server as a process: it starts, says where it is, shares nothing by mistake, and ends when it is told to."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from navarch.registry.config import parse_config
from navarch.registry.serve import _reserved
from support.certificates import Authority
from support.serving import NAV, Serving
from support.spaces import packed

if TYPE_CHECKING:
    from pathlib import Path


def get(url: str, **more: Any) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=300, **more) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def post(url: str, data: bytes) -> int:
    request = urllib.request.Request(url, data, {"Content-Type": "application/gzip"})
    return get(request)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_ends(tmp_path, sent: int) -> None:
    log = tmp_path / "access.log"
    with Serving(f"log: {{access: {log}}}", folder=str(tmp_path)) as server:
        assert re.fullmatch(r"Serving charts at http://127.0.0.1:\d+\n", server.lines[1])
        assert "Everybody on this machine may read, write and delete" in server.lines[0]
        archive = packed("web", "1.0.0")
        assert post(f"{server.url}/api/lib/charts", archive) == 201
        assert get(f"{server.url}/lib/charts/web-1.0.0.tgz") == (200, archive)
        assert server.stop(sent) == 0, server.told
    assert "Traceback" not in server.told
    posted, got = log.read_text().splitlines()
    assert '"POST /api/lib/charts HTTP/1.1" 201 14 ' in posted
    assert f'"GET /lib/charts/web-1.0.0.tgz HTTP/1.1" 200 {len(archive)} ' in got


def test_workers_have_one_storage_one_rate_and_one_set_of_figures(tmp_path) -> None:
    with Serving("workers: 2\nlimits: {requestspersecond: 0.01, burst: 40}", folder=str(tmp_path)) as server:
        for number in range(4):
            assert post(f"{server.url}/api/lib/charts", packed("web", f"1.{number}.0")) == 201
            index = json.loads(get(f"{server.url}/lib/index.yaml")[1])
            assert len(index["entries"]["web"]) == number + 1
        with ThreadPoolExecutor(8) as clients:
            codes = list(clients.map(lambda _: get(f"{server.url}/lib/charts/web-1.0.0.tgz")[0], range(100)))
        # some that come at the same moment may count as one; if each worker counted by itself, there were 72
        assert 31 <= codes.count(200) <= 52
        assert codes.count(429) == 100 - codes.count(200)
        figures = [get(f"{server.url}/metrics")[0] for _ in range(3)]
        assert set(figures) == {429}


def test_figures_of_all_workers_are_added_up(tmp_path) -> None:
    with Serving("workers: 3", folder=str(tmp_path)) as server:
        for _ in range(30):
            get(f"{server.url}/lib/index.yaml")  # each by a new connection, to any worker
        for _ in range(3):
            text = get(f"{server.url}/metrics")[1].decode()
            assert 'navarch_registry_requests_total{face="classic",method="GET",status="404"} 30.0' in text


def test_a_port_that_is_in_use_is_not_shared(tmp_path) -> None:
    with Serving(folder=str(tmp_path)) as server:
        port = server.url.rpartition(":")[2]
        command = [NAV, "registry", "serve", "--listen", f"127.0.0.1:{port}"]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=300, env={"HOME": str(tmp_path)}, check=False
        )
        assert (done.returncode, done.stderr) == (1, f"Error: listen: 127.0.0.1:{port} is in use\n")


def test_a_port_that_the_system_chose_is_kept_for_the_workers(tmp_path) -> None:
    config = parse_config("listen: 127.0.0.1:0", root=str(tmp_path))
    with _reserved(config) as port, pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", port)).close()
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lisen: 1", "config.yaml: lisen is an unknown key"),
        ("tls: {certificate: /none, key: /none}", "tls.key: /none: No such file or directory"),
        ("tls: {certificate: /none, key: /dev/null}", "tls.certificate: /none: No such file or directory"),
        ("auth: {htpasswd: /none}", "auth.htpasswd: /none: No such file or directory"),
        ("log: {access: /none/log}", "log.access: /none/log: No such file or directory"),
        ("log: {audit: /none/log}", "log.audit: /none/log: No such file or directory"),
        ("manager: {parameters: {rootdirectory: /dev/null/x}}", "manager.parameters.rootdirectory: storage: "),
        (
            "manager: {parameters: {resourcelocker: file, lockerparameters: {directory: /dev/null/x}}}",
            "manager.parameters.lockerparameters: locks: ",
        ),
        (
            "manager: {parameters: {storagedriver: s3, bucket: b, regionendpoint: 'http://127.0.0.1:1', accesskey: a, secretkey: b}}",
            "manager.parameters: storage: ",
        ),
    ],
)
def test_what_is_wrong_is_said_at_the_start(tmp_path, text: str, message: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    command = [NAV, "registry", "serve", "-c", str(path), "--listen", "127.0.0.1:0"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env={"HOME": str(tmp_path)}, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_tls_and_accounts(tmp_path) -> None:
    authority = Authority()
    pair = authority.issue(ips=("127.0.0.1",))
    for name, data in (("c", pair.certificate), ("k", pair.key), ("a", authority.certificate)):
        (tmp_path / name).write_bytes(data)
    text = f"tls: {{certificate: {tmp_path}/c, key: {tmp_path}/k}}\nauth: {{anonymous: [public]}}"
    trusting = ssl.create_default_context(cafile=str(tmp_path / "a"))
    with Serving(text, folder=str(tmp_path)) as server:
        assert server.url.startswith("https://")
        assert "Everybody" not in server.told
        assert get(f"{server.url}/healthz", context=trusting) == (200, b"ok\n")
        assert get(f"{server.url}/public/index.yaml", context=trusting)[0] == 404
        assert get(f"{server.url}/lib/index.yaml", context=trusting)[0] == 401
    demanding = text.replace("key:", f"clientca: {tmp_path}/a, key:")
    with Serving(demanding, folder=str(tmp_path)) as server:
        with pytest.raises((ssl.SSLError, urllib.error.URLError, ConnectionError)):
            get(f"{server.url}/healthz", context=trusting)
        mine = authority.issue("client")
        (tmp_path / "mine").write_bytes(mine.certificate + mine.key)
        trusting.load_cert_chain(str(tmp_path / "mine"))
        assert get(f"{server.url}/healthz", context=trusting) == (200, b"ok\n")


def test_open_to_all_is_said(tmp_path) -> None:
    with Serving(folder=str(tmp_path), listen=":0") as server:
        assert server.url.startswith("http://0.0.0.0:")
        assert "Everybody who reaches this address may read, write and delete" in server.told


def raw(url: str, request: bytes) -> bytes:
    host, _, port = url.partition("://")[2].partition(":")
    with socket.create_connection((host, int(port)), 120) as connection:
        connection.sendall(request)
        found = b""
        while piece := connection.recv(65536):
            found += piece
        return found


def test_tricks_with_requests(tmp_path) -> None:
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "secret").write_text("secret")
    with Serving("limits: {uploadbytes: 1000}", folder=str(tmp_path)) as server:
        end = b"Host: 127.0.0.1\r\nConnection: close\r\n\r\n"
        for path in (b"/../secret", b"/lib/charts/../../secret", b"/%2e%2e/secret", b"/lib/charts/%2e%2e%2fsecret"):
            found = raw(server.url, b"GET " + path + b" HTTP/1.1\r\n" + end)
            assert b" 404 " in found.partition(b"\r\n")[0], path
            assert b"secret\n" not in found
        split = raw(server.url, b"GET /x%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\n" + end)
        assert b"set-cookie:" not in split.lower().partition(b"\r\n\r\n")[0]
        assert b" 400 " in raw(server.url, b"GET / HTTP/9.9\r\n\r\n").partition(b"\r\n")[0]
        announced = (
            b"POST /api/lib/charts HTTP/1.1\r\nContent-Length: 9999999\r\nConnection: close\r\nHost: 127.0.0.1\r\n\r\n"
        )
        assert b" 413 " in raw(server.url, announced).partition(b"\r\n")[0]  # though no body ever comes
        both = (
            b"POST /api/lib/charts HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n" + end + b"0\r\n\r\n"
        )
        assert raw(server.url, both).partition(b"\r\n")[0].split()[1] in {b"400", b"413"}
        assert get(f"{server.url}/healthz")[0] == 200


@pytest.mark.parametrize("tls", [False, True])
def test_connections_on_which_nothing_comes_are_closed(tmp_path, tls: bool) -> None:
    """Whether nothing was sent at all, a part of the headers, what HTTP/2 begins with, or nothing after a request."""
    authority = Authority()
    pair = authority.issue(ips=("127.0.0.1",))
    for name, data in (("c", pair.certificate), ("k", pair.key), ("a", authority.certificate)):
        (tmp_path / name).write_bytes(data)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "a"))
    text = f"tls: {{certificate: {tmp_path}/c, key: {tmp_path}/k}}\n" if tls else ""
    whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with Serving(f"{text}limits: {{headertimeout: 1000}}", folder=str(tmp_path)) as server:
        host, _, port = server.url.partition("://")[2].partition(":")

        def wait(sent: bytes) -> bytes:
            plain = socket.create_connection((host, int(port)), 60)
            with trusting.wrap_socket(plain, server_hostname=host) if tls else plain as connection:
                connection.sendall(sent)
                found = b""
                while piece := connection.recv(65536):  # raises TimeoutError after 60 s
                    found += piece
                return found

        sent = [b"", b"GET / HTTP/1.1\r\nHost:", b"PRI * HTTP/2.0\r\n", b"PRI", whole]
        with ThreadPoolExecutor(len(sent)) as clients:
            answers = list(clients.map(wait, sent))
        assert b" 200 " in answers[-1].partition(b"\r\n")[0]


def test_who_sends_all_before_it_looks_gets_its_answer(tmp_path) -> None:
    with Serving("limits: {uploadbytes: 1000}\nauth: {anonymous: {lib: '*'}}", folder=str(tmp_path)) as server:
        assert post(f"{server.url}/api/lib/charts", b"x" * 30_000_000) == 413
        assert post(f"{server.url}/api/other/charts", b"x" * 30_000_000) == 401
        assert post(f"{server.url}/nowhere", b"x" * 30_000_000) == 404
        assert get(f"{server.url}/healthz")[0] == 200


def test_what_is_kept_is_nobody_elses_to_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Serving(
            f"auth: {{anonymous: {{lib: '*'}}}}\nlog: {{access: {tmp_path}/log}}", folder=str(tmp_path)
        ) as server:
            assert post(f"{server.url}/api/lib/charts", packed("web", "1.0.0")) == 201
    finally:
        os.umask(before)
    kept = [path for path in (tmp_path / "charts").rglob("*") if path.is_file()]
    assert len(kept) >= 4
    for path in (tmp_path / "charts", tmp_path / "log", *(tmp_path / "charts").rglob("*")):
        assert path.stat().st_mode & 0o027 == 0, path
