"""Who asks: challenges, tokens, and where credentials must not go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import RegistryError
from navarch.oci.auth import NOBODY, Authenticator, Credential, clean_scopes, parse_challenge
from navarch.oci.transport import Request, Transport
from support.httpd import Httpd, answer
from support.registry import Elsewhere, FakeRegistry, serve

USERS = {"user": "pass:word"}


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", ("", {})),
        ("Basic realm=x", ("basic", {})),
        ("BASIC", ("basic", {})),
        ("Negotiate abc", ("", {})),
        (
            'Bearer realm="https://a/t?x=1,2",service=s , scope="repository:a:pull,push"',
            ("bearer", {"realm": "https://a/t?x=1,2", "service": "s", "scope": "repository:a:pull,push"}),
        ),
        ('bearer realm="a\\"b"', ("bearer", {"realm": 'a"b'})),
        ('Bearer realm="a" service="b"', ("bearer", {"realm": "a"})),
        ("Bearer", ("bearer", {})),
        ('Bearer realm="open', ("bearer", {})),
    ],
)
def test_challenges(header, found):
    assert parse_challenge(header) == found


@given(st.text(max_size=40))
def test_any_challenge_is_read(text):
    scheme, values = parse_challenge(f"Bearer {text}")
    assert scheme in ("bearer", "")
    assert all(isinstance(value, str) for value in values.values())


@pytest.mark.parametrize(
    ("scopes", "cleaned"),
    [
        ([], []),
        (["repository:a:push,pull"], ["repository:a:pull,push"]),
        (["repository:a:pull", "repository:a:push,pull"], ["repository:a:pull,push"]),
        (["repository:a:pull", "repository:a:*"], ["repository:a:*"]),
        (["repository:b:pull", "repository:a:pull"], ["repository:a:pull", "repository:b:pull"]),
        (["repository:r:5000/a:pull"], ["repository:r:5000/a:pull"]),
        (["odd", "repository:a:"], ["odd"]),
    ],
)
def test_scopes(scopes, cleaned):
    assert clean_scopes(scopes) == cleaned


@given(
    st.lists(st.sampled_from(["repository:a:pull", "repository:a:push", "repository:b:*", "x", "registry:catalog:*"]))
)
def test_cleaning_scopes_again_changes_nothing(scopes):
    once = clean_scopes(scopes)
    assert clean_scopes(once) == once
    assert clean_scopes(reversed(scopes)) == once


def test_a_password_is_shown_when_asked_for_and_from_then_on(make_client):
    with FakeRegistry(auth="basic", users=USERS) as server:
        serve(server)
        client = make_client(username="user", password="pass:word")
        assert client.tags(f"{server.address}/charts/web") == ["1.0.0"]
        assert client.tags(f"{server.address}/charts/web") == ["1.0.0"]
        assert ["authorization" in request.headers for request in server.requests] == [False, True, True]


def test_without_credentials_nothing_is_shown(client):
    with FakeRegistry(auth="basic", users=USERS) as server:
        with pytest.raises(RegistryError, match=r"basic credential not found$"):
            client.tags(f"{server.address}/charts/web")
        assert len(server.requests) == 1


def test_a_wrong_password(make_client):
    with FakeRegistry(auth="basic", users=USERS) as server:
        client = make_client(username="user", password="x")
        with pytest.raises(RegistryError) as caught:
            client.tags(f"{server.address}/charts/web")
    where = f'GET "{server.url}/v2/charts/web/tags/list"'
    assert str(caught.value) == f"{where}: response status code 401: unauthorized: authentication required"
    assert (caught.value.status, caught.value.codes) == (401, ("UNAUTHORIZED",))


def test_anybody_may_pull_with_a_token(client, tmp_path):
    with FakeRegistry(auth="bearer", anonymous=True) as server:
        serve(server)
        client.pull(f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path)
        tokens = [request for request in server.requests if request.target.startswith("/token")]
    assert len(tokens) == 1
    assert tokens[0].target == "/token?scope=repository%3Acharts%2Fweb%3Apull&service=test"
    assert "authorization" not in tokens[0].headers


def test_one_token_is_enough_for_a_push(make_client, tmp_path):
    from support.registry import archive

    (tmp_path / "web-1.0.0.tgz").write_bytes(archive())
    with FakeRegistry(auth="bearer", users=USERS) as server:
        client = make_client(username="user", password="pass:word")
        client.push(tmp_path / "web-1.0.0.tgz", f"oci://{server.address}/charts")
        assert list(server.tokens.values()) == [["repository:charts/web:pull,push"]]


def test_anybody_may_not_push(client, tmp_path):
    from support.registry import archive

    (tmp_path / "web-1.0.0.tgz").write_bytes(archive())
    with FakeRegistry(auth="bearer", anonymous=True) as server, pytest.raises(RegistryError) as caught:
        client.push(tmp_path / "web-1.0.0.tgz", f"oci://{server.address}/charts")
    assert caught.value.status == 401
    assert not server.manifests


@pytest.mark.parametrize(
    ("credential", "method"),
    [(Credential("user", "pass:word"), "GET"), (Credential(refresh_token="refresh"), "POST")],
)
def test_the_ways_to_a_token(credential, method):
    with FakeRegistry(auth="bearer", users=USERS) as server, Transport() as transport:
        serve(server)
        asks = Authenticator(transport, lambda _: credential)
        answered = asks.send(Request("GET", f"{server.url}/v2/charts/web/tags/list"))
        assert answered.status == 200
        asked = [request.method for request in server.requests if request.target.startswith("/token")]
        assert asked == [method]


def test_a_token_that_is_there_is_shown_as_it_is():
    with FakeRegistry(auth="bearer") as server, Transport() as transport:
        server.tokens["mine"] = ["repository:charts/web:pull"]
        serve(server)
        asks = Authenticator(transport, lambda _: Credential(access_token="mine"))
        assert asks.send(Request("GET", f"{server.url}/v2/charts/web/tags/list")).status == 200
        assert not [request for request in server.requests if request.target.startswith("/token")]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{}", "empty token returned"),
        (b"[]", "empty token returned"),
        (b'{"token":5}', "empty token returned"),
        (b"{", "failed to decode response: unexpected end of JSON input"),
    ],
)
def test_no_token(client, body, problem):
    with FakeRegistry(auth="bearer") as server:
        server.meddle = lambda request: answer(body=body) if request.target.startswith("/token") else None
        with pytest.raises(RegistryError, match=problem):
            client.tags(f"{server.address}/charts/web")


@pytest.mark.parametrize(
    ("realm", "problem"),
    [
        ("ftp://127.0.0.1/x", 'bearer realm "ftp://127.0.0.1/x" uses unsupported scheme "ftp"'),
        ("file:///etc/passwd", 'bearer realm "file:///etc/passwd" uses unsupported scheme "file"'),
        (
            "http://169.254.169.254/t",
            'bearer realm host "169.254.169.254" is a loopback, link-local, private, or unspecified address',
        ),
        (
            "https://10.0.0.1/t",
            'bearer realm host "10.0.0.1" is a loopback, link-local, private, or unspecified address',
        ),
        (
            "http://[::1]/t",
            'bearer realm host "::1" is a loopback, link-local, private, or unspecified address',
        ),
    ],
)
def test_realms_that_are_refused(make_client, realm, problem):
    challenge = f'Bearer realm="{realm}",service="s"'
    with Httpd(lambda _: answer(401, www_authenticate=challenge)) as server:
        client = make_client(username="user", password="secret")
        with pytest.raises(RegistryError) as caught:
            client.tags(f"{server.address}/web")
    assert str(caught.value) == f'GET "{server.url}/v2/web/tags/list": {problem}'
    assert len(server.requests) == 1


def test_credentials_stay_behind_when_a_blob_lives_elsewhere(make_client, tmp_path):
    with FakeRegistry(auth="basic", users=USERS) as server, Elsewhere(server) as elsewhere:
        serve(server)
        server.redirect = elsewhere.url
        client = make_client(username="user", password="pass:word")
        client.pull(f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path)
        assert elsewhere.requests
        assert not any("authorization" in request.headers for request in elsewhere.requests)


def test_another_server_that_wants_a_password_gets_none(make_client, tmp_path):
    wants = answer(401, www_authenticate='Basic realm="give"')
    with FakeRegistry(auth="basic", users=USERS) as server, Httpd(lambda _: wants) as elsewhere:
        serve(server)
        server.redirect = elsewhere.url
        client = make_client(username="user", password="pass:word")
        with pytest.raises(RegistryError, match="response status code 401"):
            client.pull(f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path)
        assert len(elsewhere.requests) == 1
        assert "authorization" not in elsewhere.requests[0].headers
    assert list(tmp_path.iterdir()) == []


def test_a_host_is_asked_for_its_own_credential():
    asked = []

    def find(host):
        asked.append(host)
        return NOBODY

    with FakeRegistry(auth="basic", users=USERS) as server, Transport() as transport:
        with pytest.raises(RegistryError):
            Authenticator(transport, find).send(Request("GET", f"{server.url}/v2/"))
        assert asked == [server.address]
