"""Collecting, retention and mirrors with the real programs: Helm, the distribution project's registry, S3."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from navarch.errors import RegistryError
from navarch.registry import Client
from support.clouds import CLOUDS, cloud
from support.oracle import HELM, real_helm
from support.real_registry import PASSWORD, USER, RealRegistry, registry_program
from support.serving import NAV, Serving
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.real, real_helm()]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def run(folder: Path, *words: str, code: int = 0, **variables: str) -> str:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **variables}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == code, done.stderr
    return done.stdout


def write_charts(folder: Path) -> dict[str, bytes]:
    """Archives that Helm made, one signature among them (nobody reads it)."""
    run(folder, HELM, "create", "web")
    for version in ("0.1.0", "0.2.0", "1.0.0-rc.1+build.7"):
        run(folder, HELM, "package", "web", "--version", version, "-d", "out")
    (folder / "out/web-0.2.0.tgz.prov").write_bytes(b"a signature")
    return {path.name: path.read_bytes() for path in (folder / "out").glob("*.tgz*")}


def pulled_by_helm(folder: Path, server: Serving) -> dict[str, bytes]:
    """What Helm gets out of the copy, as a classic repository and as a registry, which has to be the same."""
    address = server.url.partition("//")[2]
    for name in ("classic", "oci"):  # Helm doesn't make them
        (folder / name).mkdir()
    for version in ("0.1.0", "0.2.0", "1.0.0-rc.1+build.7"):
        repo = ("web", "--repo", f"{server.url}/copy", "--version", version)
        run(folder, HELM, "pull", *repo, "-d", "classic", *(["--prov"] if version == "0.2.0" else []))
        oci = (f"oci://{address}/copy/web", "--plain-http", "--version", version)
        run(folder, HELM, "pull", *oci, "-d", "oci", *(["--prov"] if version == "0.2.0" else []))
    found, other = (
        {path.name: path.read_bytes() for path in (folder / name).glob("*.tgz*")} for name in ("classic", "oci")
    )
    assert {name.replace("_", "+"): data for name, data in other.items()} == found
    return found


def mirrored(folder: Path, server: Serving, *words: str, code: int = 0) -> list[tuple[str, str]]:
    out = run(folder, NAV, "registry", "mirror", *words, "-o", "json", code=code, NAVARCH_REGISTRY=server.url)
    return sorted((one["version"], one["state"]) for one in json.loads(out))


VERSIONS = ("0.1.0", "0.2.0", "1.0.0-rc.1+build.7")


def test_mirror_of_what_helm_indexed(tmp_path: Path, stack: ExitStack) -> None:
    archives = write_charts(tmp_path)
    run(tmp_path, HELM, "repo", "index", "out")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "out"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as files:
        threading.Thread(target=files.serve_forever, daemon=True).start()
        server = stack.enter_context(Serving(folder=str(tmp_path)))
        source = f"http://127.0.0.1:{files.server_address[1]}"
        assert mirrored(tmp_path, server, source, "copy") == [(version, "copied") for version in VERSIONS]
        assert mirrored(tmp_path, server, source, "copy") == [(version, "present") for version in VERSIONS]
        files.shutdown()
    assert pulled_by_helm(tmp_path, server) == archives


def test_mirror_of_what_helm_pushed(tmp_path: Path, stack: ExitStack) -> None:
    if registry_program() is None:
        pytest.skip("no registry")
    archives = write_charts(tmp_path)
    other = stack.enter_context(RealRegistry(str(tmp_path / "registry"), tls=True, passwords=True))
    login = (other.address, "-u", USER, "-p", PASSWORD, "--ca-file", other.ca_file)
    run(tmp_path, HELM, "registry", "login", *login)
    for name in archives:
        if name.endswith(".tgz"):
            run(tmp_path, HELM, "push", f"out/{name}", f"oci://{other.address}/team", "--ca-file", other.ca_file)
    server = stack.enter_context(Serving(folder=str(tmp_path)))
    source = (f"oci://{other.address}/team", "copy", "--source-ca-file", other.ca_file)
    given = ("--source-username", USER, "--source-password", PASSWORD)
    assert mirrored(tmp_path, server, *source, *given) == [(version, "copied") for version in VERSIONS]
    assert mirrored(tmp_path, server, *source, *given) == [(version, "present") for version in VERSIONS]
    assert pulled_by_helm(tmp_path, server) == archives


def test_a_killed_mirror_leaves_whole_charts(tmp_path: Path, stack: ExitStack) -> None:
    archives = {f"1.0.{number}": packed("web", f"1.0.{number}", {"data": os.urandom(40_000)}) for number in range(150)}
    source = stack.enter_context(Serving(folder=str(_made(tmp_path / "source"))))
    with Client(source.url) as client:
        for data in archives.values():
            client.upload("lib", data)
    server = stack.enter_context(Serving(folder=str(_made(tmp_path / "target"))))
    counts = []
    with Client(server.url) as client:
        for pause in (0.35, 0.45, 0.55):
            environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "NAVARCH_REGISTRY": server.url}
            words = [NAV, "registry", "mirror", f"{source.url}/lib", "copy"]
            with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL) as process:
                time.sleep(pause)
                process.send_signal(signal.SIGKILL)
            found: list[str] = []
            with suppress(RegistryError):  # no space yet
                found = list(client.versions("copy", "web"))
            counts.append(len(found))
            assert all(client.archive("copy", "web", version) == archives[version] for version in found)
        states = mirrored(tmp_path, server, f"{source.url}/lib", "copy")
        assert [state for _, state in states].count("present") >= counts[-1]
        assert set(client.versions("copy", "web")) == set(archives)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize("driver", ["filesystem", *CLOUDS])
def test_servers_keep_house(tmp_path: Path, stack: ExitStack, driver: str) -> None:
    """Two workers beside writers, with rules and collections every second; then by hand, and it is all gone."""
    text = "workers: 2\ncollection: {every: 1s, spare: 1s}\nretention: {every: 1s, rules: [{newest: 3}]}\n"
    if driver in CLOUDS:
        text = stack.enter_context(cloud(driver, str(tmp_path / driver))).settings() + text
    server = stack.enter_context(Serving(text, folder=str(tmp_path)))
    archives = {f"1.{number}.0": packed("web", f"1.{number}.0") for number in range(60)}
    with Client(server.url) as client:
        for data in archives.values():
            client.upload("lib", data)
            time.sleep(0.05)
        end = time.monotonic() + 120
        while len(client.versions("lib", "web")) > 3 and time.monotonic() < end:
            time.sleep(0.2)
        assert client.versions("lib", "web") == ["1.57.0", "1.58.0", "1.59.0"]
        config = ("-c", str(tmp_path / "config.yaml"), "-o", "json")
        end = time.monotonic() + 240
        while True:
            found = json.loads(run(tmp_path, NAV, "registry", "gc", *config, "--dry-run", "--spare", "0s"))
            if not any(one["number"] for one in found) or time.monotonic() > end:
                break
            time.sleep(0.5)
        assert not any(one["number"] for one in found)
        assert json.loads(run(tmp_path, NAV, "registry", "retain", *config)) == []
        for version in client.versions("lib", "web"):
            assert client.archive("lib", "web", version) == archives[version]
    assert "retention: " in server.told
    assert "collection: " in server.told
