"""The API over HTTP: what a connection may carry, and that watches are many, prompt, and end."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import time
from urllib.parse import urlsplit

import pytest

from navarch.cluster import LocalCluster
from navarch.cluster.api import Api
from navarch.cluster.server import Server
from navarch.cluster.store import Store

MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def server():
    one = Server(Api(Store()))
    one.start()
    yield one
    one.close()


@pytest.fixture
def ask(server):
    """Send a request on one connection that is kept; the status and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)

    def ask(method, path, body=None, **headers):
        data = None if body is None else json.dumps(body)
        given = {"Content-Type": "application/json", **{key.replace("_", "-"): value for key, value in headers.items()}}
        connection.request(method, path, data, given)
        response = connection.getresponse()
        return response.status, response.read()

    yield ask
    connection.close()


def config_map(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def watch(server, path):
    """A connection on which a watch runs, and its lines."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    connection.request("GET", path)
    return connection, connection.getresponse()


def test_one_connection_serves_many_requests(ask):
    for number in range(20):
        assert ask("POST", MAPS, config_map(f"c{number}"))[0] == 201
    assert len(json.loads(ask("GET", MAPS)[1])["items"]) == 20


def test_a_body_may_come_in_chunks(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=300) as one:
        text = json.dumps(config_map("chunked")).encode()
        head = (
            f"POST {MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        one.sendall(head.encode())
        for start in range(0, len(text), 10):
            piece = text[start : start + 10]
            one.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        one.sendall(b"0\r\n\r\n")
        assert one.recv(100).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize("how", ["length", "chunks"])
def test_a_body_beyond_the_limit_is_refused(server, how):
    with socket.create_connection(("127.0.0.1", server.port), timeout=300) as one:
        size = 4 * 1024 * 1024
        fits = f"Content-Length: {size}" if how == "length" else "Transfer-Encoding: chunked"
        one.sendall(f"POST {MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{fits}\r\n\r\n".encode())
        if how == "chunks":
            one.sendall(b"%x\r\n" % size)
        answer = one.recv(4000)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"Request entity too large: limit is 3145728" in answer + one.recv(4000)


@pytest.mark.parametrize(
    "text", [b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n"]
)
def test_nonsense_does_not_stop_the_server(server, ask, text):
    with socket.create_connection(("127.0.0.1", server.port), timeout=300) as one:
        one.sendall(text)
        one.shutdown(socket.SHUT_WR)
        one.recv(1000)
    assert ask("GET", "/healthz") == (200, b"ok")


def test_two_hundred_watches_at_once(server, ask):
    path = f"{MAPS}?watch=1&timeoutSeconds=20&resourceVersion={json.loads(ask('GET', MAPS)[1])['metadata']['resourceVersion']}"
    watches = [watch(server, path) for _ in range(200)]
    for number in range(3):
        assert ask("POST", MAPS, config_map(f"c{number}"))[0] == 201
    for connection, response in watches:
        names = [json.loads(response.readline())["object"]["metadata"]["name"] for _ in range(3)]
        assert names == ["c0", "c1", "c2"]
        connection.close()


def test_a_watch_hears_at_once(server, ask):
    """Before anything else happens, and long before it ends."""
    connection, response = watch(server, f"{MAPS}?watch=1&timeoutSeconds=600")
    for kind, method, path, body in (
        ("ADDED", "POST", MAPS, config_map("a")),
        ("DELETED", "DELETE", f"{MAPS}/a", None),
    ):
        ask(method, path, body)
        assert json.loads(response.readline())["type"] == kind
    connection.close()


def test_a_watch_ends_in_time(server):
    begun = time.monotonic()
    connection, response = watch(server, f"{MAPS}?watch=1&timeoutSeconds=1")
    assert response.read() == b""
    assert time.monotonic() - begun > 0.9
    connection.close()


def test_what_leaves_a_selection_is_deleted_for_its_watcher(server, ask):
    connection, response = watch(server, f"{MAPS}?watch=1&timeoutSeconds=20&labelSelector=on%3Dyes")
    ask("POST", MAPS, config_map("other"))
    ask("POST", MAPS, {**config_map("a"), "metadata": {"name": "a", "labels": {"on": "yes"}}})
    patch = {"Content_Type": "application/merge-patch+json"}
    ask("PATCH", f"{MAPS}/a", {"data": {"k": "v"}}, **patch)
    ask("PATCH", f"{MAPS}/a", {"metadata": {"labels": {"on": "no"}}}, **patch)
    ask("PATCH", f"{MAPS}/a", {"metadata": {"labels": {"on": "yes"}}}, **patch)
    ask("DELETE", f"{MAPS}/a")
    kinds = [json.loads(response.readline())["type"] for _ in range(5)]
    assert kinds == ["ADDED", "MODIFIED", "DELETED", "ADDED", "DELETED"]
    connection.close()


def test_a_watch_of_what_is_forgotten_is_refused(server, ask):
    server._server.api.store.forgotten = 100
    status, body = ask("GET", f"{MAPS}?watch=1&resourceVersion=5")
    assert (status, json.loads(body)["reason"]) == (410, "Expired")


def test_initial_events_end_with_a_bookmark(server, ask):
    """What informers of new clients ask for instead of a list."""
    ask("POST", MAPS, config_map("a"))
    asked = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=5"
    connection, response = watch(server, f"{MAPS}?watch=1&{asked}")
    first, second = json.loads(response.readline()), json.loads(response.readline())
    assert (first["type"], first["object"]["metadata"]["name"]) == ("ADDED", "a")
    assert second["type"] == "BOOKMARK"
    assert second["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert second["object"]["kind"] == "ConfigMap"
    connection.close()


def test_closing_ends_watches(server):
    connection, response = watch(server, f"{MAPS}?watch=1")
    server.close()
    with contextlib.suppress(http.client.IncompleteRead):
        assert response.read() == b""  # would go on until the connection's own timeout, and raise that
    connection.close()


def test_who_shows_no_certificate_is_not_let_in():
    with LocalCluster(controllers=False) as cluster:
        place = urlsplit(cluster.server)
        connection = http.client.HTTPSConnection(place.netloc, context=ssl._create_unverified_context(), timeout=300)
        answers = []
        for path in ("/healthz", "/version", "/api/v1/namespaces", "/apis"):
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            answers.append(response.status)
        connection.close()
        assert answers == [200, 200, 401, 401]


def test_a_silent_client_holds_up_nobody(server, ask):
    with socket.create_connection(("127.0.0.1", server.port)):
        assert ask("GET", "/healthz")[0] == 200


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"metadata":' * 5_000, b"\xff\xfe", b'{"metadata": {"name": 7}}'])
def test_odd_json_is_a_bad_request(server, body):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    connection.request("POST", MAPS, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    status = json.loads(response.read())
    assert (response.status, status["kind"]) == (400, "Status")
    connection.close()
