"""HTTP to registries: patience, redirects, connections."""

import pytest

from navarch.errors import RegistryError
from navarch.oci.address import parse_address, same_origin
from navarch.oci.transport import Request, Transport
from support.certificates import Authority, server_context
from support.httpd import Httpd, answer


@pytest.fixture
def transport():
    with Transport() as one:
        yield one


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(transport, no_waiting, status):
    answers = iter([answer(status), answer(status), answer(body=b"fine")])
    with Httpd(lambda _: next(answers)) as server:
        assert transport.send(Request("GET", server.url)).body == b"fine"
    assert [0.2 <= no_waiting[0] <= 0.28, 0.45 <= no_waiting[1] <= 0.55, len(no_waiting)] == [True, True, 2]


def test_patience_ends(transport, no_waiting):
    with Httpd(lambda _: answer(503)) as server:
        assert transport.send(Request("GET", server.url)).status == 503
        assert len(server.requests) == 6
    assert no_waiting[-1] == 3.0


@pytest.mark.parametrize(("asked", "waited"), [("2", 2.0), ("60", 3.0), ("0", 0.25), ("soon", 0.25)])
def test_how_long_a_server_wants_to_be_left_alone(transport, no_waiting, asked, waited):
    answers = iter([answer(429, retry_after=asked), answer()])
    with Httpd(lambda _: next(answers)) as server:
        transport.send(Request("GET", server.url))
    assert no_waiting[0] == pytest.approx(waited, rel=0.11)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_other_answers_are_answers(transport, no_waiting, status):
    with Httpd(lambda _: answer(status)) as server:
        assert transport.send(Request("GET", server.url)).status == status
        assert len(server.requests) == 1
    assert not no_waiting


def test_a_hurried_request_is_sent_once(transport):
    with Httpd(lambda _: answer(503)) as server:
        assert transport.send(Request("PUT", server.url, {}, b"x", hurried=True)).status == 503
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects(transport, status):
    with Httpd(lambda request: answer(body=request.target.encode())) as other:
        moved = answer(status, location=f"{other.url}/there?x=%2F")
        with Httpd(lambda _: moved) as server:
            found = transport.send(Request("GET", server.url, {"Authorization": "Basic x", "Accept": "a"}))
        assert found.body == b"/there?x=%2F"
        assert "authorization" not in other.requests[0].headers
        assert other.requests[0].headers["accept"] == "a"


def test_credentials_do_not_come_back_by_a_detour(transport):
    others = []

    def first(request):
        return answer(body=b"fine") if request.target == "/2" else answer(302, location=others[0])

    with Httpd(first) as server, Httpd(lambda _: answer(302, location=f"{server.url}/2")) as other:
        others.append(other.url)
        assert transport.send(Request("GET", server.url, {"Authorization": "Basic x"})).body == b"fine"
        assert ["authorization" in request.headers for request in server.requests] == [True, False]


def test_within_a_server_credentials_stay(transport):
    answers = iter([answer(302, location="/2"), answer(body=b"fine")])
    with Httpd(lambda _: next(answers)) as server:
        transport.send(Request("GET", f"{server.url}/1", {"Authorization": "Basic x"}))
        assert all("authorization" in request.headers for request in server.requests)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://a/b", "gopher:x"])
def test_redirects_out_of_http(transport, location):
    moved = answer(302, location=location)
    with Httpd(lambda _: moved) as server, pytest.raises(RegistryError, match="unsupported protocol scheme"):
        transport.send(Request("GET", server.url))


def test_redirects_without_end(transport):
    with Httpd(lambda _: answer(302, location="/")) as server:
        with pytest.raises(RegistryError, match=r"stopped after 10 redirects$"):
            transport.send(Request("GET", server.url))
        assert len(server.requests) == 10


def test_connections_are_kept(transport):
    with Httpd(lambda _: answer(body=b"x" * 10)) as server:
        for _ in range(3):
            transport.send(Request("GET", server.url))
        assert server.connections == 1


def test_a_kept_connection_that_died_is_replaced(transport):
    with Httpd(lambda _: answer()) as server:
        transport.send(Request("GET", server.url))
        server.drop()
        assert transport.send(Request("GET", server.url)).status == 200


def test_no_answer(transport):
    with Httpd(lambda _: None) as server, pytest.raises(RegistryError) as caught:
        transport.send(Request("GET", f"{server.url}/v2/"))
    assert str(caught.value) == f'Get "{server.url}/v2/": EOF'


def test_nobody_there(transport):
    with pytest.raises(RegistryError) as caught:
        transport.send(Request("HEAD", "http://127.0.0.1:1/v2/"))
    assert str(caught.value) == 'Head "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused'


def test_a_server_that_says_nothing(no_waiting):
    with Transport(patience=0.05) as transport, Httpd(_sleep) as server, pytest.raises(RegistryError) as caught:
        transport.send(Request("GET", server.url))
    assert caught.value.timeout
    assert not no_waiting


def _sleep(_request):
    import time

    time.sleep(0.3)


def test_an_early_no_is_heard(transport):
    body = b"x" * (64 << 20)

    def greet(sock):
        sock.recv(1024)
        sock.sendall(answer(413, b"too big", connection="close"))
        sock.close()
        return False

    with Httpd(lambda _: None, greet=greet) as server:
        try:
            said = str(transport.send(Request("PUT", server.url, {}, body, hurried=True)).status)
        except RegistryError as error:  # the answer was lost on the way
            said = str(error)
        assert any(words in said for words in ("413", "reset", "broken pipe"))


def test_a_certificate_nobody_vouches_for(transport):
    tls = server_context(Authority().issue(ips=("127.0.0.1",)))
    with Httpd(lambda _: answer(), tls=tls) as server, pytest.raises(RegistryError, match=r"unknown authority$"):
        transport.send(Request("GET", server.url))


def test_header_injection_is_refused(transport):
    with Httpd(lambda _: answer()) as server, pytest.raises(RegistryError, match="line break"):
        transport.send(Request("GET", server.url, {"Authorization": "Basic x\r\nHost: y"}))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a", "http://a:80/x", True),
        ("https://A", "https://a:443", True),
        ("http://a", "https://a", False),
        ("http://a:1", "http://a:2", False),
        ("http://a", "http://b", False),
        ("http://[::1]", "http://[::1]:80", True),
    ],
)
def test_origins(one, other, same):
    assert same_origin(parse_address(one), parse_address(other)) is same
