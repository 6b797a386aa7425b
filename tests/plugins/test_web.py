"""HTTP for modules: which hosts, where redirects may lead, and what is never sent."""

import threading
import time

import pytest

from navarch.errors import PluginError
from navarch.plugins import wasm
from navarch.plugins.web import Web
from support import plugin_programs as programs
from support.httpd import Httpd, answer


def web(*hosts, limit=1000, seconds=20):
    return Web(hosts or ("127.0.0.1",), limit, time.monotonic() + seconds)


def refused(web, message, **request):
    with pytest.raises(PluginError) as caught:
        web.ask(request, b"")
    assert str(caught.value) == message


def test_a_request_and_its_answer():
    one = web()
    with Httpd(lambda _: answer(201, b"made", x_more="a")) as server:
        request = {"url": f"{server.url}/a%20b?c=d", "method": "post", "headers": {"X-One": "1"}}
        assert one.ask(request, b"body") == b"made"
    (seen,) = server.requests
    assert (seen.method, seen.target, seen.body) == ("POST", "/a%20b?c=d", b"body")
    assert seen.headers == {
        "host": server.address,
        "user-agent": "Go-http-client/1.1",
        "x-one": "1",
        "content-length": "4",
    }
    assert (one.status, one.headers["x-more"]) == (201, "a")


def test_a_password_in_the_address():
    with Httpd(lambda _: answer(200, b"")) as server:
        web().ask({"url": server.url.replace("//", "//me:secret@")}, b"")
    assert server.requests[0].headers["authorization"] == "Basic bWU6c2VjcmV0"


@pytest.mark.parametrize("pattern", ["127.0.0.1", "127.*", "{localhost,127.0.0.?}"])
def test_patterns_of_hosts(pattern):
    with Httpd(lambda _: answer(200, b"yes")) as server:
        assert web(pattern).ask({"url": server.url}, b"") == b"yes"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1.example.com", "example.com"])
def test_other_hosts(host):
    refused(web(), f"HTTP request to 'http://{host}:1/' is not allowed", url=f"http://{host}:1/")


def test_a_name_that_only_looks_allowed():
    refused(
        web(), "HTTP request to 'http://127.0.0.1@localhost:1/' is not allowed", url="http://127.0.0.1@localhost:1/"
    )


@pytest.mark.parametrize("url", ["file:///etc/passwd", "unix:/run/x", "/etc/passwd", ""])
def test_other_schemes(url):
    refused(web("*"), f'unsupported protocol scheme "{url.partition(":")[0] if ":" in url else ""}"', url=url)


def test_no_address():
    refused(web("*"), "invalid url: parse \"http://[\": missing ']' in host", url="http://[")


def test_a_redirect_to_a_host_that_is_not_allowed():
    with Httpd(lambda _: answer(302, location="http://localhost:1/secret")) as server:
        refused(web(), "HTTP request to 'http://localhost:1/secret' is not allowed", url=server.url)
    assert len(server.requests) == 1


def test_a_redirect_to_another_scheme():
    with Httpd(lambda _: answer(302, location="file:///etc/passwd")) as server:
        refused(web(), 'unsupported protocol scheme "file"', url=server.url)


@pytest.mark.parametrize(
    ("code", "method", "body"), [(302, "GET", b""), (303, "GET", b""), (307, "POST", b"x"), (308, "POST", b"x")]
)
def test_what_a_redirect_keeps(code, method, body):
    def respond(request):
        return answer(code, location="/b") if request.target == "/a" else answer(200, b"there")

    with Httpd(respond) as server:
        assert web().ask({"url": f"{server.url}/a", "method": "POST"}, b"x") == b"there"
    assert (server.requests[1].method, server.requests[1].body) == (method, body)


def test_secrets_stay_with_their_host():
    headers = {"Authorization": "Bearer t", "Cookie": "c=1", "X-Other": "o"}
    with Httpd(lambda _: answer(200, b"")) as other, Httpd(lambda _: answer(307, location=other.url)) as server:
        web().ask({"url": server.url, "headers": headers}, b"")
    assert "authorization" in server.requests[0].headers
    assert {"authorization", "cookie"}.isdisjoint(other.requests[0].headers)
    assert other.requests[0].headers["x-other"] == "o"


def test_redirects_without_end():
    with Httpd(lambda _: answer(302, location="/")) as server:
        refused(web(), f"{server.url}: stopped after 10 redirects", url=server.url)


def test_an_answer_that_is_too_big():
    with Httpd(lambda _: answer(200, b"x" * 1001)) as server:
        refused(web(), "http: request body too large", url=server.url)
        assert len(web(limit=1001).ask({"url": server.url}, b"")) == 1001


def test_an_answer_that_does_not_come():
    over = threading.Event()

    def late(_request):
        over.wait(600)

    with Httpd(late) as server:
        begun = time.monotonic()
        with pytest.raises(PluginError, match=r"^Get "):
            web(seconds=0.2).ask({"url": server.url}, b"")
        over.set()
        assert time.monotonic() - begun < 300


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "GET / HTTP/1.1\r\nX:"},
        {"headers": {"X\r\nY": "1"}},
        {"headers": {"X": "1\r\nY: 2"}},
    ],
)
def test_nothing_is_smuggled_into_a_request(request_):
    with Httpd(lambda _: answer(200, b"")) as server, pytest.raises(PluginError, match=r"^net/http: invalid "):
        web().ask({"url": server.url, **request_}, b"")
    assert not server.requests


def test_host_and_length_are_ours():
    with Httpd(lambda _: answer(200, b"")) as server:
        web().ask({"url": server.url, "headers": {"Host": "other", "Content-Length": "9"}}, b"")
    assert server.requests[0].headers["host"] == server.address
    assert "content-length" not in server.requests[0].headers


ALLOWED = "{allowedHosts: [127.0.0.1], memory: {maxHttpResponseBytes: 1000}}"


def test_a_module_asks(tmp_path):
    with Httpd(lambda _: answer(200, b'{"data": "aGk="}')) as server:
        plugin = programs.module(tmp_path, programs.asking(server.url), runtime=ALLOWED)
        assert wasm.call(plugin, {}, answer="x") == {"data": "aGk="}


def test_a_module_is_not_allowed(tmp_path):
    with Httpd(lambda _: answer(200, b"{}")) as server:
        plugin = programs.module(
            tmp_path, programs.asking(server.url), runtime="{memory: {maxHttpResponseBytes: 1000}}"
        )
        with pytest.raises(PluginError, match=rf"^plugin error: HTTP request to '{server.url}' is not allowed$"):
            wasm.call(plugin, {}, answer="x")
    assert not server.requests


def test_a_module_without_a_limit_of_its_own_gets_no_answers(tmp_path):
    with Httpd(lambda _: answer(200, b"{}")) as server:
        plugin = programs.module(tmp_path, programs.asking(server.url), runtime="{allowedHosts: ['*']}")
        with pytest.raises(PluginError, match=r"^plugin error: http: request body too large$"):
            wasm.call(plugin, {}, answer="x")
