"""Requests against loopback servers: what is sent, what is tried again, what is said of failures."""

from __future__ import annotations

import gzip
import signal
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import ApiError, ConfigError, KubernetesError, UnreachableError
from navarch.kube import retry
from navarch.kube.config import Config, Impersonation
from navarch.kube.net import pool
from navarch.kube.transport import Transport
from support.httpd import Httpd, Request, answer, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that tests can wait for, and no proxies."""
    monkeypatch.setattr(retry, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(retry, "_MOST_PAUSE", 0.002)
    monkeypatch.setattr(retry, "_AWAY", 0.3)
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def talking(respond: Callable[[Request], bytes | None], **options: Any) -> Iterator[tuple[Transport, Httpd]]:
    with Httpd(respond, greet=options.pop("greet", None)) as server:
        config = Config(server.url + options.pop("prefix", ""))
        warn = options.pop("warn", None)
        for name, value in options.items():
            setattr(config, name, value)
        with Transport(config, user_agent="Helm/4.3.1", warn=warn) as transport:
            yield transport, server


def say(*answers: bytes | None) -> Callable[[Request], bytes | None]:
    """Answers in turn, the last one for ever."""
    return lambda request: answers[min(request.number, len(answers) - 1)]


DONE = answer(200, {"kind": "X"})


def test_what_is_sent() -> None:
    whom = Impersonation("me", uid="1", groups=["g", "h"], extra={"Sco pe/x": ["a", "b"]})
    with talking(say(DONE), token="t", prefix="/base/", impersonation=whom) as (transport, server):
        query = [("fieldManager", "helm"), ("dry run", "a&b"), ("ä", "%")]
        found = transport.request(
            "PATCH", "/api/v1/ä b", query=query, body=b"{}", content_type="x/y", headers=[("If-None-Match", "z")]
        )
    assert found.json() == {"kind": "X"}
    (request,) = server.requests
    assert (request.method, request.body) == ("PATCH", b"{}")
    assert request.target == "/base/api/v1/%C3%A4%20b?dry+run=a%26b&fieldManager=helm&%C3%A4=%25"
    assert request.headers == {
        "host": server.address,
        "user-agent": "Helm/4.3.1",
        "accept": "application/json",
        "authorization": "Bearer t",
        "content-type": "x/y",
        "content-length": "2",
        "if-none-match": "z",
        "impersonate-user": "me",
        "impersonate-uid": "1",
        "impersonate-group": "g, h",
        "impersonate-extra-sco%20pe%2fx": "a, b",
    }


def test_connections_are_kept() -> None:
    with talking(say(DONE)) as (transport, server):
        for _ in range(5):
            transport.request("GET", "/version")
        assert server.connections == 1


def test_connections_of_several_threads() -> None:
    inside = threading.Barrier(4, timeout=300)

    def respond(_request: Request) -> bytes:
        inside.wait()
        return DONE

    with talking(respond) as (transport, server):
        for _ in range(2):
            threads = [threading.Thread(target=transport.request, args=("GET", "/x")) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert server.connections == 4


def test_old_connections_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_IDLE_SECONDS", -1.0)
    with talking(say(DONE)) as (transport, server):
        transport.request("GET", "/x")
        transport.request("POST", "/x", body=b"")
        assert server.connections == 2


def test_connections_that_ended_meanwhile() -> None:
    with talking(say(DONE)) as (transport, server):
        transport.request("GET", "/x")
        server.drop()
        time.sleep(0.05)
        transport.request("POST", "/x", body=b"{}")  # seen before it is sent
        assert (server.connections, len(server.requests)) == (2, 2)


def test_closing_answers_end_their_connection() -> None:
    with talking(say(answer(200, b"", connection="close"))) as (transport, server):
        transport.request("GET", "/x")
        transport.request("GET", "/x")
        assert server.connections == 2


def test_compressed_answers() -> None:
    body = answer(200, gzip.compress(b'{"a": 1}'), content_encoding="gzip")
    with talking(say(body)) as (transport, server):
        assert transport.request("GET", "/x").json() == {"a": 1}
        assert "accept-encoding" not in server.requests[0].headers  # nothing is won so near


def test_broken_compression() -> None:
    junk = answer(200, b"junk", content_encoding="gzip")
    with talking(say(junk)) as (transport, _), pytest.raises(UnreachableError, match="gzip: invalid header"):
        transport.request("GET", "/x")


def test_what_is_not_json() -> None:
    with talking(say(answer(200, b"<html>"))) as (transport, _), pytest.raises(UnreachableError, match="not JSON"):
        transport.request("GET", "/x").json()


def test_not_modified_is_an_answer() -> None:
    with talking(say(b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n")) as (transport, _):
        found = transport.request("GET", "/x")
    assert (found.status, found.body, found.headers) == (304, b"", {"etag": "x"})


# Refusals


def test_a_refusal_tells_what_the_server_told() -> None:
    refusal = {
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "no such thing", "reason": "NotFound",
        "details": {"name": "x", "kind": "things"}, "code": 404,
    }  # fmt: skip
    with talking(say(answer(404, refusal))) as (transport, _), pytest.raises(ApiError) as caught:
        transport.request("GET", "/api/v1/things/x")
    error = caught.value
    assert (str(error), error.code, error.reason, error.details["kind"]) == ("no such thing", 404, "NotFound", "things")
    assert error.is_not_found
    assert not error.is_conflict
    assert b"no such thing" in error.body


# of apimachinery's NewGenericServerResponse
GENERIC = [
    (400, "GET", "BadRequest", "the server rejected our request for an unknown reason (get things.g x)"),
    (401, "GET", "Unauthorized", "the server has asked for the client to provide credentials (get things.g x)"),
    (403, "GET", "Forbidden", "so it is (get things.g x)"),
    (404, "GET", "NotFound", "the server could not find the requested resource (get things.g x)"),
    (405, "PUT", "MethodNotAllowed", "the server does not allow this method on the requested resource (put things.g x)"),
    (406, "GET", "NotAcceptable", "so it is (get things.g x)"),
    (409, "PATCH", "Conflict", "the server reported a conflict (patch things.g x)"),
    (409, "POST", "AlreadyExists", "the server reported a conflict (post things.g x)"),
    (410, "GET", "", "the server responded with the status code 410 but did not return more information (get things.g x)"),
    (415, "GET", "UnsupportedMediaType", "so it is (get things.g x)"),
    (422, "GET", "Invalid", "the server rejected our request due to an error in our request (get things.g x)"),
    (500, "POST", "InternalError", 'an error on the server ("so it is") has prevented the request from succeeding (post things.g x)'),
    (503, "POST", "ServiceUnavailable", "the server is currently unable to handle the request (post things.g x)"),
    (
        504, "GET", "Timeout",
        "the server was unable to return a response in the time allotted, but may still be processing the request (get things.g x)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "method", "reason", "message"), GENERIC)
def test_refusals_without_a_status(code: int, method: str, reason: str, message: str) -> None:
    said = answer(code, b" so it is\n", content_type="text/plain; charset=utf-8")
    with talking(say(said)) as (transport, _), pytest.raises(ApiError) as caught:
        transport.request(method, "/apis/g/v1/namespaces/n/things/x")
    assert (str(caught.value), caught.value.reason, caught.value.code) == (message, reason, code)


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/version", ""),
        ("/api/v1/namespaces", " (get namespaces)"),
        ("/api/v1/namespaces/x", " (get namespaces x)"),
        ("/api/v1/namespaces/x/pods", " (get pods)"),
        ("/api/v1/namespaces/x/pods/y/log", " (get pods y)"),
        ("/apis/apps/v1", ""),
        ("/apis/apps/v1/deployments", " (get deployments.apps)"),
    ],
)
def test_refusals_name_what_was_asked_for(path: str, resource: str) -> None:
    with talking(say(answer(404, b"x"))) as (transport, _), pytest.raises(ApiError) as caught:
        transport.request("GET", path)
    assert str(caught.value) == f"the server could not find the requested resource{resource}"


def test_refusals_of_the_version_are_told_generically() -> None:
    """client-go doesn't look for a Status there, and so Helm says this of a bad token."""
    with talking(say(status(401, "Unauthorized", "Unauthorized"))) as (transport, _):
        with pytest.raises(ApiError, match=r"^the server has asked for the client to provide credentials$"):
            transport.request("GET", "/version")
        with pytest.raises(ApiError, match=r"^Unauthorized$"):
            transport.request("GET", "/api/v1/pods")


# Trying again


def test_the_server_asks_for_patience() -> None:
    busy = status(429, "TooManyRequests", "slow down", retry_after="0")
    with talking(say(busy, busy, DONE)) as (transport, server):
        transport.request("POST", "/x", body=b"{}")
        assert [request.body for request in server.requests] == [b"{}"] * 3


def test_patience_has_an_end() -> None:
    with talking(say(status(429, "TooManyRequests", "slow down", retry_after="0"))) as (transport, server):
        with pytest.raises(ApiError) as caught:
            transport.request("GET", "/x")
        assert caught.value.is_too_many_requests
        assert len(server.requests) == 11  # as client-go: one and ten more


def test_patience_within_the_time() -> None:
    with talking(say(status(429, "TooManyRequests", "slow down", retry_after="60"))) as (transport, server):
        started = time.monotonic()
        with pytest.raises(ApiError, match="slow down"):
            transport.request("GET", "/x", timeout=50)
        assert time.monotonic() - started < 40
        assert len(server.requests) == 1


@pytest.mark.parametrize("code", [500, 502, 503])
def test_failures_of_the_server(code: int) -> None:
    failed = answer(code, b"", content_type="text/plain")
    with talking(say(failed, failed, DONE)) as (transport, server):
        transport.request("PATCH", "/x", body=b"{}", content_type="application/apply-patch+yaml")
        assert len(server.requests) == 3


def test_failures_have_an_end() -> None:
    with talking(say(status(500, "InternalError", "boom"))) as (transport, server):
        with pytest.raises(ApiError, match=r"^boom$"):
            transport.request("GET", "/x")
        assert len(server.requests) == 4


@pytest.mark.parametrize(("method", "kind"), [("POST", "application/json"), ("PATCH", "application/json-patch+json")])
def test_what_is_not_done_twice(method: str, kind: str) -> None:
    with talking(say(status(500, "InternalError", "boom"), DONE)) as (transport, server):
        with pytest.raises(ApiError):
            transport.request(method, "/x", body=b"{}", content_type=kind)
        assert len(server.requests) == 1
    with talking(say(None, DONE)) as (transport, server):
        with pytest.raises(UnreachableError) as caught:
            transport.request(method, "/x", body=b"{}", content_type=kind)
        assert caught.value.sent
        assert len(server.requests) == 1


def test_elections_of_etcd() -> None:
    election = status(500, "InternalError", "etcdserver: leader changed")
    with talking(say(election, election, DONE)) as (transport, server):
        transport.request("POST", "/x", body=b"{}")
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "broken",
    [
        None,
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx",
    ],
)
def test_lost_answers(broken: bytes | None) -> None:
    def respond(request: Request) -> bytes | None:
        if request.number < 2:
            request.sock.sendall(broken or b"")
            return None
        return DONE

    with talking(respond) as (transport, server):
        assert transport.request("PUT", "/x", body=b"{}").json() == {"kind": "X"}
        assert len(server.requests) == 3


def test_lost_answers_have_an_end() -> None:
    with talking(say(None)) as (transport, server):
        with pytest.raises(UnreachableError) as caught:
            transport.request("GET", "/a b", query={"x": "y z"})
        assert str(caught.value) == f'Get "{server.url}/a%20b?x=y+z": EOF'
        assert (caught.value.cause, caught.value.sent, caught.value.timeout) == ("EOF", True, False)
        assert len(server.requests) == 8


def test_broken_off_bodies() -> None:
    def respond(request: Request) -> None:
        request.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")

    words = "unexpected error when reading response body. Please retry. Original error: unexpected EOF"
    with talking(respond) as (transport, _), pytest.raises(UnreachableError) as caught:
        transport.request("GET", "/x")
    assert str(caught.value) == words


def test_garbage_is_not_asked_for_again() -> None:
    with talking(say(b"garbage\r\n\r\n")) as (transport, server):
        with pytest.raises(UnreachableError, match='malformed HTTP response "garbage"'):
            transport.request("GET", "/x")
        assert len(server.requests) == 1


def test_deletions_that_had_been_done() -> None:
    """The answer to the first try was lost, the second finds nothing more to delete."""
    with talking(say(None, status(404, "NotFound", "gone"))) as (transport, _):
        assert transport.request("DELETE", "/x").json()["status"] == "Success"
    with talking(say(status(404, "NotFound", "gone"))) as (transport, _), pytest.raises(ApiError):
        transport.request("DELETE", "/x")


def test_a_restart_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_AWAY", 60.0)
    with Httpd(say(DONE)) as server, Transport(Config(server.url)) as transport:
        transport.request("GET", "/x")
        server.stop()
        again = threading.Timer(0.1, lambda: servers.append(Httpd(say(DONE), port=server.port).__enter__()))
        servers: list[Httpd] = []
        again.start()
        transport.request("POST", "/x", body=b"{}")
        again.join()
        servers[0].__exit__()
    assert len(servers[0].requests) == 1


def test_a_server_that_stays_away() -> None:
    with Httpd(say(DONE)) as server, Transport(Config(server.url)) as transport:
        transport.request("GET", "/x")
        server.stop()
        started = time.monotonic()
        with pytest.raises(UnreachableError, match=r"connect: connection refused$"):
            transport.request("GET", "/x")
        assert time.monotonic() - started > 0.2


def test_a_server_that_never_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_AWAY", 60.0)
    with Httpd(say(DONE)) as server:
        pass
    started = time.monotonic()
    with Transport(Config(server.url)) as transport, pytest.raises(UnreachableError) as caught:
        transport.request("GET", "/version")
    assert time.monotonic() - started < 30
    assert str(caught.value) == f'Get "{server.url}/version": dial tcp {server.address}: connect: connection refused'
    assert not caught.value.sent


# Time


def test_slow_answers() -> None:
    release = threading.Event()

    def respond(_request: Request) -> bytes:
        release.wait(300)
        return DONE

    with talking(respond) as (transport, server):
        with pytest.raises(UnreachableError) as caught:
            transport.request("GET", "/x", timeout=0.1)
        release.set()
        assert caught.value.timeout
        assert str(caught.value) == f'Get "{server.url}/x": context deadline exceeded'


def test_answers_that_drip() -> None:
    def respond(request: Request) -> None:
        request.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
        while not over.wait(0.02):
            request.sock.sendall(b"x")

    over = threading.Event()

    with talking(respond) as (transport, _):
        with pytest.raises(UnreachableError, match="context deadline exceeded"):
            transport.request("GET", "/x", timeout=0.2)
        over.set()


def test_no_time_at_all() -> None:
    with talking(say(DONE)) as (transport, _), pytest.raises(UnreachableError) as caught:
        transport.request("GET", "/x", timeout=0)
    assert caught.value.timeout


def test_limits_when_asked_for() -> None:
    with talking(say(DONE), qps=50.0, burst=2) as (transport, server):
        started = time.monotonic()
        for _ in range(7):
            transport.request("GET", "/x")
        assert time.monotonic() - started > 0.08
        assert len(server.requests) == 7


# Answers before the request is complete


def test_answers_to_half_a_request() -> None:
    """A server that has enough of a large body, says so and hangs up."""

    def greet(sock: socket.socket) -> bool:
        sock.recv(1000)
        sock.sendall(answer(413, b"too large", content_type="text/plain", connection="close"))
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1 << 20):
            pass
        return False

    with talking(say(DONE), greet=greet) as (transport, _), pytest.raises(ApiError) as caught:
        transport.request("POST", "/x", body=b"x" * 5_000_000)
    assert caught.value.code == 413


def test_large_bodies_both_ways() -> None:
    body = b'{"a": "' + b"x" * 3_000_000 + b'"}'
    with talking(lambda request: answer(200, request.body)) as (transport, _):
        assert transport.request("PUT", "/x", body=body).body == body


# Warnings


def test_warnings_of_the_server() -> None:
    heard: list[str] = []
    header = '299 - "one \\"two\\"" "Sat, 01 Jan 2022 00:00:00 GMT",299 - "three", 214 - "other", 299 x "ünï"'
    with talking(say(answer(200, {}, warning=header)), warn=heard.append) as (transport, _):
        transport.request("GET", "/x")
    assert heard == ['one "two"', "three", "ünï"]


@pytest.mark.parametrize("header", ["", "299", '299 - "open', "299 - text", '2x9 - "a"', '299 - "a" junk', '299 - ""'])
def test_warnings_that_cannot_be_read(header: str) -> None:
    heard: list[str] = []
    with talking(say(answer(200, {}, warning=header)), warn=heard.append) as (transport, _):
        transport.request("GET", "/x")
    assert heard == []


# Streams


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


START = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_lines_of_a_stream() -> None:
    said = START + chunk(b"one\ntw") + chunk(b"o\n\nthree") + chunk(b"\nfour") + b"0\r\n\r\n"
    with talking(say(said)) as (transport, server):
        with transport.stream("GET", "/x", query={"watch": "1"}) as stream:
            assert list(stream) == [b"one", b"two", b"", b"three", b"four"]
        with transport.stream("GET", "/x") as stream:
            assert b"".join(stream.pieces()) == b"one\ntwo\n\nthree\nfour"
        assert server.requests[0].target == "/x?watch=1"


def test_lines_come_when_they_are_there() -> None:
    proceed = threading.Event()

    def respond(request: Request) -> None:
        request.sock.sendall(START + chunk(b"one\n"))
        proceed.wait(10)
        request.sock.sendall(chunk(b"two\n") + b"0\r\n\r\n")

    with talking(respond) as (transport, _), transport.stream("GET", "/x", timeout=5) as stream:
        lines = iter(stream)
        assert next(lines) == b"one"
        proceed.set()
        assert list(lines) == [b"two"]


def test_streams_closed_by_another_thread() -> None:
    def respond(request: Request) -> None:
        request.sock.sendall(START + chunk(b"one\n"))
        request.sock.recv(1)

    with talking(respond) as (transport, _), transport.stream("GET", "/x") as stream:
        lines = iter(stream)
        assert next(lines) == b"one"
        closer = threading.Timer(0.05, stream.close)
        closer.start()
        assert list(lines) == []
        closer.join()


def test_streams_that_break_off() -> None:
    def respond(request: Request) -> None:
        request.sock.sendall(START + b"10\r\nhalf")

    with talking(respond) as (transport, server), transport.stream("GET", "/x") as stream:
        with pytest.raises(UnreachableError) as caught:
            list(stream)
        assert str(caught.value) == f'Get "{server.url}/x": unexpected EOF'


def test_streams_that_are_refused() -> None:
    with talking(say(status(403, "Forbidden", "no"))) as (transport, server):
        for _ in range(2):
            with pytest.raises(ApiError, match=r"^no$"):
                transport.stream("GET", "/x")
        assert server.connections == 1


def test_streams_have_no_deadline_once_begun() -> None:
    def respond(request: Request) -> None:
        request.sock.sendall(START)
        time.sleep(0.3)
        request.sock.sendall(chunk(b"late\n") + b"0\r\n\r\n")

    with talking(respond) as (transport, _), transport.stream("GET", "/x", timeout=0.2) as stream:
        assert list(stream) == [b"late"]


# Closing


def test_closing_ends_what_others_wait_for() -> None:
    def respond(request: Request) -> None:
        request.sock.recv(1)

    errors: list[Exception] = []

    def ask(transport: Transport) -> None:
        try:
            transport.request("POST", "/x", body=b"{}")
        except UnreachableError as error:
            errors.append(error)

    with talking(respond) as (transport, server):
        thread = threading.Thread(target=ask, args=(transport,))
        thread.start()
        while not server.requests:
            time.sleep(0.005)
        transport.close()
        thread.join(5)
        assert len(errors) == 1
        with pytest.raises(UnreachableError, match="client is closed"):
            transport.request("GET", "/x")


def test_interrupts_end_their_connection() -> None:
    """A connection whose answer was not read to its end must not be used for another request."""

    def respond(request: Request) -> bytes | None:
        if request.target == "/hang":
            signal.pthread_kill(main, signal.SIGINT)
            return None if request.sock.recv(1) else answer()
        return answer(200, {"target": request.target})

    main = threading.get_ident()
    with talking(respond) as (transport, server):
        transport.request("GET", "/x")
        with pytest.raises(KeyboardInterrupt):
            transport.request("GET", "/hang")
        assert transport.request("GET", "/y").json() == {"target": "/y"}
        assert server.connections == 2


# Where it can't work


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("h:1/a", 'host must be a URL or a host:port pair: "h:1/a"'),
        ("%zz", 'parse "http://%zz": invalid URL escape "%zz"'),
    ],
)
def test_addresses_that_make_no_sense(server: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Transport(Config(server))
    assert str(caught.value) == words


def test_unknown_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with Transport(Config("https://nowhere.example")) as transport, pytest.raises(UnreachableError) as caught:
        transport.request("GET", "/version")
    text = str(caught.value)
    assert text.startswith('Get "https://nowhere.example/version": dial tcp: lookup nowhere.example')
    assert text.endswith(": no such host")


@given(
    st.text(max_size=20), st.sampled_from(["", "http://", "https://", "https://h/", "https://u:p@", "https://[", "h:"])
)
def test_any_address_is_refused_in_words(text: str, start: str) -> None:
    def nobody(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", nobody)
        with pytest.raises(KubernetesError):
            Transport(Config(start + text)).request("GET", "/version")
