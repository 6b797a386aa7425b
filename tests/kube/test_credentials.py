"""Tokens, files of them, plugins and OIDC: when they are asked, what is kept, what the server gets to see."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import ApiError, ConfigError, UnreachableError
from navarch.golang.yaml import load
from navarch.kube import credentials, oidc
from navarch.kube import exec as exec_module
from navarch.kube.config import Config, Overrides, load_config
from navarch.kube.credentials import credentials_for
from navarch.kube.transport import Transport
from support.certificates import Authority, Pair, server_context
from support.httpd import Httpd, Request, answer, status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DONE = answer(200, {"kind": "X"})
V1 = "client.authentication.k8s.io/v1"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of other tests' plugins and providers."""
    monkeypatch.setattr(exec_module, "_known", {})
    monkeypatch.setattr(oidc, "_known", {})


def only(*allowed: str) -> Callable[[Request], bytes]:
    """A server's answer: yes to these values of Authorization, else 401."""
    return lambda request: (
        DONE if request.headers.get("authorization") in allowed else status(401, "Unauthorized", "no")
    )


def seen(server: Httpd) -> list[str]:
    return [request.headers.get("authorization", "") for request in server.requests]


# Files


def test_token_files_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "token"
    path.write_text("one\n")
    config = Config("http://x")
    config.token, config.token_file = "zero", str(path)
    found = credentials_for(config)
    assert found.authorization() == "Bearer one"
    path.write_text("two\n")
    assert found.authorization() == "Bearer one"  # for a minute
    monkeypatch.setattr(credentials, "_REREAD", -1.0)
    assert found.authorization() == "Bearer two"
    path.unlink()
    assert found.authorization() == "Bearer two"


def test_refused_tokens_are_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("one")
    with Httpd(only("Bearer two")) as server:
        config = Config(server.url)
        config.token_file = str(path)
        with Transport(config) as transport:
            with pytest.raises(ApiError, match=r"^no$"):
                transport.request("GET", "/x")
            path.write_text("two")
            transport.request("GET", "/x")
        assert seen(server) == ["Bearer one", "Bearer one", "Bearer two"]


def test_passwords() -> None:
    with Httpd(only("Basic bWU6c2VjcmV0")) as server:
        config = Config(server.url)
        config.username, config.password = "me", "secret"
        with Transport(config) as transport:
            transport.request("GET", "/x")


def test_users_in_addresses() -> None:
    with Httpd(only("Basic bWU6c2VjcmV0")) as server:
        with Transport(Config(server.url.replace("//", "//me:secret@"))) as transport:
            transport.request("GET", "/x")
        assert transport.url == server.url.replace("//", "//me:***@")


# Plugins


class Plugin:
    """A program that notes each run and prints what `says` holds."""

    def __init__(self, folder: Path) -> None:
        self._runs = folder / "runs"
        self._output = folder / "output"
        self.path = folder / "plugin"
        self.path.write_text(f"#!/bin/sh\necho x >> {self._runs}\nsleep 0.02\ncat {self._output}\n")
        self.path.chmod(0o755)

    @property
    def runs(self) -> int:
        return len(self._runs.read_text().splitlines()) if self._runs.exists() else 0

    def says(self, **status: Any) -> None:
        self._output.write_text(json.dumps({"kind": "ExecCredential", "apiVersion": V1, "status": status}))

    def config(self, server: str, **more: Any) -> Config:
        config = Config(server)
        config.exec_plugin = {"command": str(self.path), "apiVersion": V1, "interactiveMode": "Never", **more}
        return config


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    return Plugin(tmp_path)


def in_seconds(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def test_a_plugin_is_asked_once(plugin: Plugin) -> None:
    plugin.says(token="a", expirationTimestamp=in_seconds(60))
    with Httpd(only("Bearer a")) as server:
        for _ in range(2):
            with Transport(plugin.config(server.url)) as transport:
                transport.request("GET", "/x")
                transport.request("GET", "/x")
        assert plugin.runs == 1
        with Transport(plugin.config(server.url, args=["other"])) as transport:
            transport.request("GET", "/x")
        assert plugin.runs == 2


def test_a_plugin_is_asked_by_one_thread(plugin: Plugin) -> None:
    plugin.says(token="a")
    with Httpd(only("Bearer a")) as server, Transport(plugin.config(server.url)) as transport:
        threads = [threading.Thread(target=transport.request, args=("GET", "/x")) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (plugin.runs, len(server.requests)) == (1, 5)


def test_a_plugin_is_asked_when_its_token_is_over(plugin: Plugin) -> None:
    plugin.says(token="a", expirationTimestamp=in_seconds(-1))
    with Httpd(only("Bearer a", "Bearer b")) as server, Transport(plugin.config(server.url)) as transport:
        transport.request("GET", "/x")
        before = plugin.runs
        plugin.says(token="b", expirationTimestamp=in_seconds(60))
        transport.request("GET", "/x")
        assert seen(server) == ["Bearer a", "Bearer b"]
        assert plugin.runs > before
        before = plugin.runs
        transport.request("GET", "/x")
        assert plugin.runs == before


def test_a_plugin_is_asked_when_its_token_is_refused(plugin: Plugin) -> None:
    plugin.says(token="a")
    with Httpd(only("Bearer b")) as server, Transport(plugin.config(server.url)) as transport:
        with pytest.raises(ApiError, match=r"^no$"):
            transport.request("GET", "/x")
        assert plugin.runs == 2  # once more, and not again
        plugin.says(token="b")
        transport.request("GET", "/x")
        transport.request("POST", "/x", body=b"{}")
        assert seen(server) == ["Bearer a", "Bearer a", "Bearer a", "Bearer b", "Bearer b"]


def test_a_plugin_that_fails_the_second_time(plugin: Plugin) -> None:
    plugin.says(token="a")
    with Httpd(only("Bearer b")) as server, Transport(plugin.config(server.url)) as transport:
        with pytest.raises(ApiError):
            transport.request("GET", "/x")
        plugin.path.write_text("#!/bin/sh\nexit 3\n")
        with pytest.raises(ApiError, match=r"^no$"):
            transport.request("GET", "/x")


def test_what_a_plugin_is_told(plugin: Plugin, tmp_path: Path) -> None:
    plugin.path.write_text(f'#!/bin/sh\nprintf %s "$KUBERNETES_EXEC_INFO" > {tmp_path}/info\nexit 1\n')
    config = plugin.config("https://one.example", provideClusterInfo=True)
    config.ca_data, config.tls_server_name, config.exec_config = b"ca", "<name>", {"b": 1, "a": ["x"]}
    with pytest.raises(
        ConfigError, match=f"getting credentials: exec: executable {plugin.path} failed with exit code 1"
    ):
        credentials_for(config).authorization()
    # as client-go's encoder writes it: fields in their order, no blanks, HTML escaped, a line
    assert (tmp_path / "info").read_text() == (
        f'{{"kind":"ExecCredential","apiVersion":"{V1}","spec":{{"cluster":{{"server":"https://one.example",'
        '"tls-server-name":"\\u003cname\\u003e","certificate-authority-data":"Y2E=","config":{"a":["x"],"b":1}},'
        '"interactive":false}}\n'
    )


def test_tokens_of_flags_come_before_a_plugin(plugin: Plugin) -> None:
    config = plugin.config("https://x")
    config.token = "flag"
    assert credentials_for(config).authorization() == "Bearer flag"
    assert plugin.runs == 0


def test_hints_are_not_given_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config("https://x")
    config.exec_plugin = {"command": "no-such-plugin", "apiVersion": V1, "interactiveMode": "Never"}
    found = credentials_for(config)
    texts = []
    for _ in range(11):
        with pytest.raises(ConfigError) as caught:
            found.authorization()
        texts.append(str(caught.value))
    assert ["It looks like" in text for text in texts] == [True] * 10 + [False]


def test_certificates_of_a_plugin(plugin: Plugin, tmp_path: Path) -> None:
    authority, others = Authority(), Authority("others")
    context = server_context(authority.issue(ips=("127.0.0.1",)), clients=authority.certificate)
    with Httpd(lambda _: DONE, tls=context) as server:
        config = plugin.config(server.url)
        config.ca_data = authority.certificate
        _says_certificate(plugin, authority.issue("me"), in_seconds(-1))
        with Transport(config) as transport:
            transport.request("GET", "/x")
            _says_certificate(plugin, authority.issue("me again"), in_seconds(60))
            transport.request("GET", "/x")
            transport.request("GET", "/x")
            assert server.connections == 2  # one for each certificate
    with Httpd(lambda _: DONE, tls=context) as server:
        config = plugin.config(server.url, args=["x"])
        config.ca_data = authority.certificate
        _says_certificate(plugin, others.issue("me"), in_seconds(60))
        with Transport(config) as transport, pytest.raises(UnreachableError) as caught:
            transport.request("GET", "/x")
        assert str(caught.value).endswith("remote error: tls: unknown certificate authority")


def _says_certificate(plugin: Plugin, pair: Pair, until: str) -> None:
    plugin.says(
        clientCertificateData=pair.certificate.decode(), clientKeyData=pair.key.decode(), expirationTimestamp=until
    )


_STATUS = st.dictionaries(
    st.sampled_from(["token", "clientCertificateData", "clientKeyData", "expirationTimestamp", "other"]),
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("2026-01-02T03:04:05Z"),
)
_PRINTED = st.binary(max_size=30) | st.builds(
    lambda kind, version, status: json.dumps({"kind": kind, "apiVersion": version, "status": status}).encode(),
    st.sampled_from(["ExecCredential", "Other", None, 5]),
    st.sampled_from([V1, f"{V1}beta1", "v1", "", None, 5]),
    _STATUS | st.none() | st.integers(),
)


@given(_PRINTED)
def test_anything_that_a_plugin_may_print(printed: bytes) -> None:
    config = Config("https://x")
    config.exec_plugin = {"command": "x", "apiVersion": V1, "interactiveMode": "Never"}
    found = credentials_for(config)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exec_module, "_known", {})
        patch.setattr(type(found), "_run", lambda _self: printed)
        try:
            value = found.authorization()
        except ConfigError as error:
            value = str(error)
    assert value == "" or value.startswith(("Bearer ", "getting credentials: "))


# OIDC


@given(st.text(max_size=30) | st.builds("a.{}.b".format, st.text(max_size=30)))
def test_anything_that_may_stand_for_a_token(token: str) -> None:
    config = Config("https://x")
    settings = {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "x", "id-token": token}
    config.auth_provider = {"name": "oidc", "config": settings}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oidc, "_known", {})
        with pytest.raises(ConfigError):
            credentials_for(config).authorization()


def token_until(seconds: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": int(time.time() + seconds)}).encode()).rstrip(b"=").decode()
    return f"head.{claims}.signature"


class Issuer:
    """Answers for an issuer whose tokens are refreshed; `answers` are those of its token endpoint, in turn."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []
        self.server = Httpd(self._respond)

    def _respond(self, request: Request) -> bytes:
        if request.target == "/.well-known/openid-configuration":
            return answer(200, {"token_endpoint": f"{self.server.url}/token?x=y"})
        self.asked.append(request)
        return self.answers.pop(0)


def kubeconfig(folder: Path, issuer: str, **settings: str) -> Path:
    path = folder / "config"
    given = {"idp-issuer-url": f"{issuer}/", "client-id": "cli", "client-secret": "s&t", **settings}
    content = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://one.example", "certificate-authority": "ca"}}],
        "users": [{"name": "v"}, {"name": "u", "user": {"auth-provider": {"name": "oidc", "config": given}}}],
        "unknown": {"stays": 1},
    }
    path.write_text(json.dumps(content))
    path.chmod(0o640)
    (folder / "ca").write_text("")
    return path


def provider(path: Path) -> credentials.Credentials:
    return credentials_for(load_config(Overrides(kubeconfig=str(path))))


def test_tokens_that_are_still_good(tmp_path: Path) -> None:
    token = token_until(60)
    assert (
        provider(kubeconfig(tmp_path, "http://127.0.0.1:1", **{"id-token": token})).authorization() == f"Bearer {token}"
    )


def test_tokens_are_refreshed_and_written_back(tmp_path: Path) -> None:
    token = token_until(60)
    issuer = Issuer(answer(200, {"access_token": "a", "id_token": token, "refresh_token": "new"}))
    with issuer.server as server:
        path = kubeconfig(tmp_path, server.url, **{"id-token": token_until(5), "refresh-token": "old"})
        before = load(path.read_bytes())
        found = provider(path)
        assert [found.authorization() for _ in range(2)] == [f"Bearer {token}"] * 2
    (request,) = issuer.asked
    assert request.target == "/token?x=y"
    assert request.body == b"grant_type=refresh_token&refresh_token=old"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"cli:s%26t").decode()
    before["users"][1]["user"]["auth-provider"]["config"].update({"id-token": token, "refresh-token": "new"})
    assert load(path.read_bytes()) == before
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["ca", "config"]


def test_clients_whose_password_goes_into_the_form(tmp_path: Path) -> None:
    token = token_until(60)
    refused = answer(401, {"error": "invalid_client"}, reason="Unauthorized")
    issuer = Issuer(refused, answer(200, {"access_token": "a", "id_token": token}))
    with issuer.server as server:
        assert provider(kubeconfig(tmp_path, server.url, **{"refresh-token": "r"})).authorization() == f"Bearer {token}"
    assert issuer.asked[1].body == b"grant_type=refresh_token&refresh_token=r&client_id=cli&client_secret=s%26t"
    assert "authorization" not in issuer.asked[1].headers


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer(400, {"error": "invalid_grant", "error_description": 'it is "over"'}), 'failed to refresh token: oauth2: "invalid_grant" "it is \\"over\\""'),
        (answer(500, b"boom", reason="Broken"), "failed to refresh token: oauth2: cannot fetch token: 500 Broken\nResponse: boom"),
        (answer(200, {"id_token": "x"}), "failed to refresh token: oauth2: server response missing access_token"),
        (answer(200, {"access_token": "a"}), "token response did not contain an id_token, either the scope \"openid\" wasn't requested upon login, or the provider doesn't support id_tokens as part of the refresh response"),
        (answer(200, b"junk"), "failed to refresh token: oauth2: cannot parse json: Expecting value: line 1 column 1 (char 0)"),
    ],
)  # fmt: skip
def test_issuers_that_refuse(tmp_path: Path, said: bytes, words: str) -> None:
    issuer = Issuer(said, said)
    with issuer.server as server, pytest.raises(ConfigError) as caught:
        provider(kubeconfig(tmp_path, server.url, **{"refresh-token": "r"})).authorization()
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer(404, b"x" * 100, reason="Not Found"), f'oidc: failed to query metadata endpoint 404 Not Found: "{"x" * 80}..."'),
        (answer(200, {}), "oidc: discovery object doesn't contain a token_endpoint"),
        (answer(200, b"["), "oidc: failed to decode provider discovery object: Expecting value: line 1 column 2 (char 1)"),
    ],
)  # fmt: skip
def test_issuers_that_do_not_describe_themselves(tmp_path: Path, said: bytes, words: str) -> None:
    with Httpd(lambda _: said) as server, pytest.raises(ConfigError) as caught:
        provider(kubeconfig(tmp_path, server.url, **{"refresh-token": "r"})).authorization()
    assert str(caught.value) == words


def test_kubeconfigs_that_are_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "_LOCK_SECONDS", 0.05)
    issuer = Issuer(answer(200, {"access_token": "a", "id_token": token_until(60)}))
    with issuer.server as server:
        path = kubeconfig(tmp_path, server.url, **{"refresh-token": "r"})
        (tmp_path / "config.lock").touch()
        before = path.read_bytes()
        with pytest.raises(ConfigError) as caught:
            provider(path).authorization()
    assert str(caught.value) == f"could not persist new tokens: open {path}.lock: file exists"
    assert path.read_bytes() == before
    assert (tmp_path / "config.lock").exists()


# Acting as others


@pytest.mark.parametrize("value", ["a\nb", "a\rX: y"])
def test_headers_cannot_be_smuggled_in(value: str) -> None:
    config = Config("http://127.0.0.1:1")
    config.token = value
    with (
        Transport(config) as transport,
        pytest.raises(ConfigError, match='invalid header field value for "Authorization"'),
    ):
        transport.request("GET", "/x")
    config = Config("http://127.0.0.1:1")
    config.impersonation = load_whom(value)
    with pytest.raises(ConfigError, match='invalid header field value for "Impersonate-User"'):
        Transport(config)


def load_whom(user: str) -> Any:
    from navarch.kube.config import Impersonation

    return Impersonation(user)
