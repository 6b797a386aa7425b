"""From flags and variables to what actions work with."""

from __future__ import annotations

import pytest

from navarch.cli.call import Call, StartError
from navarch.cli.cluster import action_context
from navarch.cli.main import command_module, flag_set
from navarch.cli.release_output import Colors
from navarch.kube.client import Client


def call(*words):
    flags = flag_set("list", command_module("list"))
    flags.parse(list(words))
    return Call("list", flags)


@pytest.fixture
def opened(home, monkeypatch):
    """What a cluster was opened with."""
    seen = {}

    def from_kubeconfig(path=None, **overrides):
        seen.update(path=path, **overrides)

    monkeypatch.setattr(Client, "from_kubeconfig", from_kubeconfig)
    return seen


def test_nothing_given(opened):
    action_context(call()).client  # noqa: B018
    opened.pop("say")
    assert opened == {
        "path": None,
        "context": None,
        "namespace": None,
        "apiserver": None,
        "token": None,
        "as_user": None,
        "as_groups": [],
        "ca_file": None,
        "insecure_skip_tls_verify": False,
        "tls_server_name": None,
        "qps": 0.0,
        "burst": 100,
        "debugging": False,
    }


def test_flags(opened):
    words = (
        "--kubeconfig=k --kube-context=c -n ns --kube-apiserver=https://a --kube-token=t --kube-as-user=u "
        "--kube-as-group=g --kube-ca-file=ca --kube-insecure-skip-tls-verify --kube-tls-server-name=s --qps=2.5 "
        "--burst-limit=-1 --debug"
    )
    context = action_context(call(*words.split()))
    context.client  # noqa: B018
    assert context.namespace == "ns"
    assert context.debugging
    opened.pop("say")
    assert opened == {
        "path": "k",
        "context": "c",
        "namespace": "ns",
        "apiserver": "https://a",
        "token": "t",
        "as_user": "u",
        "as_groups": ["g", "g"],
        "ca_file": "ca",
        "insecure_skip_tls_verify": True,
        "tls_server_name": "s",
        "qps": 2.5,
        "burst": -1,
        "debugging": True,
    }


def test_variables(opened, monkeypatch):
    for name, value in {
        "KUBECONTEXT": "c",
        "NAMESPACE": "ns",
        "KUBEAPISERVER": "https://a",
        "KUBETOKEN": "t",
        "KUBEASUSER": "u",
        "KUBEASGROUPS": "g,h",
        "KUBECAFILE": "ca",
        "KUBEINSECURE_SKIP_TLS_VERIFY": "1",
        "KUBETLS_SERVER_NAME": "s",
        "QPS": "3",
        "BURST_LIMIT": "7",
    }.items():
        monkeypatch.setenv(f"HELM_{name}", value)
    action_context(call()).client  # noqa: B018
    assert (opened["context"], opened["namespace"], opened["apiserver"], opened["token"]) == (
        "c",
        "ns",
        "https://a",
        "t",
    )
    assert (opened["as_user"], opened["as_groups"], opened["ca_file"]) == ("u", ["g", "h"], "ca")
    assert (opened["insecure_skip_tls_verify"], opened["tls_server_name"]) == (True, "s")
    assert (opened["qps"], opened["burst"]) == (3.0, 7)


def test_nothing_is_opened_before_it_is_needed(opened):
    action_context(call())
    assert opened == {}


def test_files_of_releases_that_are_not_there(home, monkeypatch):
    monkeypatch.setenv("HELM_DRIVER", "memory")
    monkeypatch.setenv("HELM_MEMORY_DRIVER_DATA", "one.yaml:two.yaml")
    (home / "one.yaml").write_text("[]")
    with pytest.raises(
        StartError, match=r"^Unable to read memory driver dataopen two\.yaml: no such file or directory$"
    ):
        action_context(call())


@pytest.mark.parametrize(
    ("words", "variables", "terminal", "colored"),
    [
        ((), {}, False, False),
        ((), {}, True, True),
        ((), {"TERM": "dumb"}, True, False),
        ((), {"NO_COLOR": "1"}, True, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True, False),
        (("--color", "always"), {"TERM": "dumb"}, False, True),
        ((), {"HELM_COLOR": "always"}, False, True),
        (("--colour", "never"), {"HELM_COLOR": "always"}, True, False),
        ((), {"HELM_COLOR": "sometimes"}, True, True),
    ],
)
def test_colors(home, monkeypatch, words, variables, terminal, colored):
    """The rules of Helm's root command and of fatih/color."""
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    assert Colors.of(call(*words)).on is colored
