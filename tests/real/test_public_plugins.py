"""Plugins that others wrote, used as they are: through the real Helm and through nav.

`tools/public-plugins` puts them into $ORACLE/plugins; what isn't there is skipped.
"""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import NamedTuple

import pytest

from support.oracle import HELM, real_helm

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
ORACLE = Path(os.environ.get("ORACLE") or os.path.expanduser("~/.cache/navarch-oracle"))
PARTS = {
    "unittest": ("unittest",),
    "diff": ("diff",),
    "secrets": tuple(f"secrets/plugins/helm-secrets-{part}" for part in ("cli", "getter", "post-renderer")),
}

pytestmark = [pytest.mark.real, real_helm()]

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.2.3\n",
    "values.yaml": "color: red\npassword: none\n",
    "templates/map.yaml": """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-colors
data:
  color: {{ .Values.color }}
  password: {{ .Values.password | b64enc }}
""",
    "tests/map_test.yaml": """suite: colors
templates: [map.yaml]
tests:
  - it: has the color
    set: {color: WANTED}
    asserts:
      - equal: {path: data.color, value: blue}
      - matchRegex: {path: metadata.name, pattern: ^RELEASE-NAME-}
      - isKind: {of: ConfigMap}
  - it: is one document
    asserts:
      - hasDocuments: {count: 1}
""",
}


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Place:
    """A chart, a file of secrets, and a folder with a plugin, for both programs."""

    def __init__(self, folder: Path, plugin: str) -> None:
        self.folder = folder
        plugins = folder / "plugins"
        plugins.mkdir()
        for part in PARTS[plugin]:
            (plugins / Path(part).name).symlink_to(ORACLE / "plugins" / part)
        self.write("blue")
        (folder / "secret.yaml").write_text("password: open sesame\n")

    def write(self, color: str) -> None:
        for name, text in CHART.items():
            path = self.folder / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("WANTED", color))

    def run(self, program: str, *words: str, **variables: str) -> Ran:
        home = self.folder / os.path.basename(program)
        home.mkdir(exist_ok=True)
        environment = {"PATH": f"{os.path.dirname(NAV)}:/usr/bin:/bin", "HOME": str(home), "TZ": "UTC"}
        environment |= {"HELM_PLUGINS": str(self.folder / "plugins"), "HELM_SECRETS_BACKEND": "noop", **variables}
        done = subprocess.run(
            [program, *words],
            cwd=self.folder,
            env=environment,
            input="",
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Ran(done.returncode, *(self._cleaned(text) for text in (done.stdout, done.stderr)))

    def _cleaned(self, text: str) -> str:
        """A text without how long it took, and which of the two programs it is about."""
        text = re.sub(r"(?m)^(Time: +)[0-9.]+[µm]?s$", r"\1SOON", text)
        return re.sub(r"\bnav\b", "helm", text.replace(str(self.folder), "HERE"))

    def both(self, *words: str, **variables: str) -> Ran:
        """What both say. Asserts that it is the same."""
        theirs, ours = (self.run(program, *words, **variables) for program in (HELM, NAV))
        assert ours == theirs
        return ours


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    plugin = request.param
    if not (ORACLE / "plugins" / plugin).is_dir():
        pytest.skip(f"{plugin} is not installed (tools/public-plugins does it)")
    return Place(tmp_path, plugin)


def using(plugin: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("place", [plugin], indirect=True)


@using("unittest")
def test_unit_tests_of_a_chart(place: Place) -> None:
    assert "unittest" in place.both("plugin", "list").out
    place.both("unittest", "--help")
    passed = place.both("unittest", "shop")
    assert passed.code == 0
    assert "Tests:       2 passed, 2 total" in passed.out
    place.write("green")
    failed = place.both("unittest", "shop", "-o", "report.xml", "-t", "JUnit")
    assert failed.code == 1
    assert "Tests:       1 failed, 1 passed, 2 total" in failed.out
    place.both("unittest", "nowhere")


@using("secrets")
def test_secrets_on_the_command_line(place: Place) -> None:
    assert place.both("secrets", "decrypt", "secret.yaml").out == "password: open sesame\n"
    rendered = place.both("secrets", "template", "x", "shop", "-f", "secret.yaml")
    assert "password: b3BlbiBzZXNhbWU=" in rendered.out
    assert place.both("secrets", "lint", "shop", "-f", "secret.yaml").code == 0
    for words in (["--help"], ["--version"], ["nonsense"], ["decrypt", "nothing.yaml"]):
        place.both("secrets", *words)
    for words in (["secr"], ["secrets", ""], ["secrets", "dec"]):
        place.both("__complete", *words)


@using("secrets")
def test_secrets_as_values(place: Place) -> None:
    rendered = place.both("template", "x", "shop", "-f", "secrets://secret.yaml")
    assert "password: b3BlbiBzZXNhbWU=" in rendered.out
    as_text = place.both("template", "x", "shop", "--set-file", "password=secrets://secret.yaml")
    assert "password: cGFzc3dvcmQ6IG9wZW4gc2VzYW1lCg==" in as_text.out
    place.both("lint", "shop", "-f", "secrets://secret.yaml")
    theirs, ours = (
        place.run(program, "template", "x", "shop", "-f", "secrets://nothing.yaml") for program in (HELM, NAV)
    )
    assert (theirs.code, ours.code, theirs.out, ours.out) == (1, 1, "", "")
    ending = 'failed to invoke: plugin "secrets-getter" exited with error\n'  # before it, Helm prints a Go struct
    assert theirs.err.endswith(ending)
    assert ours.err.endswith(ending)


@using("secrets")
def test_secrets_after_rendering(place: Place) -> None:
    words = ("template", "x", "shop", "--post-renderer", "secrets-post-renderer")
    refused = place.both(*words)
    assert refused.code == 1
    assert "post-renderer" in refused.err


@using("diff")
def test_what_a_diff_says_without_a_cluster(place: Place) -> None:
    for words in (["version"], ["upgrade", "--help"], ["nonsense"], ["upgrade", "x"]):
        place.both("diff", *words, KUBECONFIG="/nonexistent")


@using("diff")
def test_what_an_upgrade_would_change(place: Place, kubeconfig: str) -> None:
    def both(*words: str) -> Ran:
        return place.both(*words, KUBECONFIG=kubeconfig, HELM_NAMESPACE="default")

    name = f"diffed-{os.getpid()}"
    new = both("diff", "upgrade", name, "shop", "--allow-unreleased", "--no-color")
    assert "+   color: red" in new.out
    assert place.run(NAV, "install", name, "shop", KUBECONFIG=kubeconfig).code == 0
    try:
        assert both("diff", "upgrade", name, "shop").out == ""
        changed = both("diff", "upgrade", name, "shop", "--set", "color=blue", "--detailed-exitcode", "--no-color")
        assert changed.code == 2
        assert "-   color: red\n+   color: blue\n" in changed.out
        assert place.run(NAV, "upgrade", name, "shop", "--set", "color=blue", KUBECONFIG=kubeconfig).code == 0
        back = both("diff", "rollback", name, "1", "--no-color")
        assert "-   color: blue\n+   color: red\n" in back.out
        both("diff", "revision", name, "1", "2", "--no-color")
        both("diff", "release", name, "nothing")
    finally:
        place.run(NAV, "uninstall", name, KUBECONFIG=kubeconfig)
