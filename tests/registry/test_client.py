"""The client: every route of the spaces API through a socket, and servers that don't behave."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import IntegrityError, RegistryError
from navarch.registry import Client
from navarch.registry.client import Version
from navarch.registry.faces.spaces_routes import ROUTES
from support.asgi import registry
from support.certificates import Authority, server_context
from support.httpd import Httpd, answer
from support.spaces import WEB, WORKER, Served, packed, shop
from support.trouble import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[Served]:
    with Served(registry()) as served:
        yield served


@pytest.fixture
def client(server: Served) -> Iterator[Client]:
    with Client(server.url) as made:
        yield made


@pytest.fixture
def full(client: Client) -> Client:
    client.upload("library", WEB)
    client.upload("library", WORKER)
    return client


def failure(act: Callable[[], object]) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        act()
    return caught.value


def test_every_route(server: Served, client: Client, tmp_path: Path) -> None:
    """In one story, at the end of which every row of the server's table was asked for."""
    web = tmp_path / "web.tgz"
    web.write_bytes(WEB)
    assert client.create_space("library") == "/api/v1/spaces/library"
    assert client.spaces() == ["library"]
    link = "/api/v1/spaces/library/charts/web/versions/1.2.0"
    assert client.upload("library", web) == Version("library", "web", "1.2.0", link)
    client.upload("library", WORKER)
    assert client.orchestrate("library", shop("helm")).chart == "shop"
    assert client.charts("library") == ["shop", "web", "worker"]
    assert client.versions("library", "web") == ["1.2.0"]
    assert client.archive("library", "web", "1.2.0") == WEB
    assert client.replace("library", "web", "1.2.0", str(web)).link == link
    assert [one["name"] for one in client.list_metadata("library")] == ["shop", "web", "worker"]
    assert [one["name"] for one in client.list_metadata("library", latest=True)] == ["shop", "web", "worker"]
    assert [one["version"] for one in client.list_metadata("library", "web")] == ["1.2.0"]
    newest = client.metadata("library", "web")
    assert (
        newest == client.metadata("library", "web", "1.2.0") == client.list_metadata("library", "web", latest=True)[0]
    )
    assert client.set_metadata("library", "web", "1.2.0", {**newest, "home": "http://h"})["home"] == "http://h"
    client.set_values("library", "web", "1.2.0", {"a": [1, None]})
    assert client.values("library", "web", "1.2.0")["a"] == [1, None]
    client.set_values("library", "web", "1.2.0", b"b: 2 # two\n")
    assert client.values("library", "web", "1.2.0")["b"] == 2
    client.delete_version("library", "web", "1.2.0")
    client.delete_chart("library", "shop")
    assert client.charts("library") == ["worker"]
    client.delete_space("library")
    assert client.spaces() == []
    asked = {(one.method, one.target.partition("?")[0].removeprefix("/api/v1")) for one in server.requests}
    names = {"space": "library", "version": "1.2.0"}
    for row in ROUTES:
        paths = {row.path.format(chart=chart, **names) for chart in ("web", "shop")}
        assert any((row.method, path) in asked for path in paths), row


def test_downloads_have_their_names_when_they_are_whole(full: Client, server: Served, tmp_path: Path) -> None:
    path = full.download("library", "web", "1.2.0", to=tmp_path)
    assert path == str(tmp_path / "web-1.2.0.tgz")
    assert (tmp_path / "web-1.2.0.tgz").read_bytes() == WEB
    server.down = [answer(200, WEB[:-9], content_length=str(len(WEB)))]
    with Client(server.url, timeout=0.3) as impatient:
        assert failure(lambda: impatient.download("library", "web", "1.2.0", to=tmp_path)).timeout
    wait_until(lambda: not server.down)  # it may have been slower than the client was patient
    server.down = [answer(200, WEB[:-9], etag=f'"sha256:{hashlib.sha256(WEB).hexdigest()}"')]
    with pytest.raises(IntegrityError):
        full.download("library", "web", "1.2.0", to=tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["web-1.2.0.tgz"]
    assert (tmp_path / "web-1.2.0.tgz").read_bytes() == WEB


def test_lists_are_whole_or_a_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("navarch.registry.client._AT_ONCE", 3)
    names = [f"s{number}" for number in range(8)]
    for name in names:
        client.create_space(name)
    assert client.spaces() == names
    assert client.spaces(start=5) == names[5:]
    page = client.spaces(start=1, limit=2)
    assert (page, page.total) == (["s1", "s2"], 8)


def test_progress(server: Served, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    (tmp_path / "web.tgz").write_bytes(WEB)
    with Client(server.url, progress=lambda *one: told.append(one)) as client:
        client.upload("library", tmp_path / "web.tgz")
        name, sent, size = told[-1]
        assert (name, sent) == ("web.tgz", size)
        client.archive("library", "web", "1.2.0")
    assert told[-1] == ("web-1.2.0.tgz", len(WEB), len(WEB))


def test_uploads_are_read_piece_by_piece(server: Served, tmp_path: Path) -> None:
    """A file far larger than what is allowed costs no memory, and the refusal is heard."""
    path = tmp_path / "big.tgz"
    with path.open("wb") as file:
        file.truncate(300 << 20)
    program = (
        "import resource, sys\n"
        "from navarch.registry import Client\n"
        "from navarch.errors import RegistryError\n"
        "resource.setrlimit(resource.RLIMIT_AS, (220 << 20, 220 << 20))\n"
        "try:\n"
        "    Client(sys.argv[1]).upload('library', sys.argv[2])\n"
        "except RegistryError as error:\n"
        "    print(error.status, error)\n"
    )
    refused = answer(413, {"message": "too much", "reason": "ReasonRequest"}, "Too Large", connection="close")
    with _Early(refused) as url:
        ran = subprocess.run(
            [sys.executable, "-c", program, url, str(path)], capture_output=True, text=True, check=False, timeout=300
        )
    assert (ran.stdout, ran.stderr) == ("413 too much\n", "")


class _Early:
    """Answers as soon as the head of a request is there, and then reads no more than a little."""

    def __init__(self, data: bytes) -> None:
        import socket
        import threading

        self._data = data
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        with self._socket.accept()[0] as connection:
            got = b""
            while b"\r\n\r\n" not in got:
                got += connection.recv(1 << 16)
            connection.sendall(self._data)
            while connection.recv(1 << 20):
                pass

    def __exit__(self, *_: object) -> None:
        self._thread.join(30)
        self._socket.close()


class TestRefusals:
    def test_have_status_and_reason(self, full: Client) -> None:
        error = failure(lambda: full.upload("library", WEB))
        assert (error.status, error.codes) == (409, ("ReasonInternal",))
        assert str(error) == "resource conflict because library/web/1.2.0 exist"
        error = failure(lambda: full.values("library", "web", "9.9.9"))
        assert (error.status, str(error)) == (404, "library/web/9.9.9 not found")

    @pytest.mark.parametrize("name", ["", ".", ".."])
    def test_names_that_would_be_other_paths(self, full: Client, server: Served, name: str) -> None:
        before = len(server.requests)
        for act in (
            lambda: full.delete_space(name),
            lambda: full.versions("library", name),
            lambda: full.archive("library", "web", name),
            lambda: full.delete_chart("library", name),
            lambda: full.delete_version("library", "web", name),
        ):
            assert "is no name" in str(failure(act))
        assert server.requests[before:] == []

    def test_slashes_and_breaks_stay_in_a_name(self, full: Client, server: Served) -> None:
        for name in ("a/../../b", "a\r\nX: y", "a?b=c", "a#b"):
            assert failure(lambda: full.charts(name)).status in (400, 404)  # noqa: B023
            assert server.requests[-1].target.count("/") == 5
            assert "x" not in server.requests[-1].headers

    def test_what_isnt_there_to_upload(self, full: Client, tmp_path: Path) -> None:
        assert str(failure(lambda: full.upload("library", tmp_path / "no.tgz"))).endswith("no such file or directory")
        assert str(failure(lambda: full.upload("library", tmp_path))).endswith("is a directory")

    def test_values_that_json_has_no_word_for(self, full: Client) -> None:
        assert "not JSON" in str(failure(lambda: full.set_values("library", "web", "1.2.0", {"a": float("nan")})))

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (answer(500, b"<html>", "Oops"), ": 500 Oops"),
            (answer(302, b"", "Found", location="http://127.0.0.1:1/"), ": 302 Found to http://127.0.0.1:1/"),
            (answer(400, [1], "Bad"), ": 400 Bad"),
            (answer(200, b"{", "OK"), "the answer isn't JSON"),
            (b"nonsense\r\n\r\n", "malformed HTTP"),
        ],
    )
    def test_servers_that_are_something_else(self, body: bytes, message: str) -> None:
        with Httpd(lambda _: body) as server, Client(server.url) as client:
            assert message in str(failure(client.spaces))
            assert len(server.requests) == 1

    def test_nobody_there(self) -> None:
        error = failure(Client("http://127.0.0.1:1").spaces)
        assert "connection refused" in str(error)
        assert error.status == 0

    def test_silence(self) -> None:
        with Httpd(lambda request: request.sock.recv(1)) as server, Client(server.url, timeout=0.3) as client:
            assert failure(client.spaces).timeout

    @pytest.mark.parametrize("url", ["ftp://x", "x", "http://", "http://h/?a=b", "http://h/#f"])
    def test_addresses_that_are_none(self, url: str) -> None:
        with pytest.raises(RegistryError):
            Client(url)


def test_busy_servers_are_asked_again(server: Served, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    server.down = [answer(429, b"", "Busy", retry_after="3"), answer(429, b"", "Busy")]
    client.upload("library", WEB)
    assert pauses[0] == 3
    server.down = [answer(503, b"", "Down")]
    assert client.charts("library") == ["web"]
    server.down = [answer(503, {"message": "storage doesn't answer", "reason": "x"}, "Down")]
    assert failure(lambda: client.upload("library", WORKER)).status == 503  # who knows whether it was done


class TestWhoAsks:
    @pytest.mark.parametrize(
        ("options", "header"),
        [
            ({}, None),
            ({"token": "t"}, "Bearer t"),
            ({"username": "u", "password": "p:w"}, "Basic dTpwOnc="),
            ({"token": "t", "username": "u"}, "Bearer t"),
        ],
    )
    def test_header(self, server: Served, options: dict[str, Any], header: str | None) -> None:
        with Client(server.url, **options) as client:
            client.spaces()
        assert server.requests[-1].headers.get("authorization") == header

    def test_in_the_address(self, server: Served) -> None:
        with Client(server.url.replace("//", "//u:p%3Aw@")) as client:
            assert client.url == server.url
            client.spaces()
        assert server.requests[-1].headers["authorization"] == "Basic dTpwOnc="

    def test_a_token_with_a_line_break(self, server: Served) -> None:
        assert "line break" in str(failure(Client(server.url, token="a\r\nX: y").spaces))
        assert server.requests == []


def test_tls_is_checked(tmp_path: Path) -> None:
    authority, other = Authority(), Authority("another")
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    (tmp_path / "other.pem").write_bytes(other.certificate)
    body = answer(200, {"metadata": {"total": 1, "itemsLength": 1}, "items": ["a"]})
    tls = server_context(authority.issue(ips=("127.0.0.1",)))
    with Httpd(lambda _: body, tls=tls) as server:
        assert Client(server.url, ca_file=str(tmp_path / "ca.pem")).spaces() == ["a"]
        assert Client(server.url, insecure_skip_tls_verify=True).spaces() == ["a"]
        for trusted in ("", str(tmp_path / "other.pem")):
            assert "certificate" in str(failure(Client(server.url, ca_file=trusted).spaces))
    assert "no such file" in str(failure(Client(server.url, ca_file=str(tmp_path / "none.pem")).spaces))


def test_a_registry_below_a_path(server: Served) -> None:
    failure(Client(f"{server.url}/charts/").spaces)
    assert server.requests[-1].target.startswith("/charts/api/v1/spaces?")


def test_the_servers_libraries_are_not_needed() -> None:
    blocked = ("starlette", "granian", "obstore", "prometheus_client", "multipart", "markdown_it")
    program = (
        f"import sys\nfor name in {blocked}: sys.modules[name] = None\n"
        "from navarch.registry import Client\n"
        "from navarch.errors import RegistryError\n"
        "try:\n    Client('http://127.0.0.1:1').upload('a', b'x')\nexcept RegistryError:\n    print('fine')\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=300)
    assert (ran.stdout, ran.stderr) == ("fine\n", "")


def test_provenance_goes_with_a_chart(full: Client, server: Served) -> None:
    full.upload("library", packed("signed", "1.0.0"), prov=b"a signature")
    record = server.app.site.store.space("library").record("signed", "1.0.0")  # type: ignore[attr-defined]
    assert server.app.site.store.blobs.get(record.prov) == b"a signature"  # type: ignore[attr-defined]
