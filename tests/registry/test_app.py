"""What is the same for all faces: ids, headers, methods, limits, names of the server, foreign pages, failures."""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Route

from navarch.registry import http
from navarch.registry.admission import Admission, Told
from navarch.registry.config import parse_config
from navarch.registry.keys import SettingsError
from navarch.registry.limits import Rate
from navarch.registry.logs import Lines
from navarch.registry.store.objects import StorageError
from support.asgi import call, registry
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def test_each_answer_has_an_id_and_says_what_browsers_may_not() -> None:
    app = registry()
    found = call(app, "GET", "/healthz")
    assert (found.status, found.body) == (200, b"ok\n")
    assert re.fullmatch("[0-9a-f]{16}", found.headers["x-request-id"])
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in found.headers["content-security-policy"]
    assert call(app, "GET", "/healthz", headers={"x-request-id": "a-1_B"}).headers["x-request-id"] == "a-1_B"
    for bad in ("", "a" * 65, "a b", "é", '"', "a\tb"):
        assert call(app, "GET", "/healthz", headers={"x-request-id": bad}).headers["x-request-id"] != bad


def test_unknown_paths_and_methods() -> None:
    app = registry()
    for path in ("/none", "/x/y/z", "/healthz/", "//healthz", "/api/v1/nope"):
        found = call(app, "GET", path)
        assert (found.status, set(found.json())) == (404, {"message", "reason"}), path
    found = call(app, "DELETE", "/healthz")
    assert (found.status, found.headers["allow"]) == (405, "GET, HEAD")
    assert found.json() == {"message": "DELETE isn't allowed", "reason": "ReasonRequest"}
    assert call(app, "BREW", "/lib/index.yaml").status == 405
    found = call(app, "PUT", "/api/lib/charts")
    assert (found.status, found.headers["allow"]) == (405, "GET, HEAD, POST")
    assert call(app, "HEAD", "/healthz").status == 200


@pytest.mark.parametrize("space", ["api", "v2", "v1", "charts", "healthz", "metrics"])
def test_a_space_may_have_the_name_of_a_face(space: str) -> None:
    app = registry()
    archive = packed("web", "1.0.0")
    assert call(app, "POST", f"/api/{space}/charts", archive).status == 201
    assert call(app, "GET", f"/{space}/index.yaml").status == 200
    assert call(app, "GET", f"/{space}/charts/web-1.0.0.tgz").body == archive


def test_a_failure_is_500_and_told_to_the_log_alone(capsys) -> None:
    app = registry()

    async def broken(request) -> None:
        raise RuntimeError("secret detail")

    app._add([Route("/broken", broken)])
    found = call(app, "GET", "/broken", headers={"x-request-id": "abc"})
    assert (found.status, found.json()["reason"]) == (500, "ReasonInternal")
    assert b"secret" not in found.body
    assert "request abc" in found.json()["message"]
    told = capsys.readouterr().err
    assert "request abc" in told
    assert "secret detail" in told


def test_storage_that_fails_is_503_and_comes_back(monkeypatch) -> None:
    app = registry()
    app.site.store.upload("lib", packed("web", "1.0.0"))

    def gone(*_: object) -> None:
        raise StorageError("storage: /secret/path: Input/output error")

    objects = type(app.site.store.objects)
    with monkeypatch.context() as patch:
        for name in ("head", "get", "put", "create"):
            patch.setattr(objects, name, gone)
        for method, path in (("GET", "/lib/index.yaml"), ("GET", "/readyz"), ("POST", "/api/lib/charts")):
            found = call(app, method, path, packed("web", "2.0.0") if method == "POST" else b"")
            assert found.status == 503, path
            assert found.headers["retry-after"]
            assert b"secret" not in found.body
        assert call(app, "GET", "/healthz").status == 200
    assert call(app, "GET", "/lib/index.yaml").status == call(app, "GET", "/readyz").status == 200


def test_a_name_of_others_is_not_answered_on_an_open_loopback() -> None:
    """A page whose name is made to point here may not read what this machine alone may."""
    app = registry()
    for host in ("evil.example", "evil.example:8099", "localhost.evil.example", "127.0.0.1.evil.example"):
        assert call(app, "GET", "/lib/index.yaml", headers={"host": host}).status == 421, host
    for host in ("localhost", "LOCALHOST:8099", "127.0.0.1:1", "[::1]:8099", "[::1]", "x.localhost", "localhost.", ""):
        assert call(app, "GET", "/lib/index.yaml", headers={"host": host}).status == 404, host
    assert call(app, "GET", "/healthz", headers={"host": "evil.example"}).status == 200
    for text in ("hosts: [evil.example]", "hosts: ['*']", "listen: 10.0.0.1:80", "auth: {anonymous: ['*']}"):
        assert call(registry(text), "GET", "/lib/index.yaml", headers={"host": "evil.example"}).status == 404, text
    assert call(registry("hosts: [a.example]"), "GET", "/x", headers={"host": "b.example"}).status == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"origin": "http://localhost:80"}, 201),
        ({"sec-fetch-site": "same-origin", "origin": "https://front.example"}, 201),
        ({"sec-fetch-site": "none"}, 201),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_pages_of_other_servers_change_nothing(headers: dict[str, str], status: int) -> None:
    app = registry()
    assert call(app, "POST", "/api/lib/charts", packed("web", "1.0.0"), headers=headers).status == status
    assert app.site.store.spaces() == (["lib"] if status == 201 else [])
    assert call(app, "GET", "/healthz", headers=headers).status == 200


def test_too_many_requests_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("navarch.registry.limits.time", SimpleNamespace(monotonic=lambda: 1000.0))
    app = registry("limits: {requestspersecond: 0.5, burst: 3}")
    assert [call(app, "GET", "/x").status for _ in range(4)] == [404, 404, 404, 429]
    refused = call(app, "GET", "/x")
    assert refused.json()["reason"] == "ReasonRequest"
    assert refused.headers["retry-after"] == "2"
    assert call(app, "GET", "/x", client="10.1.1.1").status == 404
    assert call(app, "GET", "/healthz").status == 200


def test_a_rate_is_shared_and_comes_back(tmp_path, monkeypatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    one, other = (Rate(10, 2, path=str(tmp_path / "rate"), seed=b"s") for _ in range(2))
    assert [one.take("a"), other.take("a")] == [0, 0]
    assert one.take("a") == pytest.approx(0.1)
    assert other.take("b") == 0
    now += 0.1
    assert other.take("a") == 0
    assert one.take("a") > 0
    now += 100
    assert [one.take("a") > 0 for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("9.9.9.9", "1.2.3.4", "9.9.9.9"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.1"),
        ("10.0.0.1", '1.2.3.4, x" "y', "10.0.0.1"),
    ],
)
def test_only_proxies_are_believed(peer: str, forwarded: str, address: str) -> None:
    admission = Admission(parse_config("trustedproxies: [10.0.0.0/8]", root="/x"), None)
    assert admission.address({"client": (peer, 1)}, Told("", "", "", forwarded, "")) == address


def test_who_sends_no_more_is_not_waited_for(monkeypatch) -> None:
    monkeypatch.setattr(http, "PATIENCE", 0.05)
    app = registry()
    answers: list[object] = []

    async def receive() -> dict[str, Any]:
        if answers:
            return {"type": "http.disconnect"}
        answers.append("")
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def stalling() -> dict[str, Any]:
        if answers:
            await asyncio.sleep(30)
        return await receive()

    async def send(message: MutableMapping[str, Any]) -> None:
        answers.append(message.get("status"))

    async def play() -> None:
        scope = _scope("POST", "/api/lib/charts")
        scope["headers"] = [(b"host", b"localhost"), (b"content-length", b"10")]
        await app(scope, stalling, send)

    asyncio.run(play())
    assert 408 in answers
    assert app.site.store.spaces() == []


def logged(text: str, *requests: tuple[str, str]) -> None:
    """Requests to a server that is then ended, so that its log is written."""
    app = registry(text)

    async def play() -> None:
        for method, path in requests:
            await app(_scope(method, path), _never, _ignored)
        ending = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

        async def receive() -> dict[str, str]:
            return ending.pop(0)

        await app({"type": "lifespan"}, receive, _ignored)

    asyncio.run(play())


async def _never() -> dict[str, object]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _ignored(message: object) -> None:
    pass


def _scope(method: str, path: str) -> dict[str, object]:
    raw, _, query = path.partition("?")
    return {
        "type": "http", "method": method, "path": raw, "raw_path": raw.encode(), "query_string": query.encode(),
        "http_version": "1.1", "headers": [(b"host", b"localhost"), (b"x-request-id", b"id-1")], "client": ("10.1.2.3", 5),
        "extensions": {}, "scheme": "http", "server": ("x", 1), "root_path": "",
    }  # fmt: skip


def test_the_access_log(tmp_path) -> None:
    path = tmp_path / "access"
    logged(f"log: {{access: {path}}}", ("GET", "/healthz"), ("GET", '/a"b\\%0a?q="'), ("HEAD", "/healthz"))
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    stamp = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\]"
    assert re.fullmatch(rf'10.1.2.3 - - {stamp} "GET /healthz HTTP/1.1" 200 3 0\.\d{{6}} id-1', lines[0])
    assert '"GET /a%22b%5C%0a?q=%22 HTTP/1.1" 404' in lines[1]
    assert '"HEAD /healthz HTTP/1.1" 200 0' in lines[2]


def test_the_access_log_in_json(tmp_path) -> None:
    path = tmp_path / "access"
    logged(f"log: {{access: {path}, format: json}}", ("GET", "/healthz?a=\u2028"))
    (line,) = path.read_text().splitlines()
    found = json.loads(line)
    assert {k: found[k] for k in ("id", "address", "who", "method", "status", "size")} == {
        "id": "id-1", "address": "10.1.2.3", "who": "", "method": "GET", "status": 200, "size": 3,
    }  # fmt: skip


def test_the_audit_log(tmp_path) -> None:
    path = tmp_path / "audit"
    token = "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3ab2f6a0e4a5f0a7a8e5d6b3c"
    app = registry(
        f"log: {{access: off, audit: {path}}}\nauth: {{tokens: [{{name: ci, sha256: {token}}}], anonymous: {{lib: '*'}}}}"
    )
    call(app, "POST", "/api/lib/charts", packed("web", "1.0.0"))
    call(app, "GET", "/lib/index.yaml")
    call(app, "GET", "/other/index.yaml")
    call(app, "DELETE", "/api/lib/charts/web/1.0.0")
    call(app, "DELETE", "/api/lib/charts/web/1.0.0")
    found = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(one["action"], one["space"], one["what"], one["status"]) for one in found] == [
        ("push", "lib", "lib/web/1.0.0", 201),
        ("pull", "other", "", 401),
        ("delete", "lib", "lib/web/1.0.0", 200),
        ("delete", "lib", "lib/web/1.0.0", 404),
    ]
    assert len({one["id"] for one in found}) == 4


def test_a_log_that_cannot_be_written_stops_the_server(tmp_path) -> None:
    with pytest.raises(SettingsError, match=r"log\.access: .*/none/log: No such file"):
        Lines(str(tmp_path / "none" / "log"), "log.access")


def test_figures() -> None:
    app = registry()
    call(app, "POST", "/api/lib/charts", packed("web", "1.0.0"))
    call(app, "GET", "/lib/index.yaml")
    call(app, "GET", "/lib/none")
    call(app, "BREW", "/lib/index.yaml")
    found = call(app, "GET", "/metrics")
    assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = set(found.body.decode().splitlines())
    assert 'navarch_registry_requests_total{face="museum",method="POST",status="201"} 1.0' in lines
    assert 'navarch_registry_requests_total{face="classic",method="GET",status="200"} 1.0' in lines
    assert 'navarch_registry_requests_total{face="classic",method="other",status="405"} 1.0' in lines
    assert 'navarch_registry_request_seconds_count{face="classic"} 2.0' in lines


def test_who_sends_next_to_nothing_is_not_waited_for_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then, each before one would be given up, doesn't keep a request open for days."""
    now = [1000.0]
    monkeypatch.setattr("navarch.registry.http.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr("navarch.registry.exchange._LINGER", 0)
    answers: list[object] = []
    sent: list[int] = []
    start = b"--x\r\ncontent-disposition: form-data; name=a\r\n\r\n"  # of a form, as it may be

    async def dripping() -> dict[str, object]:
        if answers:
            return {"type": "http.disconnect"}
        await asyncio.sleep(0)
        now[0] += http.PATIENCE / 2
        sent.append(1)
        return {"type": "http.request", "body": start[len(sent) - 1 : len(sent)], "more_body": True}

    async def send(message: Any) -> None:
        answers.append(message.get("status"))

    async def play(path: str, kind: bytes) -> None:
        scope = _scope("POST", path)
        scope["headers"] = [(b"host", b"localhost"), (b"content-length", b"100000"), (b"content-type", kind)]
        await registry()(scope, dripping, send)

    for path, kind in (("/api/lib/charts", b"x/y"), ("/api/v1/spaces/lib/charts", b"multipart/form-data; boundary=x")):
        answers.clear()
        sent.clear()
        asyncio.run(play(path, kind))
        assert 408 in answers
        assert len(sent) < 20


def test_large_bodies_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many are in memory at once, however many come; small ones pass by."""
    app = registry()
    monkeypatch.setattr(http, "_IN_MEMORY", 1000)
    gate, inside, most = threading.Condition(), 0, 0
    archives = [packed(f"web{number}", "1.0.0", {"x": os.urandom(2000)}) for number in range(12)]
    upload = app.site.store.upload

    def slowly(*arguments: Any) -> Any:
        nonlocal inside, most
        if len(arguments[1]) < 1000:
            return upload(*arguments)
        with gate:
            inside += 1
            most = max(most, inside)
            gate.notify_all()
            assert gate.wait_for(lambda: most >= http.LARGE_AT_ONCE, 60)
        time.sleep(0.05)  # for those who may not come in
        with gate:
            inside -= 1
        return upload(*arguments)

    monkeypatch.setattr(app.site.store, "upload", slowly)

    async def post(archive: bytes) -> int:
        scope = _scope("POST", "/api/lib/charts")
        scope["headers"] = [(b"host", b"localhost"), (b"content-length", str(len(archive)).encode())]
        statuses = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": archive, "more_body": False}

        async def send(message: Any) -> None:
            statuses.append(message.get("status"))

        await app(scope, receive, send)
        return statuses[0]

    async def play() -> list[int]:
        return await asyncio.gather(*map(post, archives), post(b"no archive"))

    assert asyncio.run(play()) == [201] * 12 + [400]
    assert most == http.LARGE_AT_ONCE
    assert not app.site.turns.locked()
