"""Settings from flags, variables and kubeconfigs; `nav env` shows them."""

import pytest

KUBECONFIG = """
current-context: one
contexts:
- name: one
  context: {cluster: c, namespace: ns-one}
- name: two
  context: {cluster: c, namespace: ns-two}
- name: bare
  context: {cluster: c}
"""


def test_all_of_them(nav, home):
    assert nav("env").out == "".join(
        f'{line}"\n'
        for line in (
            'HELM_BIN="nav',
            'HELM_BURST_LIMIT="100',
            f'HELM_CACHE_HOME="{home}/.cache/helm',
            f'HELM_CONFIG_HOME="{home}/.config/helm',
            f'HELM_CONTENT_CACHE="{home}/.cache/helm/content',
            f'HELM_DATA_HOME="{home}/.local/share/helm',
            'HELM_DEBUG="false',
            'HELM_KUBEAPISERVER="',
            'HELM_KUBEASGROUPS="',
            'HELM_KUBEASUSER="',
            'HELM_KUBECAFILE="',
            'HELM_KUBECONTEXT="',
            'HELM_KUBEINSECURE_SKIP_TLS_VERIFY="false',
            'HELM_KUBETLS_SERVER_NAME="',
            'HELM_KUBETOKEN="',
            'HELM_MAX_HISTORY="10',
            'HELM_NAMESPACE="default',
            f'HELM_PLUGINS="{home}/.local/share/helm/plugins',
            'HELM_QPS="0.00',
            f'HELM_REGISTRY_CONFIG="{home}/.config/helm/registry/config.json',
            f'HELM_REPOSITORY_CACHE="{home}/.cache/helm/repository',
            f'HELM_REPOSITORY_CONFIG="{home}/.config/helm/repositories.yaml',
        )
    )


@pytest.mark.parametrize(
    ("variables", "words", "name", "value"),
    [
        ({}, "", "FOO", ""),
        ({}, "", "KUBECONFIG", ""),
        ({"KUBECONFIG": "/x"}, "", "KUBECONFIG", ""),
        ({}, "--kubeconfig /x", "KUBECONFIG", "/x"),
        ({}, "-n foo", "HELM_NAMESPACE", "foo"),
        ({"HELM_NAMESPACE": "bar"}, "", "HELM_NAMESPACE", "bar"),
        ({"HELM_NAMESPACE": "bar"}, "-n foo", "HELM_NAMESPACE", "foo"),
        ({}, "--qps 1.256", "HELM_QPS", "1.26"),
        ({"HELM_QPS": "1e10"}, "", "HELM_QPS", "10000000000.00"),
        ({"HELM_QPS": "x"}, "", "HELM_QPS", "0.00"),
        ({"HELM_BURST_LIMIT": "+7"}, "", "HELM_BURST_LIMIT", "7"),
        ({"HELM_BURST_LIMIT": "x"}, "", "HELM_BURST_LIMIT", "100"),
        ({"HELM_KUBEASGROUPS": ", a,b ,"}, "", "HELM_KUBEASGROUPS", "a,b"),
        ({}, "--kube-as-group a --kube-as-group b", "HELM_KUBEASGROUPS", "a,b,a,b"),
        ({"HELM_DEBUG": "1"}, "", "HELM_DEBUG", "true"),
        ({"HELM_DEBUG": "yes"}, "", "HELM_DEBUG", "false"),
        ({"HELM_DEBUG": "1"}, "--debug=false", "HELM_DEBUG", "false"),
        ({"HELM_CACHE_HOME": "/a/b/"}, "", "HELM_CACHE_HOME", "/a/b"),
        ({"HELM_CACHE_HOME": "/a/b/"}, "", "HELM_REPOSITORY_CACHE", "/a/b/repository"),
        ({"XDG_CACHE_HOME": "/x/y"}, "", "HELM_CACHE_HOME", "/x/y/helm"),
        ({"HELM_CONFIG_HOME": "rel/./x"}, "", "HELM_REPOSITORY_CONFIG", "rel/x/repositories.yaml"),
        ({"HELM_PLUGINS": ""}, "", "HELM_PLUGINS", ""),
    ],
)
def test_where_a_setting_comes_from(nav, monkeypatch, variables, words, name, value):
    for variable, text in variables.items():
        monkeypatch.setenv(variable, text)
    assert nav("env", *words.split(), name).out == f"{value}\n"


@pytest.mark.parametrize(
    ("files", "words", "namespace"),
    [
        ("a", "", "ns-one"),
        ("nope:a", "", "ns-one"),
        ("bad:a", "", "default"),
        ("a", "--kube-context two", "ns-two"),
        ("a", "--kube-context nope", "default"),
        ("a", "--kube-context bare", "default"),
        ("b:a", "", "ns-b"),
        ("", "--kubeconfig a", "ns-one"),
        ("a", "--kubeconfig nope", "default"),
        ("a", "-n x", "x"),
    ],
)
def test_namespace_of_the_context(nav, write, monkeypatch, files, words, namespace):
    other = "current-context: two\ncontexts:\n- name: two\n  context: {namespace: ns-b}\n"
    write({"a": KUBECONFIG, "b": other, "bad": "{"})
    monkeypatch.setenv("KUBECONFIG", files)
    assert nav("env", "HELM_NAMESPACE", *words.split()).out == f"{namespace}\n"


def test_the_usual_kubeconfig(nav, write):
    write({".kube/config": KUBECONFIG})
    assert nav("env", "HELM_NAMESPACE").out == "ns-one\n"


def test_colours_are_one_of_three(nav):
    line = 'level=WARN msg="command failed" error="invalid color mode \\"bad\\": must be one of: never, auto, always"\n'
    assert nav("version", "--color", "bad") == (1, "", line)
    assert nav("version", "--short", "--colour=never").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("dependency update --color=bad --nope", 1),
        ("nope --color bad", 1),
        ("show chart --nope x --color bad", 1),
        ("version --colour=never --color bad", 1),
        ("version --color bad --colour=never", 0),
        ("version --help --color bad", 0),
    ],
)
def test_colours_are_looked_at_before_all_else(nav, words, code):
    told = 'level=WARN msg="command failed" error="invalid color mode \\"bad\\": must be one of: never, auto, always"\n'
    done = nav(*words.split())
    assert (done.code, done.err) == (code, told if code else "")


def test_drivers_have_to_exist(nav, monkeypatch):
    monkeypatch.setenv("HELM_DRIVER", "foo")
    assert nav("version") == (1, "", 'level=INFO msg="unknown driver \\"foo\\""\n')
    assert nav("version", "--help").code == 0


def test_help_shows_what_the_environment_makes_of_defaults(nav, monkeypatch):
    monkeypatch.setenv("HELM_DEBUG", "true")
    monkeypatch.setenv("HELM_NAMESPACE", "x")
    monkeypatch.setenv("HELM_QPS", "3.5")
    monkeypatch.setenv("HELM_KUBEASGROUPS", "a,b")
    text = nav("version", "--help").out
    for shown in ("(default true)", '(default "x")', "(default 3.5)", "(default [a,b])"):
        assert shown in text


def test_the_keyring_is_the_one_that_exists(nav, write, home):
    assert f'(default "{home}/.gnupg/pubring.gpg")' in nav("verify", "-h").out
    write({".gnupg/pubring.kbx": ""})
    assert f'(default "{home}/.gnupg/pubring.kbx")' in nav("verify", "-h").out
