"""Kubeconfigs, flags and the pod's own account become one configuration, by client-go's rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import ConfigError
from navarch.golang.yaml import dump
from navarch.kube import config as config_module
from navarch.kube.config import Overrides, load_config, load_namespace
from navarch.kube.kubeconfig import Kubeconfig, decode, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of the test's own, no variables, and no pod."""
    for name in (
        "KUBECONFIG",
        "KUBERNETES_MASTER",
        "KUBERNETES_SERVICE_HOST",
        "KUBERNETES_SERVICE_PORT",
        "POD_NAMESPACE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(name: str, *, user: Any = None, cluster: Any = None, context: Any = None, current: str = "c") -> Path:
        path: Path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "current-context": current,
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", **(context or {})}}],
            "clusters": [{"name": "k", "cluster": {"server": "https://one.example", **(cluster or {})}}],
            "users": [{"name": "u", "user": user or {}}],
        }
        path.write_text(dump(content))
        return path

    return make


def test_nothing_at_all() -> None:
    config = load_config()
    assert (config.server, config.namespace) == ("http://localhost:8080", "default")


def test_the_usual_file(write: Write) -> None:
    write(".kube/config", context={"namespace": "n"}, user={"token": "t"})
    config = load_config()
    assert (config.server, config.namespace, config.token) == ("https://one.example", "n", "t")


def test_the_first_file_that_says_something_counts(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("current-context: c\nusers: [{name: u, user: {token: first}}]\n")
    write("b", user={"token": "second", "as": "other"}, cluster={"server": "https://b.example"}, current="other")
    write("c", cluster={"server": "https://c.example", "proxy-url": "http://proxy"})
    monkeypatch.setenv("KUBECONFIG", "nope:a::b:c:a")
    config = load_config()
    assert config.token == "first"
    assert config.impersonation is None  # entries are taken as a whole
    assert (config.server, config.proxy_url) == ("https://b.example", "")
    assert config.user_file == "a"


def test_paths_are_relative_to_their_file(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ca", "crt", "key"):
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / "sub" / name).write_text(name)
    plugin = {"command": "../bin/plugin", "apiVersion": "client.authentication.k8s.io/v1beta1"}
    user = {"client-certificate": "crt", "client-key": "../sub/key", "exec": plugin}
    write("sub/config", cluster={"certificate-authority": "./ca"}, user=user)
    monkeypatch.setenv("KUBECONFIG", "sub/config")
    config = load_config()
    sub = tmp_path / "sub"
    assert [config.ca_file, config.cert_file, config.key_file] == [str(sub / name) for name in ("ca", "crt", "key")]
    assert config.exec_plugin is not None
    assert config.exec_plugin["command"] == str(tmp_path / "bin" / "plugin")
    assert config.exec_plugin["interactiveMode"] == "IfAvailable"


def test_programs_in_the_path_stay(write: Write) -> None:
    plugin = {"command": "plugin", "apiVersion": "client.authentication.k8s.io/v1beta1"}
    config = load_config(Overrides(kubeconfig=str(write("config", user={"exec": plugin}))))
    assert config.exec_plugin is not None
    assert config.exec_plugin["command"] == "plugin"


def test_what_is_not_encrypted_gets_no_credentials(write: Write) -> None:
    cluster = {"server": "http://one.example", "insecure-skip-tls-verify": True, "tls-server-name": "x"}
    config = load_config(Overrides(kubeconfig=str(write("config", cluster=cluster, user={"token": "t", "as": "me"}))))
    assert (config.token, config.insecure, config.tls_server_name) == ("", False, "")
    assert config.impersonation is not None
    assert config.impersonation.user == "me"


def test_everything_a_user_can_be(write: Write) -> None:
    user = {"as": "me", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": {"k": ["v", "w"]}}
    cluster = {
        "certificate-authority-data": "Y2E=",
        "proxy-url": "socks5://p:1",
        "tls-server-name": "other",
        "disable-compression": True,
        "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}}, {"name": "y"}],
    }
    config = load_config(Overrides(kubeconfig=str(write("config", user=user, cluster=cluster))))
    whom = config.impersonation
    assert whom is not None
    assert (whom.user, whom.uid, whom.groups, whom.extra) == ("me", "7", ("a", "b"), {"k": ["v", "w"]})
    assert (config.ca_data, config.proxy_url, config.tls_server_name) == (b"ca", "socks5://p:1", "other")
    assert (config.disable_compression, config.exec_config) == (True, {"audience": "x"})


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, {"server": "https://one.example", "tls_server_name": "name", "ca_data": b"ca", "insecure": False}),
        (
            {"apiserver": "https://two.example"},
            {"server": "https://two.example", "tls_server_name": "", "ca_data": b"ca"},
        ),
        ({"apiserver": "https://two.example", "tls_server_name": "n"}, {"tls_server_name": "n"}),
        ({"insecure_skip_tls_verify": True}, {"insecure": True, "ca_data": b"", "ca_file": ""}),
        ({"ca_file": "/dev/null"}, {"insecure": False, "ca_data": b"", "ca_file": "/dev/null"}),
        ({"token": "flag"}, {"token": "flag"}),
        ({"namespace": "flag"}, {"namespace": "flag"}),
        ({"qps": 2.5, "burst": 7}, {"qps": 2.5, "burst": 7}),
    ],
)
def test_flags_on_top(write: Write, flags: dict[str, Any], expected: dict[str, Any]) -> None:
    cluster = {"tls-server-name": "name", "certificate-authority-data": "Y2E="}
    path = write("config", cluster=cluster, user={"token": "file"}, context={"namespace": "n"})
    config = load_config(Overrides(kubeconfig=str(path), **flags))
    assert {name: getattr(config, name) for name in expected} == expected


def test_flags_for_acting_as_others(write: Write) -> None:
    path = str(write("config", user={"as": "file", "as-groups": ["g"], "as-uid": "1"}))
    whom = load_config(Overrides(kubeconfig=path, as_user="flag", as_groups=["h"])).impersonation
    assert whom is not None
    assert (whom.user, whom.groups, whom.uid) == ("flag", ("h",), "1")


@pytest.mark.parametrize(
    ("server", "seen"),
    [
        ("https://h/a/b?x=y#z", "https://h/a/b"),
        ("https://h?x=y", "https://h?x=y"),
        ("https://h/", "https://h/"),
        ("h:1/a", "h:1/a"),
    ],
)
def test_queries_of_addresses_with_a_path(write: Write, server: str, seen: str) -> None:
    assert load_config(Overrides(kubeconfig=str(write("config", cluster={"server": server})))).server == seen


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "account"
    folder.mkdir()
    for name, text in (("token", "pod-token\n"), ("ca.crt", "authority"), ("namespace", " pod-ns\n")):
        (folder / name).write_text(text)
    monkeypatch.setattr(config_module, "_ACCOUNT", str(folder))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    return folder


def test_in_a_pod(pod: Path) -> None:
    config = load_config()
    assert (config.server, config.namespace) == ("https://10.0.0.1:443", "pod-ns")
    assert (config.token, config.token_file, config.ca_file) == ("pod-token\n", f"{pod}/token", f"{pod}/ca.crt")


def test_in_a_pod_with_flags(pod: Path) -> None:
    config = load_config(Overrides(apiserver="https://x", namespace="n"))
    assert (config.server, config.namespace, config.token) == ("https://x", "n", "")  # no longer the default
    config = load_config(Overrides(token="t"))
    assert (config.server, config.token, config.token_file) == ("https://10.0.0.1:443", "t", "")


def test_in_a_pod_with_a_kubeconfig(pod: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(write("config", user={"token": "t"}))
    config = load_config(Overrides(kubeconfig=path))
    assert (config.server, config.namespace) == ("https://one.example", "pod-ns")
    monkeypatch.setenv("POD_NAMESPACE", "variable")
    assert load_namespace(Overrides(kubeconfig=path)) == "variable"
    assert load_namespace(Overrides(kubeconfig=str(write("other", context={"namespace": "default"})))) == "default"


def test_ipv6_in_a_pod(pod: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    assert load_config().server == "https://[fd00::1]:443"


def test_namespaces_of_configurations_that_cannot_be_used(write: Write) -> None:
    path = str(write("config", cluster={"certificate-authority": "nope"}, context={"namespace": "n"}))
    with pytest.raises(
        ConfigError, match=r"unable to read certificate-authority .*/nope for k due to open .*/nope: no such"
    ):
        load_namespace(Overrides(kubeconfig=path))
    assert load_namespace(Overrides(kubeconfig=path, namespace="flag")) == "flag"


def test_all_that_is_wrong_is_told(write: Write) -> None:
    user = {"as-groups": ["x"], "token": "a", "password": "b"}
    path = str(write("config", user=user, cluster={"proxy-url": "foo"}, current="c"))
    with pytest.raises(ConfigError) as caught:
        load_config(Overrides(kubeconfig=path))
    assert str(caught.value) == (
        "invalid configuration: [more than one authentication method found for u; found [token basicAuth], only one is "
        "allowed, requesting uid, groups or user-extra for u without impersonating a user, invalid 'proxy-url' \"foo\" "
        'for cluster "k": unsupported scheme "", must be http, https, or socks5]'
    )


def test_several_broken_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("kind: A\n")
    (tmp_path / "b").write_text("kind: B\n")
    monkeypatch.setenv("KUBECONFIG", "a:b")
    with pytest.raises(ConfigError) as caught:
        load_config()
    words = 'error loading config file "{}": no kind "{}" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'
    assert str(caught.value) == f"[{words.format('a', 'A')}, {words.format('b', 'B')}]"


def test_two_entries_of_one_name_and_no_secrets_in_the_message() -> None:
    with pytest.raises(ConfigError) as caught:
        decode(b"users: [{name: a, user: {token: hidden}}, {name: a}]")
    assert 'duplicate name "a" in list' in str(caught.value)
    assert "hidden" not in str(caught.value)


_NAMES = st.sampled_from("abc")
_FILES = st.builds(
    lambda current, users: (current, users),
    st.sampled_from(["", "a", "b"]),
    st.dictionaries(_NAMES, st.dictionaries(st.sampled_from(["token", "as"]), st.text("xyz", min_size=1))),
)


def _kubeconfig(current: str, users: dict[str, dict[str, Any]]) -> Kubeconfig:
    made = Kubeconfig()
    made.current_context, made.users = current, users
    return made


def _merged(*files: tuple[str, dict[str, dict[str, Any]]]) -> tuple[str, dict[str, dict[str, Any]]]:
    whole = Kubeconfig()
    for current, users in files:
        whole.add(_kubeconfig(current, users))
    return whole.current_context, whole.users


@given(_FILES, _FILES, _FILES)
def test_merging_is_a_monoid_where_the_first_wins(one: Any, two: Any, three: Any) -> None:
    assert _merged(one) == one
    assert _merged(("", {}), one) == _merged(one, ("", {})) == one
    assert _merged(_merged(one, two), three) == _merged(one, _merged(two, three))
    current, users = _merged(one, two)
    assert current == (one[0] or two[0])
    assert users == {**two[1], **one[1]}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "clusters",
                        "users",
                        "contexts",
                        "name",
                        "cluster",
                        "user",
                        "context",
                        "exec",
                        "server",
                        "token",
                        "env",
                    ]
                ),
                inner,
            )
        ),
    )
)
def test_nothing_else_leaves_the_decoder(document: Any) -> None:
    try:
        config = decode(json.dumps(document).encode())
    except ConfigError:
        return
    assert all(isinstance(name, str) for name in config.users)


def test_a_named_file_must_be_there() -> None:
    with pytest.raises(ConfigError, match=r"^stat nope: no such file or directory$"):
        load("nope")


@pytest.mark.parametrize("burst", [0, -1])
def test_a_rate_needs_a_burst(write: Write, burst: int) -> None:
    flags = Overrides(kubeconfig=str(write("config")), qps=5.0, burst=burst)
    with pytest.raises(ConfigError, match="burst is required to be greater than 0"):
        load_config(flags)
